import { Injectable } from '@nestjs/common';
import { ExpireOrder } from '#libs/contracts';
import { Consumes, MessageOutcomes, type MessageOf, type Transaction } from '#libs/messaging';
import { OrderMoves } from '../order/move-orders.js';
import { orderColumns, type Order } from '../order/order.entity.js';

/** Deadlines arrive. The message is a hint: the row decides, by the database's clock. */
@Injectable()
export class ExpireOrderConsumer {
  constructor(private readonly outcomes: MessageOutcomes) {}

  @Consumes('order.expire-order')
  async expireOrders(messages: readonly MessageOf<'order.expire-order'>[], tx: Transaction): Promise<void> {
    const awaiting = await this.lockAwaitingPayment(
      messages.map(({ data }) => data.orderId),
      tx,
    );
    const moves = new OrderMoves(tx);
    for (const message of messages) {
      const order = awaiting.get(message.data.orderId);
      if (!order) {
        this.outcomes.tooLate('order.expire-order', message, tx);
        continue;
      }
      awaiting.delete(order.id);
      if (order.deadlineIsPast) moves.make(order, 'deadline', message);
      else tx.publish(ExpireOrder, { orderId: order.id }, { subject: order.id, due: order.paymentDeadline, causedBy: message });
    }
    moves.save();
  }

  /** Leaves alone the orders that were paid or cancelled in time, which are nearly all: they are neither locked nor rewritten. */
  private async lockAwaitingPayment(ids: readonly string[], tx: Transaction): Promise<Map<string, Order & { deadlineIsPast: boolean }>> {
    const orders = await tx.manager.query<(Order & { deadlineIsPast: boolean })[]>(
      `SELECT ${orderColumns}, payment_deadline <= clock_timestamp() AS "deadlineIsPast"
       FROM orders WHERE id = ANY($1::uuid[]) AND status = 'awaiting_payment' ORDER BY id FOR UPDATE`,
      [ids],
    );
    return new Map(orders.map((order) => [order.id, order]));
  }
}
