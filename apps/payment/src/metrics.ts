import { Counter, Histogram } from 'prom-client';

/** `outcome`: captured, declined, refunded, or failed when no answer came. */
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

/** Times a question to the provider by what it answered. */
export async function timePspRequest<Answer extends { readonly outcome: string }>(
  operation: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const answered = pspRequestSeconds.startTimer({ operation });
  try {
    const answer = await ask();
    answered({ outcome: answer.outcome });
    return answer;
  } catch (error) {
    answered({ outcome: 'failed' });
    throw error;
  }
}
