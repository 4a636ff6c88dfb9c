import { Stripe } from 'stripe';
import { z } from 'zod';
import type { CaptureAnswer, RefundAnswer } from './psp.js';
import { captureAnswerOf, ourIdOf, refundAnswerOf } from './stripe-answers.js';

/** What the provider says of an attempt or a refund, unasked. */
export type PspNews =
  | { readonly about: 'attempt'; readonly attemptId: string; readonly answer: CaptureAnswer }
  | { readonly about: 'refund'; readonly refundId: string; readonly answer: RefundAnswer };

/** An event of the provider, whose signature was right. */
export interface PspEvent {
  readonly id: string;
  readonly type: string;
  readonly createdAt: Date;
  /** Undefined: it is about nothing of ours. */
  readonly news: PspNews | undefined;
}

// Also from the future: a signature made for next year would be good until then. https://docs.stripe.com/webhooks#replay-attacks
const toleranceSeconds = 300;

const latestSecond = 253_402_300_799;

const Event = z.object({
  id: z.string().regex(/^[\x21-\x7e]{1,255}$/),
  object: z.literal('event'),
  type: z.string().regex(/^[\x21-\x7e]{1,255}$/),
  created: z.int().min(0).max(latestSecond),
  data: z.object({ object: z.looseObject({}) }),
});

const Id = z.uuid();

// charge.refunded is left out: refund.* says the same of each refund alone.
const aboutAttempts = new Set(['processing', 'succeeded', 'payment_failed', 'canceled'].map((what) => `payment_intent.${what}`));
const aboutRefunds = new Set(['created', 'updated', 'failed'].map((what) => `refund.${what}`));

/**
 * Reads what was posted to our webhook. Undefined, whatever is wrong with it: the signature, its age, or the form.
 * @param secrets any one of which may have signed it
 */
export function readEvent(
  rawBody: Buffer,
  signatureHeader: string | undefined,
  secrets: readonly string[],
  now: Date,
): PspEvent | undefined {
  if (!isSigned(rawBody, signatureHeader, secrets, now)) return undefined;
  const { data: event } = Event.safeParse(parse(rawBody));
  if (!event) return undefined;
  const { id, type, created, data } = event;
  const news = newsOf(type, data.object);
  if (news?.answer.outcome === 'unknown') return undefined;
  return { id, type, createdAt: new Date(created * 1000), news };
}

/** https://docs.stripe.com/webhooks/signature */
function isSigned(rawBody: Buffer, header: string | undefined, secrets: readonly string[], now: Date): boolean {
  // The SDK reads a time as far as it is a number, takes the last of several, and bounds it on one side.
  const times = header?.split(',').filter((part) => part.startsWith('t=')) ?? [];
  const [, seconds] = /^t=(\d{1,12})$/.exec(times.length === 1 ? times[0]! : '') ?? [];
  if (header === undefined || seconds === undefined) return false;
  if (Number(seconds) - Math.floor(now.getTime() / 1000) > toleranceSeconds) return false;
  return secrets.some((secret) => {
    try {
      return Stripe.webhooks.signature!.verifyHeader(rawBody, header, secret, toleranceSeconds, undefined, now.getTime());
    } catch {
      return false;
    }
  });
}

function parse(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString());
  } catch {
    return undefined;
  }
}

function newsOf(type: string, object: object): PspNews | undefined {
  if (aboutAttempts.has(type)) {
    const { data: attemptId } = Id.safeParse(ourIdOf(object, 'attempt_id'));
    return attemptId === undefined ? undefined : { about: 'attempt', attemptId, answer: captureAnswerOf(object) };
  }
  if (aboutRefunds.has(type)) {
    const { data: refundId } = Id.safeParse(ourIdOf(object, 'refund_id'));
    return refundId === undefined ? undefined : { about: 'refund', refundId, answer: refundAnswerOf(object) };
  }
  return undefined;
}
