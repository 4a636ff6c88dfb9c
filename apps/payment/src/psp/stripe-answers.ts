import { Stripe } from 'stripe';
import { z } from 'zod';
import type { CaptureAnswer, RefundAnswer } from './psp.js';

const Reference = z.string().regex(/^\w{1,255}$/);

// Ours are short words. Anything else is not repeated, because it may hold what somebody typed.
const Code = z
  .string()
  .regex(/^(?!.*\d{6})[a-z0-9_]{1,64}$/)
  .optional()
  .catch(undefined);

const Metadata = z.object({ attempt_id: z.string().max(500).optional(), refund_id: z.string().max(500).optional() }).nullish();
const Currency = z
  .string()
  .regex(/^[a-z]{3}$/)
  .transform((code) => code.toUpperCase());

/** What we read of a payment intent. https://docs.stripe.com/api/payment_intents/object */
const Intent = z.object({
  id: Reference,
  object: z.literal('payment_intent'),
  status: z.string(),
  amount_received: z.int().min(0),
  currency: Currency,
  metadata: Metadata,
  last_payment_error: z.object({ code: Code, decline_code: Code }).nullish(),
});

/** What we read of a refund. https://docs.stripe.com/api/refunds/object */
const Refund = z.object({
  id: Reference,
  object: z.literal('refund'),
  status: z.string().nullable(),
  amount: z.int().min(0),
  currency: Currency,
  payment_intent: Reference.nullish(),
  metadata: Metadata,
  failure_reason: Code,
});

const unreadable = { outcome: 'unknown', why: 'unreadable answer' } as const;

/** Our id of the attempt or refund that an object of the provider is about. */
export function ourIdOf(object: unknown, member: 'attempt_id' | 'refund_id'): string | undefined {
  const { data } = z.object({ metadata: Metadata }).safeParse(object);
  return data?.metadata?.[member];
}

/** The provider's name of an object. */
export function referenceOf(object: unknown): string | undefined {
  return z.object({ id: Reference }).safeParse(object).data?.id;
}

/**
 * What a payment intent says of its attempt. One that waits for something, and one in a state that is new to us, is `processing`: it may
 * still capture, until it is cancelled. https://docs.stripe.com/payments/paymentintents/lifecycle
 */
export function captureAnswerOf(intent: unknown): CaptureAnswer {
  const { data } = Intent.safeParse(intent);
  if (!data) return unreadable;
  const { id: reference, status, last_payment_error: failure } = data;
  const declineCode = failure && (failure.decline_code ?? failure.code ?? 'card_declined');
  if (status === 'succeeded') {
    const amount = { amountMinor: data.amount_received, currency: data.currency };
    return { outcome: 'captured', reference, amount, ourReference: data.metadata?.attempt_id };
  }
  if (status === 'canceled') return { outcome: 'declined', declineCode: declineCode ?? 'order_ended', reference };
  // Without a failure it was never confirmed.
  if (status === 'requires_payment_method' && declineCode) return { outcome: 'declined', declineCode, reference };
  return { outcome: 'processing', reference };
}

/** What a refund says of itself. https://docs.stripe.com/refunds#failed-refunds */
export function refundAnswerOf(refund: unknown): RefundAnswer {
  const { data } = Refund.safeParse(refund);
  if (!data) return unreadable;
  const { id: reference, status, payment_intent: captureReference } = data;
  if (status === 'failed' || status === 'canceled') return { outcome: 'refused', code: data.failure_reason ?? status };
  if (status !== 'succeeded') return { outcome: 'processing', reference };
  if (!captureReference) return unreadable;
  const amount = { amountMinor: data.amount, currency: data.currency };
  return { outcome: 'refunded', reference, amount, captureReference, ourReference: data.metadata?.refund_id };
}

/** What is left of a question that was not answered by an object. `why` holds types, codes and statuses, never a text of the provider's. */
export type Fault =
  /** It was certainly not asked, or it turns everybody away. */
  | { readonly kind: 'away'; readonly why: string; readonly ailing: boolean; readonly retryAfterMs?: number }
  /** It may have done what it was asked. */
  | { readonly kind: 'unknown'; readonly why: string; readonly ailing: boolean }
  | { readonly kind: 'declined'; readonly code: string; readonly reference: string | undefined }
  /** It says that the question is wrong. */
  | { readonly kind: 'refused'; readonly code: string; readonly param: string | undefined }
  /** The idempotency key was used for another question. */
  | { readonly kind: 'key-reused' };

const { errors } = Stripe;

/**
 * What an error of the SDK says of the question. `ailing` is what speaks against the provider's health, rather than against us or one
 * payment. https://docs.stripe.com/api/errors
 */
export function faultOf(error: InstanceType<typeof errors.StripeError>): Fault {
  if (error instanceof errors.StripeConnectionError) return faultOfConnection(error.detail);
  const code = Code.parse(error.code);
  const why = [error.statusCode, Code.parse(error.rawType), code].filter((part) => part !== undefined).join(' ');
  if (error instanceof errors.StripeRateLimitError) {
    return { kind: 'away', why, ailing: false, retryAfterMs: retryAfterMs(error.headers?.['retry-after']) };
  }
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError) {
    return { kind: 'away', why, ailing: false };
  }
  if (error instanceof errors.StripeIdempotencyError) return { kind: 'key-reused' };
  if (error instanceof errors.StripeCardError && error.rawType !== 'api_error') {
    return {
      kind: 'declined',
      code: Code.parse(error.decline_code) ?? code ?? 'card_declined',
      reference: referenceOf(error.payment_intent),
    };
  }
  // A 404 without a code is about the URL: it is our configuration, and says nothing of the payment.
  if (error.rawType === 'invalid_request_error' && (error.statusCode === 400 || (error.statusCode === 404 && code))) {
    return { kind: 'refused', code: code ?? 'invalid_request', param: Code.parse(error.param) };
  }
  // 409 is the first question with this key, still under way.
  return { kind: 'unknown', why: why || 'unreadable answer', ailing: error.statusCode !== 409 };
}

// A consumer stands still for as long, so a header that is nonsense must not stop it for a day.
const longestRetryAfterMs = 60_000;

/** Stripe says it in seconds; a second where it says nothing. */
function retryAfterMs(header: string | undefined): number {
  return Math.min((/^\d{1,9}$/.test(header ?? '') ? Number(header) : 1) * 1000, longestRetryAfterMs);
}

interface ConnectionFailure {
  readonly code?: string;
  readonly syscall?: string;
  readonly cause?: ConnectionFailure;
  /** One for each address that was tried. */
  readonly errors?: readonly ConnectionFailure[];
}

// Nothing is sent before these have succeeded. By the call, since EHOSTUNREACH and ETIMEDOUT end established connections too.
const beforeSending = new Set(['connect', 'getaddrinfo']);

/** By what `fetch` failed. Only what failed before the question went out is certain. */
function faultOfConnection(detail: unknown): Fault {
  const outer = (detail ?? {}) as ConnectionFailure;
  const failure = outer.cause ?? outer;
  const why = failure.code ?? 'connection lost';
  const notSent = [failure, ...(failure.errors ?? [])].some(({ syscall }) => beforeSending.has(syscall ?? ''));
  if (notSent || why === 'UND_ERR_CONNECT_TIMEOUT') return { kind: 'away', why, ailing: true };
  return { kind: 'unknown', why: why === 'ETIMEDOUT' ? 'timeout' : why, ailing: true };
}
