import { Consumer, type ConsumerSettings } from './consumer.js';
import type { BatchHandler } from './message-handler.js';
import { beginHandling, handleTogether, type Taken } from './message-spans.js';

/**
 * Handles a batch in one transaction: inbox, handler, outbox, commit, and then acknowledges it. If anything throws, the transaction rolls
 * back and each message is tried alone, so that a poison message hurts only itself.
 */
export class BatchConsumer extends Consumer {
  constructor(
    settings: ConsumerSettings,
    private readonly handler: BatchHandler,
  ) {
    super(settings);
  }

  protected override async handle(batch: readonly Taken[]): Promise<void> {
    const last = batch[batch.length - 1]!;
    if (batch.length > 1) {
      try {
        await handleTogether(this.settings.queue, batch, () => this.commit(batch));
        // Everything before the last was taken earlier, and each of those is acknowledged already or part of this batch.
        this.subscription.acknowledge(last.delivery, true);
        return;
      } catch {
        // Which one it was, and what to do about it, shows when they are tried alone.
      }
    }
    for (const one of batch) {
      if (this.stopping || !this.subscription.isCurrent(one.delivery)) return;
      const taken = beginHandling(one, this.settings.queue);
      await this.settle(taken, async () => {
        await this.commit([taken]);
        this.subscription.acknowledge(taken.delivery);
        taken.span?.end();
      });
    }
  }

  private commit(batch: readonly Taken[]): Promise<void> {
    return this.commitNew(batch, (fresh, tx) =>
      this.handler(
        fresh.map(({ message }) => message),
        tx,
      ),
    );
  }
}
