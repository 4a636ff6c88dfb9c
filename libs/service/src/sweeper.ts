import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

/**
 * A net under messages: looks again and again for what one that was lost has left behind, one round at a time. Several replicas may sweep
 * at once, if each takes rows that no other holds.
 */
export abstract class Sweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer?: NodeJS.Timeout;
  private sweeping: Promise<void> = Promise.resolve();
  /** A round that is on ends early. */
  protected stopped = false;

  /** @param intervalMs the pause between two rounds, on average */
  constructor(private readonly intervalMs: number) {}

  onApplicationBootstrap(): void {
    this.sweepLater();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /** One round. Never throws. */
  protected abstract sweepAndReport(): Promise<void>;

  /** Jittered, so that replicas which were started together do not sweep together. */
  private sweepLater(): void {
    if (this.stopped) return;
    const jitter = 0.75 + Math.random() / 2;
    this.timer = setTimeout(() => {
      this.sweeping = this.sweepAndReport().finally(() => this.sweepLater());
    }, this.intervalMs * jitter);
  }
}
