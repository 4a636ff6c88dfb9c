import { createHash } from 'node:crypto';
import type { AnswerName, RefundAnswerName, Scenario, WebhookName } from './scenarios.js';

type Weights<Name extends string> = Readonly<Partial<Record<Name, number>>>;

/** What is drawn instead of the ordinary, how often, and from which seed. */
export interface Mix {
  readonly seed: number;
  /** The answers to `pm_card_visa`. */
  readonly mix?: Weights<Exclude<AnswerName, 'held'>>;
  /** The webhooks about every payment with one of Stripe's own test payment methods. */
  readonly webhooks?: Weights<WebhookName>;
  /** The answers to refunds. */
  readonly refunds?: Weights<RefundAnswerName>;
}

/** Draws how a payment goes. It follows from the seed and its place in its sequence alone: 1 for the first of this payment method. */
export function drawScenario(ordinary: Scenario, method: string, place: number, { seed, mix, webhooks }: Mix): Scenario {
  const answer = method === 'pm_card_visa' && mix ? pick(mix, chance(seed, `${method}/answer`, place)) : ordinary.answer;
  const declineCode = answer === 'decline' ? (ordinary.declineCode ?? 'generic_decline') : undefined;
  return {
    ...ordinary,
    answer,
    webhooks: webhooks ? pick(webhooks, chance(seed, `${method}/webhooks`, place)) : ordinary.webhooks,
    ...(declineCode && { declineCode }),
  };
}

/** Draws how a refund is answered. */
export function drawRefund(ordinary: RefundAnswerName, place: number, { seed, refunds }: Mix): RefundAnswerName {
  return refunds ? pick(refunds, chance(seed, 'refunds', place)) : ordinary;
}

/** A number from 0 to below 1, the same for the same seed, sequence and place, wherever one begins. */
function chance(seed: number, sequence: string, place: number): number {
  return createHash('sha256').update(`${seed}/${sequence}/${place}`).digest().readUInt32BE() / 2 ** 32;
}

/** Picks a name by weight. The order in which the names are written down makes no difference. */
function pick<Name extends string>(weights: Weights<Name>, at: number): Name {
  const entries = (Object.entries(weights) as [Name, number][]).filter(([, weight]) => weight > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  let left = at * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  throw new Error('there is nothing to pick from');
}
