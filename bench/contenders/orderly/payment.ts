/** The payment service as it is, with a provider that answers at once. */
import 'reflect-metadata';
import { httpSurface } from '#libs/http';
import { readConfig, requestTrace, startService } from '#libs/service';
import { paymentConfig } from '../../../apps/payment/src/config.js';
import { PaymentModule } from '../../../apps/payment/src/payment.module.js';
import { Psp } from '../../../apps/payment/src/psp/psp.js';
import { InstantPsp } from './instant-psp.js';

const config = readConfig('payment', paymentConfig);
const module = PaymentModule.with(config);

await startService({
  name: 'payment',
  config,
  // The later of two providers of one token counts.
  module: { ...module, providers: [...(module.providers ?? []), { provide: Psp, useClass: InstantPsp }] },
  http: httpSurface({
    title: 'Orderly: payments',
    description: 'With an instant provider.',
    trace: requestTrace,
    config,
  }),
});
