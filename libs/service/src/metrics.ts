import { Counter } from 'prom-client';

/** `peer`: postgres (attempts at start), rabbitmq. */
export const connectFailures = new Counter({
  name: 'orderly_connect_failures_total',
  help: 'Failed attempts to connect',
  labelNames: ['peer'],
});
