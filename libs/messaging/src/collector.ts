import { setTimeout as wait } from 'node:timers/promises';
import { RabbitHandler } from '@golevelup/nestjs-rabbitmq';
import type { Logger } from '@nestjs/common';
import type { Channel, ConsumeMessage } from 'amqplib';
import { topology } from '#libs/contracts';
import { backoffMs } from './backoff.js';
import type { Connection } from './connection.js';
import { keepInSpan } from './message-spans.js';
import type { Transaction, Transactions } from './outbox.js';
import { Subscription, type Delivery } from './subscription.js';

/** Keeps what is collected; what it does through `tx` is committed before it is taken off the broker. The same may come again. */
export type CollectionHandler<Item> = (items: readonly Item[], tx: Transaction) => Promise<void>;

/** What {@link CollectsDeadLetters}, {@link CollectsAuditTrail} and {@link CollectsActivity} leave on a method for the messaging module to find. */
export type Collection =
  | { readonly queue: (typeof topology)['deadLetters'] }
  | { readonly queue: (typeof topology)['auditTrail']['queue'] }
  | { readonly queue: (typeof topology)['activity']['queue'] };

/** Makes a method the keeper of all dead letters. One service does it. */
export function CollectsDeadLetters(): MethodDecorator {
  return RabbitHandler({ queue: topology.deadLetters, type: 'subscribe' }) as MethodDecorator;
}

/** Makes a method the keeper of everything that is said. One service does it. */
export function CollectsAuditTrail(): MethodDecorator {
  return RabbitHandler({ queue: topology.auditTrail.queue, type: 'subscribe' }) as MethodDecorator;
}

/** Makes a method the keeper of what callers do. One service does it. */
export function CollectsActivity(): MethodDecorator {
  return RabbitHandler({ queue: topology.activity.queue, type: 'subscribe' }) as MethodDecorator;
}

interface CollectorSettings<Item> {
  readonly queue: string;
  readonly connection: Connection;
  readonly transactions: Transactions;
  readonly logger: Logger;
  /** Sees to it that the queue is there. `again` when an earlier consumer was lost. */
  readonly prepare: (channel: Channel, again: boolean) => Promise<void>;
  /** Whether what is kept goes on with the traces of what is collected. An audit trail would double each of them. */
  readonly traced?: boolean;
  /** Never throws: there is nothing that may not lie there. */
  readonly read: (message: ConsumeMessage) => Item;
}

/** The most that one transaction keeps. */
const mostAtOnce = 100;

/**
 * Takes messages of any kind off a queue once they are kept. Nothing is parsed here; and there is nowhere to give a message up to, so one
 * that cannot be kept stays unacknowledged, behind the others, and is tried again for as long as it takes.
 */
export class Collector<Item> {
  private readonly subscription: Subscription;
  private waiting: Delivery[] = [];
  private working: Promise<void> | undefined;
  private stopping = false;
  private readonly stopSignal = new AbortController();
  private trouble: string | undefined;

  constructor(
    private readonly settings: CollectorSettings<Item>,
    private readonly handler: CollectionHandler<Item>,
  ) {
    const { queue, connection, logger, prepare } = settings;
    this.subscription = new Subscription({
      connection,
      name: queue,
      logger,
      prefetch: 2 * mostAtOnce,
      prepare: async (channel, again) => {
        await prepare(channel, again);
        return queue;
      },
      onDelivery: (delivery) => {
        this.waiting.push(delivery);
        this.work();
      },
      onLost: () => this.waiting.splice(0),
    });
  }

  /** Resolves when messages are delivered for the first time. */
  start(): Promise<void> {
    return this.subscription.start();
  }

  /** What is wrong, in words; nothing when all is well. */
  complaints(): string[] {
    const { name, alive } = this.subscription;
    return [...(alive ? [] : [`${name} has no consumer`]), ...(this.trouble === undefined ? [] : [`${name} waits: ${this.trouble}`])];
  }

  /** Takes nothing new and finishes what is in hand. */
  async drain(): Promise<void> {
    this.stopping = true;
    this.stopSignal.abort();
    this.waiting.splice(0);
    await this.subscription.cancel();
    await this.working;
  }

  end(): void {
    this.subscription.end();
  }

  private work(): void {
    if (this.stopping) return;
    this.working ??= this.workOff().finally(() => {
      this.working = undefined;
      if (this.waiting.length > 0) this.work();
    });
  }

  private async workOff(): Promise<void> {
    let failures = 0;
    while (this.waiting.length > 0 && !this.stopping) {
      const batch = this.waiting.splice(0, mostAtOnce);
      const error = await this.keep(batch);
      const failed = error === undefined ? [] : batch.length > 1 ? await this.keepEach(batch) : [{ delivery: batch[0]!, error }];
      if (failed.length > 0 && this.trouble === undefined)
        this.settings.logger.warn(`${this.subscription.name} waits: ${failed[0]!.error}`);
      this.trouble = failed[0]?.error;
      failures = failed.length < batch.length ? 0 : failures + 1;
      if (failed.length === 0) continue;
      this.waiting.push(...failed.map(({ delivery }) => delivery).filter((delivery) => this.subscription.isCurrent(delivery)));
      await wait(backoffMs(failures + 1, 200, 10_000), undefined, { signal: this.stopSignal.signal }).catch(() => {});
    }
  }

  /** @returns those that could not be kept even alone */
  private async keepEach(batch: readonly Delivery[]): Promise<{ delivery: Delivery; error: string }[]> {
    const failed: { delivery: Delivery; error: string }[] = [];
    for (const delivery of batch) {
      const error = await this.keep([delivery]);
      if (error !== undefined) failed.push({ delivery, error });
    }
    return failed;
  }

  /** @returns why not, when it could not */
  private async keep(batch: readonly Delivery[]): Promise<string | undefined> {
    const { queue, transactions, read, traced } = this.settings;
    try {
      const items = batch.map(({ message }) => read(message));
      const keep = () => transactions.run((tx) => this.handler(items, tx));
      await (traced ? keepInSpan(queue, batch, keep) : keep());
      for (const delivery of batch) this.subscription.acknowledge(delivery);
      return undefined;
    } catch (error) {
      return String(error);
    }
  }
}
