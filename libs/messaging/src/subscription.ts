import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Logger } from '@nestjs/common';
import type { Connection } from './connection.js';
import { backoffMs } from './backoff.js';

/** A message as it came, and the channel it came by: it can be acknowledged there and nowhere else. */
export interface Delivery {
  readonly message: ConsumeMessage;
  readonly channel: Channel;
}

interface SubscriptionSettings {
  readonly connection: Connection;
  /** What it is called in logs: for a work queue, the queue. */
  readonly name: string;
  /** Unacknowledged messages held at once; 0 takes them without acknowledgement, at most once. */
  readonly prefetch: number;
  readonly logger: Logger;
  /** Runs on each new channel and answers which queue to consume. `again` when that has just failed: the queue may be gone. */
  readonly prepare: (channel: Channel, again: boolean) => Promise<string>;
  readonly onDelivery: (delivery: Delivery) => void;
  /** Deliveries of the channel that ended will be delivered again: forget the ones not begun. */
  readonly onLost: () => void;
}

/**
 * One consumer that is always there. It comes back on a new channel after a lost connection, a channel error, and a cancellation by the
 * broker (queue deleted, failover, acknowledgement timeout), which AMQP tells with a null message and which clients like to overlook.
 *
 * @see https://www.rabbitmq.com/docs/consumer-cancel
 */
export class Subscription {
  private channel: Channel | undefined;
  private queue = '';
  private consumerTag: string | undefined;
  /** Not acknowledged yet, by delivery tag, oldest first. */
  private readonly held = new Map<number, Delivery>();
  private stopped = false;
  private readonly pausedBy = new Set<string>();
  private prefetch: number;
  private prefetchChanges = 0;
  private failures = 0;
  private opening = false;
  /** It was to be opened while it was being opened: what that comes to may be out of date. */
  private openAgain = false;
  private openTimer: NodeJS.Timeout | undefined;
  private onFirstConsuming: (() => void) | undefined;

  constructor(private readonly settings: SubscriptionSettings) {
    this.prefetch = settings.prefetch;
  }

  /** Resolves when messages are delivered for the first time. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.onFirstConsuming = resolve;
      this.settings.connection.onConnect(() => void this.open());
    });
  }

  get name(): string {
    return this.settings.name;
  }

  /** Whether messages are being delivered. */
  get alive(): boolean {
    return this.consumerTag !== undefined;
  }

  /** Acknowledges one delivery, or with `allUpTo` also everything before it. On another channel than it came by, nothing happens: it comes again. */
  acknowledge({ message, channel }: Delivery, allUpTo = false): void {
    if (channel !== this.channel) return;
    this.forget(message.fields.deliveryTag, allUpTo);
    try {
      channel.ack(message, allUpTo);
    } catch {
      // The channel is closing under us; the message comes again and the inbox knows it.
    }
  }

  isCurrent(delivery: Delivery): boolean {
    return delivery.channel === this.channel;
  }

  /** No more deliveries until whoever paused it resumes it. What is held stays ours for as long as its channel lasts. */
  pause(by: string): void {
    this.pausedBy.add(by);
    const { channel, consumerTag } = this;
    this.consumerTag = undefined;
    if (channel && consumerTag) channel.cancel(consumerTag).catch(() => {});
  }

  resume(by: string): void {
    this.pausedBy.delete(by);
    void this.open();
  }

  /** The broker looks at it when a consumer begins, so this one ends and begins anew: on its channel, with what it holds. */
  changePrefetch(prefetch: number): void {
    if (prefetch === this.prefetch) return;
    this.prefetch = prefetch;
    this.prefetchChanges += 1;
    this.channel?.prefetch(prefetch).catch(() => {});
    this.pause('prefetch');
    this.resume('prefetch');
  }

  /**
   * Ends the channel: what is held goes back to the queue, where others can take it, and counts as returned once more. None of it is ours
   * from the moment of the call; only `first` may still acknowledge some of it, on the channel that it came by.
   */
  async giveBack(first: (held: readonly Delivery[]) => Promise<void>): Promise<void> {
    const { channel } = this;
    const held = [...this.held.values()];
    this.left();
    await first(held);
    await channel?.close().catch(() => {});
  }

  /** No more deliveries from here on. */
  async cancel(): Promise<void> {
    this.stopped = true;
    const { channel, consumerTag } = this;
    this.consumerTag = undefined;
    if (channel && consumerTag) await channel.cancel(consumerTag).catch(() => {});
  }

  /** From here on it stays away. The channel ends with its connection, and what was not acknowledged on it is delivered again. */
  end(): void {
    this.stopped = true;
    this.channel = undefined;
    this.consumerTag = undefined;
  }

  private async open(): Promise<void> {
    const { connection, name, logger } = this.settings;
    const { prefetch, prefetchChanges } = this;
    const model = connection.model;
    if (this.opening) this.openAgain = true;
    if (!model || this.stopped || this.pausedBy.size > 0 || this.opening || this.consumerTag) return;
    this.opening = true;
    let channel: Channel | undefined;
    try {
      // After a short pause it is still there, with what is held on it.
      channel = this.channel ?? (await this.openChannel(model, (opened) => (channel = opened)));
      if (!this.isWanted(channel)) return;
      const { consumerTag } = await channel.consume(this.queue, this.takerOf(channel), { noAck: prefetch === 0 });
      if (!this.isWanted(channel) || prefetchChanges !== this.prefetchChanges) return void channel.cancel(consumerTag).catch(() => {});
      this.consumerTag = consumerTag;
      this.onFirstConsuming?.();
      if (this.failures > 0) logger.log(`consuming ${name} again`);
      this.failures = 0;
    } catch (error) {
      if (!this.stopped && connection.model === model) logger.warn(`cannot consume ${name}: ${(error as Error).message}`);
      channel?.close().catch(() => {});
      if (channel && this.channel === channel) this.left();
      this.openLater();
    } finally {
      this.opening = false;
      if (this.openAgain) {
        this.openAgain = false;
        void this.open();
      }
    }
  }

  /** Whether a consumer may be on it, after a wait in which anything may have happened. */
  private isWanted(channel: Channel): boolean {
    return channel === this.channel && !this.stopped && this.pausedBy.size === 0;
  }

  /** @param onOpened told before anything can go wrong with it */
  private async openChannel(model: ChannelModel, onOpened: (channel: Channel) => void): Promise<Channel> {
    const { name, logger, prepare } = this.settings;
    const channel = await model.createChannel();
    onOpened(channel);
    // Without a listener amqplib lets a channel error take the whole connection down.
    channel.on('error', (error: Error) => logger.warn(`the broker closed the channel of ${name}: ${error.message}`));
    channel.on('close', () => this.lost(channel));
    this.channel = channel;
    // The first try goes without: to declare everything takes long on a broker that has just come back, and hardly ever is anything gone.
    this.queue = await prepare(channel, this.failures > 1);
    if (this.prefetch > 0) await channel.prefetch(this.prefetch);
    return channel;
  }

  private takerOf(channel: Channel): (message: ConsumeMessage | null) => void {
    const { name, prefetch, logger, onDelivery } = this.settings;
    return (message) => {
      // It goes back with its channel.
      if (channel !== this.channel) return;
      if (message) {
        const delivery = { message, channel };
        if (prefetch > 0) this.held.set(message.fields.deliveryTag, delivery);
        onDelivery(delivery);
      } else {
        logger.warn(`the broker cancelled the consumer of ${name}`);
        channel.close().catch(() => {});
        this.lost(channel);
      }
    };
  }

  private forget(deliveryTag: number, allUpTo: boolean): void {
    if (!allUpTo) return void this.held.delete(deliveryTag);
    for (const tag of this.held.keys()) {
      if (tag > deliveryTag) return;
      this.held.delete(tag);
    }
  }

  private lost(channel: Channel): void {
    if (this.channel !== channel) return;
    this.left();
    this.openLater();
  }

  private left(): void {
    this.channel = undefined;
    this.consumerTag = undefined;
    this.held.clear();
    this.settings.onLost();
  }

  private openLater(): void {
    if (this.stopped || this.openTimer) return;
    this.failures += 1;
    this.openTimer = setTimeout(
      () => {
        this.openTimer = undefined;
        void this.open();
      },
      backoffMs(this.failures, 100, 10_000),
    ).unref();
  }
}
