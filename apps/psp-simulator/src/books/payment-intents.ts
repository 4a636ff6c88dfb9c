import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import {
  behaviours,
  type AnswerName,
  type Behaviour,
  type RefundAnswerName,
  type Scenario,
  type WebhookName,
} from '../scenarios/scenarios.js';
import { resourceMissing } from '../wire/stripe-error.js';

/** A row of `payment_intents`. */
export interface PaymentIntent {
  readonly id: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly status: 'requires_confirmation' | 'requires_payment_method' | 'processing' | 'succeeded' | 'canceled';
  readonly payment_method: string | null;
  readonly amount_received_minor: number;
  readonly decline_code: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: Date;
  readonly canceled_at: Date | null;
  readonly answer: AnswerName;
  readonly webhooks: WebhookName;
  readonly refunds: RefundAnswerName | null;
  readonly decides_at: Date | null;
}

export interface NewPaymentIntent {
  readonly amountMinor: number;
  readonly currency: string;
  readonly paymentMethod: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Books a payment intent as its scenario has it become; without a scenario it waits to be confirmed. */
export async function bookPaymentIntent(
  books: EntityManager,
  { amountMinor, currency, paymentMethod, metadata }: NewPaymentIntent,
  scenario: Scenario | undefined,
  processingMs: number,
): Promise<PaymentIntent> {
  const status = scenario ? statuses[behaviours[scenario.answer].becomes] : 'requires_confirmation';
  const [intent]: PaymentIntent[] = await books.query(
    `INSERT INTO payment_intents (id, amount_minor, currency, status, payment_method, amount_received_minor, decline_code, metadata,
                                  answer, webhooks, refunds, decides_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, CASE WHEN $4 = 'processing' THEN now() + $12 * interval '1 millisecond' END)
     RETURNING *`,
    [
      `pi_${randomUUID().replaceAll('-', '')}`,
      amountMinor,
      currency,
      status,
      // As with Stripe, a declined intent has no payment method any more; which one it was stands in the last error.
      paymentMethod ?? null,
      status === 'succeeded' ? amountMinor : 0,
      scenario?.declineCode ?? null,
      metadata,
      scenario?.answer ?? 'approve',
      scenario?.webhooks ?? 'once',
      scenario?.refunds ?? null,
      processingMs,
    ],
  );
  return intent!;
}

const statuses = { succeeded: 'succeeded', declined: 'requires_payment_method', processing: 'processing' } as const;

/** Finds a payment intent and keeps others from changing it. @throws StripeError */
export async function lockPaymentIntent(books: EntityManager, id: string, missing = resourceMissing('payment_intent', 'intent')) {
  const [intent]: PaymentIntent[] = await books.query('SELECT * FROM payment_intents WHERE id = $1 FOR UPDATE', [id]);
  if (!intent) throw missing;
  return intent;
}

/** The object of Stripe's API. https://docs.stripe.com/api/payment_intents/object */
export function paymentIntentView(intent: PaymentIntent): object {
  const { understatedBy = 0 }: Behaviour = behaviours[intent.answer];
  const declined = intent.status === 'requires_payment_method';
  return {
    id: intent.id,
    object: 'payment_intent',
    amount: intent.amount_minor,
    amount_capturable: 0,
    amount_received: Math.max(0, intent.amount_received_minor - understatedBy),
    canceled_at: intent.canceled_at && unixSeconds(intent.canceled_at),
    cancellation_reason: null,
    capture_method: 'automatic',
    confirmation_method: 'automatic',
    created: unixSeconds(intent.created_at),
    currency: intent.currency,
    customer: null,
    last_payment_error: declined ? declineError(intent) : null,
    latest_charge: declined || intent.amount_received_minor > 0 ? chargeOf(intent.id) : null,
    livemode: false,
    metadata: intent.metadata,
    next_action: null,
    payment_method: declined ? null : intent.payment_method,
    payment_method_types: ['card'],
    status: intent.status,
  };
}

/** Stripe's name of the money that was taken, which we keep under the intent's. */
export const chargeOf = (intentId: string): string => intentId.replace(/^pi_/, 'ch_');

/** Stripe names the reason twice: a few are error codes of their own. https://docs.stripe.com/declines/codes */
export function declineError({ id, decline_code: reason, payment_method: method }: PaymentIntent) {
  return {
    type: 'card_error',
    code: reason === 'expired_card' ? 'expired_card' : 'card_declined',
    decline_code: reason ?? 'generic_decline',
    message: reason === 'expired_card' ? 'Your card has expired.' : 'Your card was declined.',
    charge: chargeOf(id),
    payment_method: { id: method, object: 'payment_method', type: 'card' },
  } as const;
}

export const unixSeconds = (instant: Date): number => Math.floor(instant.getTime() / 1000);
