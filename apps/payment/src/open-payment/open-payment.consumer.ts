import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Consumes, MessageOutcomes, type MessageOf, type Transaction } from '#libs/messaging';
import { paymentsOpened } from '../metrics.js';
import { isLegal } from '../payment/payment-state.js';
import { insertPayments, LockedPayment, lockPayments, startAttempts, updatePayments, type NewAttempt } from '../payment/payments.js';

type Message = MessageOf<'payment.open-payment'>;

/** An order was placed: open its one payment. It ended unpaid: void what is open. */
@Injectable()
export class OpenPaymentConsumer {
  constructor(private readonly outcomes: MessageOutcomes) {}

  @Consumes('payment.open-payment')
  async openPayments(messages: readonly Message[], tx: Transaction): Promise<void> {
    const orderIds = [...new Set(messages.map((message) => message.data.orderId))];
    const known = await lockPayments(tx.manager, 'order_id', orderIds);
    const payments = new Map(known.map((payment) => [payment.orderId, payment]));
    const opened: LockedPayment[] = [];
    const attempts: NewAttempt[] = [];

    for (const message of messages) {
      const { orderId, customer, total } = message.data;
      // A refund of a paid order comes as a command of its own.
      if (message.type === 'order.cancelled.v1' && message.data.cancelledFrom === 'paid') continue;

      let payment = payments.get(orderId);
      const isNew = !payment;
      if (!payment) {
        payment = LockedPayment.open(orderId, customer, total);
        payments.set(orderId, payment);
        opened.push(payment);
      }

      if (message.type === 'order.placed.v1') {
        // Known already: the end of this order has overtaken its beginning.
        if (!isNew) this.outcomes.tooLate('payment.open-payment', message);
        else if (message.data.paymentMethod !== undefined) {
          payment.apply('attempted');
          attempts.push({ id: uuidv7(), payment, paymentMethod: message.data.paymentMethod, causedBy: message });
        }
      } else if (isLegal(payment, 'order_ended')) payment.apply('order_ended');
      else this.outcomes.tooLate('payment.open-payment', message);
    }

    await insertPayments(tx.manager, opened);
    await updatePayments(tx.manager, known);
    await startAttempts(tx, attempts);
    tx.afterCommit(() => paymentsOpened.inc(opened.length));
  }
}
