import { Injectable } from '@nestjs/common';
import { PaymentRefunded, type Money } from '#libs/contracts';
import {
  Consumes,
  MessageOutcomes,
  PermanentFailure,
  type Answered,
  type AskingHandler,
  type MessageOf,
  type Transaction,
} from '#libs/messaging';
import { timePspRequest } from '../metrics.js';
import { book, refundEntries, type LedgerEntry } from '../payment/ledger.js';
import { lockPayments, updatePayments, type LockedPayment } from '../payment/payments.js';
import { Psp, type RefundAnswer } from '../psp/psp.js';
import { capturesOf, insertRefunds, refundsById, settleRefunds, type NewRefund } from './refunds.js';

type Message = MessageOf<'payment.refund-payment'>;

interface RefundIntent {
  readonly captureReference: string;
  readonly amount: Money;
}

/**
 * Gives captured money back in full. The refund's id is the provider's idempotency key, so a repeat gives nothing back twice.
 *
 * A command that becomes a dead letter leaves the customer without the money and the payment `refunding` or, if it could not even be
 * begun, `captured`. Alert on `orderly_messages_handled_total{queue="payment.refund-payment",outcome="dead"}`.
 */
@Injectable()
export class RefundPaymentConsumer implements AskingHandler<Message, RefundIntent, RefundAnswer> {
  constructor(
    private readonly psp: Psp,
    private readonly outcomes: MessageOutcomes,
  ) {}

  async intend(messages: readonly Message[], tx: Transaction): Promise<ReadonlyMap<Message, RefundIntent>> {
    const payments = await lockByOrder(messages, tx);
    const refunds = await refundsById(
      tx.manager,
      messages.map(({ data }) => data.refundId),
    );
    const captures = await capturesOf(
      tx.manager,
      [...payments.values()].map(({ id }) => id),
    );
    const intents = new Map<Message, RefundIntent>();
    const requested: NewRefund[] = [];
    for (const message of messages) {
      const { orderId, refundId, reason } = message.data;
      const payment = payments.get(orderId);
      const captureReference = payment && captures.get(payment.id);
      if (!payment || !captureReference) throw nothingCaptured(orderId, payment);
      if (payment.status === 'captured') {
        payment.apply('refund_requested');
        requested.push({ id: refundId, payment, reason });
        refunds.set(refundId, { status: 'pending' });
      }
      if (refunds.get(refundId)?.status === 'pending') intents.set(message, { captureReference, amount: payment.amount });
      else this.outcomes.tooLate('payment.refund-payment', message, tx);
    }
    await insertRefunds(tx.manager, requested);
    await updatePayments(tx.manager, payments.values());
    return intents;
  }

  async ask({ captureReference, amount }: RefundIntent, { data }: Message): Promise<RefundAnswer> {
    return timePspRequest('refund', () => this.psp.refund({ key: data.refundId, captureReference, amount }));
  }

  @Consumes('payment.refund-payment', { askAtOnce: 64 })
  async record(answered: readonly Answered<Message, RefundIntent, RefundAnswer>[], tx: Transaction): Promise<void> {
    const payments = await lockByOrder(
      answered.map(({ message }) => message),
      tx,
    );
    const refunds = await refundsById(
      tx.manager,
      answered.map(({ message }) => message.data.refundId),
    );
    const succeeded: { id: string; pspReference: string }[] = [];
    const entries: LedgerEntry[] = [];
    for (const { message, answer } of answered) {
      const { orderId, refundId, reason } = message.data;
      const payment = payments.get(orderId);
      const refund = refunds.get(refundId);
      if (!payment || refund?.status !== 'pending') {
        this.outcomes.tooLate('payment.refund-payment', message, tx);
        continue;
      }
      payment.apply('refunded');
      refund.status = 'succeeded';
      succeeded.push({ id: refundId, pspReference: answer.reference });
      entries.push(...refundEntries({ transactionId: refundId, paymentId: payment.id, orderId, amount: payment.amount }));
      tx.publish(
        PaymentRefunded,
        { ...payment.facts, refundId, reason },
        { subject: orderId, causedBy: message, sequence: payment.version },
      );
    }
    await settleRefunds(tx.manager, succeeded);
    await updatePayments(tx.manager, payments.values());
    await book(tx.manager, entries);
  }
}

/** A command that is ahead of the capture is tried again later; one for a payment that never captured anything never succeeds. */
function nothingCaptured(orderId: string, payment: LockedPayment | undefined): Error {
  return payment?.status === 'voided'
    ? new PermanentFailure(`the payment of order ${orderId} is voided: there is nothing to refund`)
    : new Error(`the payment of order ${orderId} is not captured yet`);
}

async function lockByOrder(messages: readonly Message[], { manager }: Transaction): Promise<Map<string, LockedPayment>> {
  const payments = await lockPayments(
    manager,
    'order_id',
    messages.map(({ data }) => data.orderId),
  );
  return new Map(payments.map((payment) => [payment.orderId, payment]));
}
