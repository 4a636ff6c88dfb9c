import 'reflect-metadata';
import { Callers, httpSurface } from '#libs/http';
import { queryServer } from '#libs/messaging';
import { readConfig, requestTrace, startService } from '#libs/service';
import { orderConfig } from './config.js';
import { OrderModule } from './order.module.js';

const config = readConfig(orderConfig);

await startService({
  name: 'order',
  config,
  module: OrderModule.with(config),
  http: httpSurface({
    title: 'Orderly: orders',
    description: 'Products, and placing, browsing and cancelling orders.',
    trace: requestTrace,
    callers: new Callers(config),
  }),
  queries: queryServer,
});
