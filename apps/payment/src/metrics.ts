import { Counter, Gauge, Histogram } from 'prom-client';
import { inSpan } from '#libs/service';

/** `outcome`: what the provider answered, `not_found`, or `away` when it was not asked. */
const pspRequestSeconds = new Histogram({
  name: 'orderly_psp_request_seconds',
  help: 'How long the payment provider takes to answer',
  labelNames: ['operation', 'outcome'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
});

export const paymentsOpened = new Counter({ name: 'orderly_payments_opened_total', help: 'Payments opened, one for each order placed' });

export const paymentsInReview = new Counter({
  name: 'orderly_payments_in_review_total',
  help: 'Payments whose provider contradicted us. Each one needs a person, so alert on any increase',
});

/** `outcome`: applied, too_late, kept, ignored, duplicate, refused. */
export const pspWebhooks = new Counter({
  name: 'orderly_psp_webhooks_total',
  help: 'What became of events that the payment provider sent. Alert on refused: somebody else signs them, or the secret is wrong',
  labelNames: ['outcome'],
});

// From nothing to one is no increase to whoever computes rates.
pspWebhooks.inc({ outcome: 'refused' }, 0);

export const pspCircuitOpen = new Gauge({
  name: 'orderly_psp_circuit_open',
  help: '1 while the payment provider is left alone because it failed again and again',
});

export const unsettledSwept = new Counter({
  name: 'orderly_payments_swept_total',
  help: 'Attempts and refunds that the sweeper had looked for because nobody else did',
});

export const unsettledAttempts = new Gauge({
  name: 'orderly_payments_unsettled',
  help: 'Attempts and refunds whose outcome nobody knows yet; those that the provider says it is working on are not counted',
});

export const oldestUnsettledSeconds = new Gauge({
  name: 'orderly_payments_unsettled_oldest_seconds',
  help: 'Age of the oldest of those; 0 when there is none. Past some minutes, somebody should look',
});

/** Times a question to the provider by what it answered, and shows it in the trace. */
export async function timePspRequest<Answer extends { readonly outcome: string } | undefined>(
  operation: 'capture' | 'give_up' | 'look_up' | 'refund' | 'find_refund',
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const answered = pspRequestSeconds.startTimer({ operation });
  try {
    const answer = await inSpan({ name: `psp ${operation}`, kind: 'client' }, ask);
    answered({ outcome: answer?.outcome ?? 'not_found' });
    return answer;
  } catch (error) {
    answered({ outcome: 'away' });
    throw error;
  }
}
