import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';

const pauseMs = 200;

/** Does the same work again and again, with a short pause in between that can be ended early. One round at a time. */
export class Rounds {
  private stopping = false;
  private running: Promise<void> | undefined;
  private pause = new AbortController();

  constructor(
    private readonly round: () => Promise<void>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running = this.loop();
  }

  /** There is something to do: the next round begins now, or right after the one that is on. */
  wake(): void {
    this.pause.abort();
  }

  /** Comes back when the round that is on has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.stopping) {
      this.pause = new AbortController();
      try {
        await this.round();
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1) this.logger.warn(`a round has failed: ${(error as Error).message}`);
      }
      if (!this.stopping) await sleep(pauseMs, undefined, { signal: this.pause.signal }).catch(() => {});
    }
  }
}
