import { Counter } from 'prom-client';

/** `peer`: postgres (attempts at start), rabbitmq. */
export const connectFailures = new Counter({
  name: 'orderly_connect_failures_total',
  help: 'Failed attempts to connect',
  labelNames: ['peer'],
});

export const spansLost = new Counter({
  name: 'orderly_spans_lost_total',
  help: 'Spans that whoever collects them did not take',
});
