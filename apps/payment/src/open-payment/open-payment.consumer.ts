import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { ReconcilePayment } from '#libs/contracts';
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
    const endedUnsettled = new Map<string, Message>();

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
          if (payment.orderEnded) {
            this.outcomes.tooLate('payment.open-payment', message, tx);
            break;
          }
          payment.apply('order_ended');
          if (payment.status === 'authorising') endedUnsettled.set(payment.id, message);
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

    await Promise.all([insertPayments(tx.manager, added), updatePayments(tx.manager, known), startAttempts(tx, attempts)]);
    await lookNow(endedUnsettled, tx);
  }
}

/** What the provider left open is going to be looked for some time; now that the order has ended, nobody should wait for it. */
async function lookNow(ended: ReadonlyMap<string, Message>, tx: Transaction): Promise<void> {
  if (ended.size === 0) return;
  const open: { orderId: string; paymentId: string; attemptId: string }[] = await tx.manager.query(
    `SELECT order_id AS "orderId", payments.id AS "paymentId", attempts.id AS "attemptId" FROM attempts JOIN payments ON payments.id = payment_id
      WHERE payment_id = ANY($1::uuid[]) AND outcome IN ('pending', 'unknown') AND reconcile_at > now()`,
    [[...ended.keys()]],
  );
  for (const attempt of open) tx.publish(ReconcilePayment, attempt, { subject: attempt.orderId, causedBy: ended.get(attempt.paymentId) });
}
