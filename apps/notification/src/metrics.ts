import { Counter, Gauge, Histogram } from 'prom-client';

/** What came of handing over one mail: `failed` is final, `error` is tried again. */
export type SendOutcome = 'sent' | 'failed' | 'error';

export const toldSeconds = new Histogram({
  name: 'orderly_told_seconds',
  help: 'From an event to its customer having been told of it',
  labelNames: ['channel'] as const,
  buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800],
});

export const mails = new Counter({
  name: 'orderly_mails_total',
  help: 'Attempts to hand a mail to the mail server',
  labelNames: ['outcome'] as const,
});

export const smtpSeconds = new Histogram({
  name: 'orderly_smtp_seconds',
  help: 'How long handing over one mail took, waiting for a free connection included',
  labelNames: ['outcome'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25],
});

/** What came of one try of a webhook: `failed` is final, `retried` is tried again, `postponed` found its endpoint busy. */
export type TryOutcome = 'delivered' | 'retried' | 'failed' | 'postponed';

export const webhookTries = new Counter({
  name: 'orderly_webhook_tries_total',
  help: 'Tries of webhooks by what came of them: delivered, retried, failed (the last one), postponed (the endpoint was busy)',
  labelNames: ['outcome'] as const,
});

export const webhookSeconds = new Histogram({
  name: 'orderly_webhook_seconds',
  help: 'How long one try of a webhook took, from the resolution of the name to the answer',
  labelNames: ['answer'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
});

export const webhookDeliveriesWaiting = new Gauge({
  name: 'orderly_webhook_deliveries_waiting',
  help: 'Deliveries of webhooks that wait for a try',
});

export const webhookEndpointsDisabled = new Gauge({
  name: 'orderly_webhook_endpoints_disabled',
  help: 'Endpoints that were given up. Each one needs a person',
});

export const webhookTriesLost = new Counter({
  name: 'orderly_webhook_tries_lost_total',
  help: 'Tries whose message did not come in time and was sent anew',
});
