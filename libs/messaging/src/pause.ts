import type { Logger } from '@nestjs/common';
import { consumersPaused } from './metrics.js';
import type { Delivery, Subscription } from './subscription.js';

/** Longer than a database takes to restart, far shorter than the broker's acknowledgement timeout. */
export const defaultPauseGraceMs = 10_000;

interface PauseSettings {
  readonly queue: string;
  readonly subscription: Subscription;
  /** How long what is held is kept, in ms. */
  readonly graceMs: number;
  readonly logger: Logger;
  /** Given what is held, just before it goes back. */
  readonly beforeGivingBack: (held: readonly Delivery[]) => Promise<void>;
  readonly onOver: () => void;
}

interface CurrentPause {
  readonly probe: Delivery;
  readonly since: number;
  reason: string;
  readonly over: Promise<void>;
  readonly end: () => void;
}

/**
 * While something that a queue depends on is away, its consumer is cancelled by its tag, and one message looks again and again whether it
 * is back. The others wait for that one.
 *
 * A pause that is shorter than the grace costs nothing more. In a longer one all that is held goes back to the queue, once: what a consumer
 * holds longer than the acknowledgement timeout is taken from it, each time with another return counted, until the broker gives it up. So
 * nothing is held while an outage lasts, however long. The one that looks does so from memory; should it succeed, the inbox knows
 * the same message when it is delivered again.
 *
 * @see https://www.rabbitmq.com/docs/consumers#acknowledgement-timeout
 */
export class Pause {
  private current: CurrentPause | undefined;

  constructor(private readonly settings: PauseSettings) {}

  get active(): boolean {
    return this.current !== undefined;
  }

  /** Resolves when nothing is waited for any more. */
  get over(): Promise<void> {
    return this.current?.over ?? Promise.resolve();
  }

  /** What is waited for and since when, in words. */
  get complaint(): string | undefined {
    if (!this.current) return undefined;
    const { reason, since } = this.current;
    return `${this.settings.queue} waits: ${reason} (for ${Math.round((Date.now() - since) / 1000)} s)`;
  }

  /** Whether this is the one that looks. */
  isFor(delivery: Delivery): boolean {
    return this.current?.probe === delivery;
  }

  /** Begins, unless there is a pause already. False when another message looks for everybody. */
  begin(probe: Delivery, reason: string, cause?: unknown): boolean {
    if (this.current) {
      if (this.isFor(probe)) this.current.reason = reason;
      return this.isFor(probe);
    }
    const { queue, subscription, graceMs, logger, beforeGivingBack } = this.settings;
    logger.warn(`${queue} waits: ${reason}${cause instanceof Error && cause.message !== reason ? ` (${cause.message})` : ''}`);
    consumersPaused.set({ queue }, 1);
    subscription.pause('dependency');
    const giveBack = setTimeout(() => void subscription.giveBack(beforeGivingBack), graceMs).unref();
    let resolve = (): void => {};
    const over = new Promise<void>((done) => (resolve = done));
    this.current = {
      probe,
      reason,
      since: Date.now(),
      over,
      end: () => {
        clearTimeout(giveBack);
        resolve();
      },
    };
    return true;
  }

  /** Ends, and messages are delivered again; with a delivery only if that was the one that looked. */
  end(probe?: Delivery): void {
    const { current } = this;
    if (!current || (probe && current.probe !== probe)) return;
    const { queue, subscription, logger, onOver } = this.settings;
    this.current = undefined;
    current.end();
    consumersPaused.set({ queue }, 0);
    logger.log(`${queue} goes on after ${Math.round((Date.now() - current.since) / 1000)} s`);
    subscription.resume('dependency');
    onOver();
  }
}
