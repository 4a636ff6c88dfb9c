import { v7 as uuidv7 } from 'uuid';
import { OrderCancelled, OrderExpired, OrderPaid, OrderRefunded, RefundPayment, type Envelope } from '#libs/contracts';
import type { Transaction } from '#libs/messaging';
import { ordersChanged, settlementTime } from '../metrics.js';
import { orderColumns, type Order } from './order.entity.js';
import { decide, type Cause, type Said, type Transition } from './order-state.js';

/** Orders by id, held until the transaction ends. Always in the order of their ids, so that two transactions cannot hold each other up. */
export async function lockOrders(ids: readonly string[], tx: Transaction): Promise<Map<string, Order>> {
  const orders = await tx.manager.query<Order[]>(`SELECT ${orderColumns} FROM orders WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`, [
    ids,
  ]);
  return new Map(orders.map((order) => [order.id, order]));
}

/** What happens to locked orders in one transaction: decided one by one, said to the others, and saved together in one statement. */
export class OrderMoves {
  private readonly history: { orderId: string; sequence: number; transition: Transition }[] = [];

  constructor(private readonly tx: Transaction) {}

  /**
   * Takes an order through what happened to it; the next decision about it starts from there.
   * @throws IllegalTransition when that may not happen to it, and then it is as it was
   */
  make(order: Order, cause: Cause, causedBy?: Envelope): Transition {
    const transition = decide(order.status, cause);
    if (transition.to !== transition.from) {
      order.status = transition.to;
      order.version += 1;
      this.history.push({ orderId: order.id, sequence: order.version, transition });
    }
    for (const said of transition.says) this.say(said, order, transition, causedBy);
    return transition;
  }

  private say(said: Said, order: Order, transition: Transition, causedBy?: Envelope): void {
    const about = {
      orderId: order.id,
      customer: { id: order.customerId, email: order.email },
      total: { amountMinor: order.totalMinor, currency: order.currency },
    };
    const options = { subject: order.id, sequence: order.version, ...(causedBy && { causedBy }) };
    switch (said) {
      case 'order.paid.v1':
        this.tx.publish(OrderPaid, about, options);
        this.tx.afterCommit(() => settlementTime.observe(Math.max(0, Date.now() - order.placedAt.getTime()) / 1000));
        break;
      case 'order.cancelled.v1':
        this.tx.publish(OrderCancelled, { ...about, cancelledFrom: transition.from === 'paid' ? 'paid' : 'awaiting_payment' }, options);
        break;
      case 'order.expired.v1':
        this.tx.publish(OrderExpired, about, options);
        break;
      case 'order.refunded.v1':
        this.tx.publish(OrderRefunded, about, options);
        break;
      case 'payment.refund.v1':
        // Late money is one refund however often it is asked for: it bears the id of the message that brought the money.
        this.tx.publish(
          RefundPayment,
          {
            orderId: order.id,
            refundId: causedBy?.id ?? uuidv7(),
            reason: transition.to === 'refunding' ? 'order_cancelled' : 'late_payment',
          },
          options,
        );
    }
    this.tx.afterCommit(() => ordersChanged[said].inc());
  }

  /** Writes every move and its row of history, with the transaction's COMMIT. */
  save(): void {
    if (this.history.length === 0) return;
    const saved = this.tx.manager.query(
      `WITH moves AS (
         SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[]) AS m (order_id, sequence, from_status, to_status, cause)
       ), history AS (
         INSERT INTO order_history (order_id, sequence, from_status, to_status, cause, at)
         SELECT order_id, sequence, from_status, to_status, cause, date_trunc('milliseconds', clock_timestamp()) FROM moves
       ), newest AS (
         SELECT DISTINCT ON (order_id) order_id, sequence, to_status FROM moves ORDER BY order_id, sequence DESC
       )
       UPDATE orders SET status = newest.to_status, version = newest.sequence FROM newest WHERE orders.id = newest.order_id`,
      [
        this.history.map(({ orderId }) => orderId),
        this.history.map(({ sequence }) => sequence),
        this.history.map(({ transition }) => transition.from),
        this.history.map(({ transition }) => transition.to),
        this.history.map(({ transition }) => transition.cause),
      ],
    );
    this.tx.withCommit(saved);
  }
}
