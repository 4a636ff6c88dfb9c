import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EventStream } from '#libs/http';
import { ORDER_CONFIG, type OrderConfig } from '../config.js';
import type { OrderHistory } from '../order/order.entity.js';
import { mayChange } from '../order/order-state.js';

interface Follower {
  readonly stream: EventStream;
  /** The sequence of the row that it was told last. */
  told: number;
  /** It follows no more. */
  readonly leave: () => void;
}

/**
 * Who is following which order on this replica. The rows of its history are what is told, so any replica can go on where another one
 * stopped, and all orders are looked at in one statement, however many follow them.
 */
@Injectable()
export class FollowedOrders implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(FollowedOrders.name);
  private readonly followers = new Map<string, Set<Follower>>();
  /** Orders that are to be looked at. */
  private due = new Set<string>();
  private looking?: Promise<void> | undefined;
  private timers: NodeJS.Timeout[] = [];
  private stopped = false;

  constructor(
    private readonly database: DataSource,
    @Inject(ORDER_CONFIG) private readonly config: Pick<OrderConfig, 'FOLLOWED_ORDERS_INTERVAL_MS' | 'LIVE_COMMENT_INTERVAL_MS'>,
  ) {}

  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => this.look(this.followers.keys()), this.config.FOLLOWED_ORDERS_INTERVAL_MS).unref(),
      // Keeps proxies from closing a quiet stream, and finds clients that have gone without a word.
      setInterval(() => this.streams().forEach((stream) => stream.write(': \n\n')), this.config.LIVE_COMMENT_INTERVAL_MS).unref(),
    ];
  }

  /** Tells a stream every change of an order after the given one, from now on until the order can change no more. */
  follow(orderId: string, told: number, stream: EventStream): void {
    if (this.stopped) return stream.close();
    const followers = this.followers.get(orderId) ?? new Set();
    const leave = () => {
      followers.delete(follower);
      if (followers.size === 0 && this.followers.get(orderId) === followers) this.followers.delete(orderId);
    };
    const follower: Follower = { stream, told, leave };
    this.followers.set(orderId, followers.add(follower));
    stream.onClose(leave);
    this.look([orderId]);
  }

  /** Before the HTTP server closes: it would wait for the streams. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    for (const stream of this.streams()) stream.close();
    await this.looking;
  }

  /** One look at a time: a slow database gets one statement from us, and what became due meanwhile with the next one. */
  private look(orderIds: Iterable<string>): void {
    for (const orderId of orderIds) this.due.add(orderId);
    if (this.due.size > 0) this.looking ??= this.lookAtAll().finally(() => (this.looking = undefined));
  }

  private async lookAtAll(): Promise<void> {
    while (this.due.size > 0 && !this.stopped) {
      const orderIds = [...this.due].filter((orderId) => this.followers.has(orderId));
      this.due = new Set();
      try {
        if (orderIds.length > 0) for (const row of await this.newRows(orderIds)) this.tell(row);
      } catch (error) {
        // They are followed still, and so looked at again.
        this.logger.warn(`could not look at ${orderIds.length} followed orders: ${String(error)}`);
      }
    }
  }

  private newRows(orderIds: readonly string[]): Promise<OrderHistory[]> {
    const toldToAll = orderIds.map((orderId) => Math.min(...[...this.followers.get(orderId)!].map(({ told }) => told)));
    return this.database.query<OrderHistory[]>(
      `SELECT h.order_id AS "orderId", h.sequence, h.from_status AS "from", h.to_status AS "to", h.cause, h.at
       FROM unnest($1::uuid[], $2::integer[]) AS followed (order_id, told)
       JOIN order_history h ON h.order_id = followed.order_id AND h.sequence > followed.told
       ORDER BY h.order_id, h.sequence`,
      [orderIds, toldToAll],
    );
  }

  private tell({ orderId, sequence, from, to, cause, at }: OrderHistory): void {
    const block = `event: ${to}\nid: ${sequence}\ndata: ${JSON.stringify({ orderId, sequence, from, to, cause, at: at.toISOString() })}\n\n`;
    for (const follower of this.followers.get(orderId) ?? []) {
      if (sequence <= follower.told) continue;
      follower.told = sequence;
      follower.stream.write(block);
      if (mayChange(to)) continue;
      follower.stream.end();
      follower.leave();
    }
  }

  private streams(): EventStream[] {
    return [...this.followers.values()].flatMap((followers) => [...followers].map(({ stream }) => stream));
  }
}
