import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { behaviours, type RefundAnswerName } from '../scenarios/scenarios.js';
import { invalidRequest, resourceMissing } from '../wire/stripe-error.js';
import { chargeOf, lockPaymentIntent, unixSeconds, type PaymentIntent } from './payment-intents.js';

/** A row of `refunds`. */
export interface Refund {
  readonly id: string;
  readonly payment_intent: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: Date;
  readonly decides_at: Date | null;
}

export interface NewRefund {
  readonly paymentIntent: string;
  /** All that is left when it is left out. */
  readonly amountMinor: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Books a refund. The intent stays locked until the commit, so that of two refunds at once the second counts the first.
 * @throws StripeError when there is not that much left
 */
export async function bookRefund(
  books: EntityManager,
  { paymentIntent, amountMinor, metadata }: NewRefund,
  answer: RefundAnswerName,
  processingMs: number,
): Promise<{ refund: Refund; intent: PaymentIntent }> {
  const intent = await lockPaymentIntent(books, paymentIntent, resourceMissing('payment_intent', 'payment_intent', 400));
  if (intent.status !== 'succeeded') {
    throw invalidRequest('This PaymentIntent does not have a successful charge to refund.', { code: 'payment_intent_unexpected_state' });
  }
  const left = intent.amount_received_minor - (await refundedSoFar(books, intent.id));
  if (left <= 0) throw invalidRequest(`Charge ${chargeOf(intent.id)} has already been refunded.`, { code: 'charge_already_refunded' });
  const amount = amountMinor ?? left;
  if (amount > left)
    throw invalidRequest(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, { param: 'amount' });
  const status = behaviours[answer].becomes === 'processing' ? 'pending' : 'succeeded';
  const [refund]: Refund[] = await books.query(
    `INSERT INTO refunds (id, payment_intent, amount_minor, currency, status, metadata, decides_at)
     VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $5 = 'pending' THEN now() + $7 * interval '1 millisecond' END)
     RETURNING *`,
    [`re_${randomUUID().replaceAll('-', '')}`, intent.id, amount, intent.currency, status, metadata, processingMs],
  );
  return { refund: refund!, intent };
}

async function refundedSoFar(books: EntityManager, intentId: string): Promise<number> {
  const [row]: { total: number }[] = await books.query(
    `SELECT coalesce(sum(amount_minor), 0)::bigint AS total FROM refunds WHERE payment_intent = $1 AND status <> 'failed'`,
    [intentId],
  );
  return row!.total;
}

/** The object of Stripe's API. https://docs.stripe.com/api/refunds/object */
export function refundView(refund: Refund): object {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount_minor,
    charge: chargeOf(refund.payment_intent),
    created: unixSeconds(refund.created_at),
    currency: refund.currency,
    metadata: refund.metadata,
    payment_intent: refund.payment_intent,
    reason: null,
    status: refund.status,
  };
}
