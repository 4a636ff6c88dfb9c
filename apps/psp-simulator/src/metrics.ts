import { Counter } from 'prom-client';

/** `failed` is tried again. */
export const sentWebhooks = new Counter({
  name: 'orderly_simulator_webhooks_total',
  help: 'Attempts to deliver a webhook',
  labelNames: ['outcome'] as const,
});

export const simulatedAnswers = new Counter({
  name: 'orderly_simulator_answers_total',
  help: 'Questions that were answered by a scenario, by its word',
  labelNames: ['answer'] as const,
});
