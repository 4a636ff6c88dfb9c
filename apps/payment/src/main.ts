import 'reflect-metadata';
import { httpSurface } from '#libs/http';
import { activityOf, queryServer } from '#libs/messaging';
import { readConfig, requestTrace, startService } from '#libs/service';
import { paymentConfig } from './config.js';
import { PaymentModule } from './payment.module.js';

const config = readConfig('payment', paymentConfig);

await startService({
  name: 'payment',
  config,
  module: PaymentModule.with(config),
  http: httpSurface({
    title: 'Orderly: payments',
    description: 'Paying an order, and what became of its payment.',
    trace: requestTrace,
    activity: activityOf,
    config,
    addressAt: { 'POST /webhooks/psp': { perSecond: config.WEBHOOK_RATE_PER_SECOND, burst: config.WEBHOOK_RATE_BURST } },
  }),
  queries: queryServer,
});
