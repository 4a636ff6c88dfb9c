import 'reflect-metadata';
import { httpSurface } from '#libs/http';
import { activityOf, queryServer } from '#libs/messaging';
import { readConfig, requestTrace, startService } from '#libs/service';
import { orderConfig } from './config.js';
import { OrderModule } from './order.module.js';

const config = readConfig('order', orderConfig);

await startService({
  name: 'order',
  config,
  module: OrderModule.with(config),
  http: httpSurface({
    title: 'Orderly: orders',
    description: 'Products, and placing, browsing and cancelling orders.',
    trace: requestTrace,
    activity: activityOf,
    config,
    callerAt: { 'POST /orders': { perSecond: config.PLACE_ORDER_RATE_PER_SECOND, burst: config.PLACE_ORDER_RATE_BURST } },
  }),
  queries: queryServer,
});
