import type { WebhookName } from '../scenarios/scenarios.js';
import type { Signing } from './signature.js';

/** How the deliveries of one event are made. */
export interface DeliveryPlan {
  readonly copies: 0 | 1 | 2;
  readonly signing: Signing;
  /** `late`: after WEBHOOK_LATE_MS. `held`: when the control endpoint says so. */
  readonly when: 'now' | 'late' | 'held';
}

const now: DeliveryPlan = { copies: 1, signing: 'genuine', when: 'now' };

/** `webhookFirst` and `webhookOutOfOrder` are about the order of things: each delivery of theirs is an ordinary one. */
export const deliveryPlans: Readonly<Record<WebhookName | 'held', DeliveryPlan>> = {
  once: now,
  webhookTwice: { ...now, copies: 2 },
  webhookFirst: now,
  webhookLate: { ...now, when: 'late' },
  webhookOutOfOrder: now,
  webhookNever: { ...now, copies: 0 },
  webhookForged: { ...now, signing: 'forged' },
  webhookStale: { ...now, signing: 'stale' },
  held: { ...now, when: 'held' },
};

/**
 * The pause before the next try of a webhook, in milliseconds: twice as long after each, with a part left to chance, so that webhooks which
 * failed together do not come back together.
 * @param tries how many there were
 * @param random from 0 to below 1
 */
export function pauseMs(tries: number, firstMs: number, longestMs: number, random: number): number {
  return Math.min(firstMs * 2 ** (tries - 1), longestMs) * (0.75 + random / 2);
}
