import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Consumes, MessageOutcomes, type MessageOf, type Transaction } from '#libs/messaging';
import { paymentsOpened } from '../metrics.js';
import { insertPayments, LockedPayment, lockPayments, startAttempts, updatePayments, type NewAttempt } from '../payment/payments.js';

type Message = MessageOf<'payment.open-payment'>;

/** An order was placed: open its one payment. It ended: void what is open, and remember the end of what is not. */
@Injectable()
export class OpenPaymentConsumer {
  constructor(private readonly outcomes: MessageOutcomes) {}

  @Consumes('payment.open-payment')
  async openPayments(messages: readonly Message[], tx: Transaction): Promise<void> {
    const orderIds = [...new Set(messages.map((message) => message.data.orderId))];
    const known = await lockPayments(tx.manager, 'order_id', orderIds);
    const payments = new Map(known.map((payment) => [payment.orderId, payment]));
    const added: LockedPayment[] = [];
    const attempts: NewAttempt[] = [];

    for (const message of messages) {
      const { orderId, customer, total } = message.data;
      const found = payments.get(orderId);
      const payment = found ?? LockedPayment.open(orderId, customer, total);
      if (!found) {
        payments.set(orderId, payment);
        added.push(payment);
      }

      switch (message.type) {
        case 'order.cancelled.v1':
        case 'order.expired.v1':
          if (payment.orderEnded) this.outcomes.tooLate('payment.open-payment', message, tx);
          else payment.apply('order_ended');
          break;
        case 'order.placed.v1': {
          if (found) {
            // A repeat, or the end of this order has overtaken its beginning.
            this.outcomes.tooLate('payment.open-payment', message, tx);
            break;
          }
          tx.afterCommit(() => paymentsOpened.inc());
          const { paymentMethod } = message.data;
          if (paymentMethod === undefined) break;
          payment.apply('attempted');
          attempts.push({ id: uuidv7(), payment, paymentMethod, causedBy: message });
        }
      }
    }

    await insertPayments(tx.manager, added);
    await updatePayments(tx.manager, known);
    await startAttempts(tx, attempts);
  }
}
