import { Injectable } from '@nestjs/common';
import { Consumes, MessageOutcomes, PermanentFailure, type MessageOf, type Transaction } from '#libs/messaging';
import { lockOrders, OrderMoves } from '../order/move-orders.js';
import type { Order } from '../order/order.entity.js';
import { IllegalTransition } from '../order/order-state.js';

type PaymentOutcome = MessageOf<'order.settle-order'>;

/** Payment outcomes decide the orders. Money that comes after an order has ended is sent back in the same transaction. */
@Injectable()
export class SettleOrderConsumer {
  constructor(private readonly outcomes: MessageOutcomes) {}

  @Consumes('order.settle-order')
  async settleOrders(messages: readonly PaymentOutcome[], tx: Transaction): Promise<void> {
    const orders = await lockOrders(
      messages.map(({ data }) => data.orderId),
      tx,
    );
    const moves = new OrderMoves(tx);
    for (const message of messages) {
      const order = orders.get(message.data.orderId);
      // Not a permanent failure: after a restore of one database, the order may still be on its way.
      if (!order) throw new Error(`there is no order ${message.data.orderId} to settle`);
      // The order stays what it is until all of its money is back.
      if (message.type === 'payment.refunded.v1' && (message.data.left?.amountMinor ?? 0) > 0) continue;
      refuseAnotherAmount(order, message);
      refuseToOvertake(order, message);
      try {
        moves.make(order, message.type, message);
      } catch (error) {
        if (!(error instanceof IllegalTransition)) throw error;
        this.outcomes.tooLate('order.settle-order', message, tx);
      }
    }
    moves.save();
  }
}

/** A refund that comes before its capture, which is being retried, waits for it: nothing else could tell that the order is refunded. */
function refuseToOvertake(order: Order, { type }: PaymentOutcome): void {
  if (type === 'payment.refunded.v1' && order.status === 'awaiting_payment')
    throw new Error(`the refund of order ${order.id} is ahead of its capture`);
}

/** Only full payment makes an order paid. Money for an order that has ended goes back, however much it is. */
function refuseAnotherAmount(order: Order, { type, data: { amount, paymentId } }: PaymentOutcome): void {
  if (type !== 'payment.captured.v1' || order.status !== 'awaiting_payment') return;
  if (amount.amountMinor === order.totalMinor && amount.currency === order.currency) return;
  throw new PermanentFailure(
    `payment ${paymentId} captured ${amount.amountMinor} ${amount.currency} (minor units), but order ${order.id} costs ${order.totalMinor} ${order.currency}`,
  );
}
