/** What becomes of a question. What is not said is as it should be: the money is taken, and the answer says so at once. */
export interface Behaviour {
  /** What the first question of an idempotency key meets, before anything is done. */
  readonly firstTime?: 'hangs' | 'tooMany';
  /** Takes its time, and does what it does at the end of it. */
  readonly slow?: true;
  readonly becomes: 'succeeded' | 'declined' | 'processing';
  /** What becomes of the answer, once the books are written. `fails`: it is a 500. `held`: it waits for the control endpoint. */
  readonly answer?: 'hangs' | 'fails' | 'held';
  /** What everything that is said of it names too little, in minor units. The books are right. */
  readonly understatedBy?: number;
}

export const behaviours = {
  approve: { becomes: 'succeeded' },
  decline: { becomes: 'declined' },
  slow: { slow: true, becomes: 'succeeded' },
  processing: { becomes: 'processing' },
  hangCaptured: { becomes: 'succeeded', answer: 'hangs' },
  hangNotCaptured: { firstTime: 'hangs', becomes: 'succeeded' },
  failCaptured: { becomes: 'succeeded', answer: 'fails' },
  rateLimited: { firstTime: 'tooMany', becomes: 'succeeded' },
  wrongAmount: { becomes: 'succeeded', understatedBy: 1 },
  held: { becomes: 'succeeded', answer: 'held' },
} as const satisfies Record<string, Behaviour>;

export type AnswerName = keyof typeof behaviours;
export const answerNames = Object.keys(behaviours) as readonly AnswerName[];

/** How an event reaches the receiver. */
export const webhookNames = [
  'once',
  'webhookTwice',
  /** Delivered and acknowledged before the response goes out. */
  'webhookFirst',
  'webhookLate',
  /** An earlier event, `processing`, is delivered after the last one. */
  'webhookOutOfOrder',
  'webhookNever',
  /** Signed with another secret; the genuine one is never sent. */
  'webhookForged',
  /** Signed ten minutes ago; a fresh one is never sent. */
  'webhookStale',
] as const;
export type WebhookName = (typeof webhookNames)[number];

/** How one payment goes, to its end. */
export interface Scenario {
  readonly answer: AnswerName;
  readonly webhooks: WebhookName;
  readonly declineCode?: string;
  /** How a refund of it is answered. */
  readonly refunds?: RefundAnswerName;
}

/** The ways that a refund can go: it is neither declined, nor held, nor understated. */
export const refundAnswerNames = [
  'approve',
  'slow',
  'processing',
  'hangCaptured',
  'hangNotCaptured',
  'failCaptured',
  'rateLimited',
] as const;
export type RefundAnswerName = (typeof refundAnswerNames)[number];

/** Stripe's own test payment methods (https://docs.stripe.com/testing), and two of ours for what takes time. */
export const fixedScenarios: Readonly<Record<string, Scenario>> = {
  pm_card_visa: { answer: 'approve', webhooks: 'once' },
  pm_card_chargeDeclined: { answer: 'decline', webhooks: 'once', declineCode: 'generic_decline' },
  pm_card_chargeDeclinedInsufficientFunds: { answer: 'decline', webhooks: 'once', declineCode: 'insufficient_funds' },
  pm_card_chargeDeclinedExpiredCard: { answer: 'decline', webhooks: 'once', declineCode: 'expired_card' },
  pm_card_pendingRefund: { answer: 'approve', webhooks: 'once', refunds: 'processing' },
  pm_card_slow: { answer: 'slow', webhooks: 'once' },
  pm_card_processing: { answer: 'processing', webhooks: 'once' },
};

/**
 * Reads a payment method's token: a fixed one, or `pm_sim_<answer>[_<webhook>]`. Undefined: there is no such payment method. What is held
 * has its webhook held too, so it takes no second word.
 */
export function scenarioOf(token: string): Scenario | undefined {
  if (Object.hasOwn(fixedScenarios, token)) return fixedScenarios[token];
  const [, answer, webhooks = 'once'] = /^pm_sim_([A-Za-z]+)(?:_([A-Za-z]+))?$/.exec(token) ?? [];
  if (!isOneOf(answerNames, answer) || !isOneOf(webhookNames, webhooks)) return undefined;
  if (answer === 'held' && webhooks !== 'once') return undefined;
  return { answer, webhooks, ...(answer === 'decline' && { declineCode: 'generic_decline' }) };
}

function isOneOf<Name extends string>(names: readonly Name[], word: string | undefined): word is Name {
  return names.includes(word as Name);
}
