import { randomUUID } from 'node:crypto';
import type { Logger } from '@nestjs/common';
import type { MessageType, Topology } from '#libs/contracts';
import type { Connection } from './connection.js';
import { readDelivery } from './delivery.js';
import type { Incoming } from './message-handler.js';
import { Subscription } from './subscription.js';

/**
 * What is said from now on, once for every replica and at most once: from an exclusive queue that goes with its connection. For live
 * streams, where missing one is better than waiting for one.
 */
export class LiveFeed {
  private readonly subscriptions: Subscription[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly topology: Topology,
    /** Distinguishes the queues of replicas, for example `notification.live.host-1`. */
    private readonly queuePrefix: string,
    private readonly logger: Logger,
  ) {}

  /** @param onListening called whenever from then on nothing is missed: what was said before may have been */
  subscribe<Type extends MessageType>(type: Type, onMessage: (message: Incoming<Type>) => void, onListening?: () => void): void {
    const takes = new Map<string, MessageType>([[type.name, type]]);
    const name = `${this.queuePrefix}.${type.name}`;
    const subscription = new Subscription({
      connection: this.connection,
      name,
      prefetch: 0,
      logger: this.logger,
      prepare: async (channel) => {
        // A new name each time: the broker may still hold the last one for a connection that it has not missed yet.
        const queue = `${name}.${randomUUID().slice(0, 8)}`;
        await channel.assertQueue(queue, { exclusive: true, autoDelete: true, durable: false, maxLength: 10_000 });
        await channel.bindQueue(queue, this.topology.exchanges[type.kind].name, type.name);
        onListening?.();
        return queue;
      },
      onDelivery: ({ message }) => {
        try {
          onMessage(readDelivery(message, takes) as Incoming<Type>);
        } catch (error) {
          this.logger.debug(`${name}: dropped a message: ${(error as Error).message}`);
        }
      },
      onLost: () => {},
    });
    this.subscriptions.push(subscription);
    void subscription.start();
  }

  complaints(): string[] {
    return this.subscriptions.filter(({ alive }) => !alive).map(({ name }) => `${name} has no consumer`);
  }

  end(): void {
    for (const subscription of this.subscriptions) subscription.end();
  }
}
