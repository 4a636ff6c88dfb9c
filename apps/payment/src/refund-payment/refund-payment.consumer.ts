import { Injectable, Logger } from '@nestjs/common';
import type { RefundReason } from '#libs/contracts';
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
import { lockPayments, updatePayments, type LockedPayment } from '../payment/payments.js';
import { capturesOf, insertRefunds, markRefundsAsked, refundsOf, type NewRefund } from '../payment/refunds.js';
import { settleRefunds } from '../payment/settle-refunds.js';
import { Psp, type RefundAnswer, type RefundRequest } from '../psp/psp.js';

type Message = MessageOf<'payment.refund-payment'>;

interface RefundIntent extends RefundRequest {
  readonly paymentId: string;
  /** Whether the provider may have heard of it. */
  readonly asked: boolean;
}

/**
 * Gives captured money back: a part that an operator has put on record, or all that is left. The refund's id is the provider's
 * idempotency key, so a repeat gives nothing back twice. What the provider leaves open is asked for again, for as long as it takes.
 */
@Injectable()
export class RefundPaymentConsumer implements AskingHandler<Message, RefundIntent, RefundAnswer> {
  private readonly logger = new Logger(RefundPaymentConsumer.name);

  constructor(
    private readonly psp: Psp,
    private readonly outcomes: MessageOutcomes,
  ) {}

  async intend(messages: readonly Message[], tx: Transaction): Promise<ReadonlyMap<Message, RefundIntent>> {
    const orderIds = messages.map(({ data }) => data.orderId);
    const payments = new Map((await lockPayments(tx.manager, 'order_id', orderIds)).map((payment) => [payment.orderId, payment]));
    const paymentIds = [...payments.values()].map(({ id }) => id);
    const refunds = await refundsOf(tx.manager, paymentIds);
    const captures = await capturesOf(tx.manager, paymentIds);
    const intents = new Map<Message, RefundIntent>();
    const requested: NewRefund[] = [];
    for (const message of messages) {
      const { orderId, refundId, reason } = message.data;
      const payment = payments.get(orderId);
      const captureReference = payment && captures.get(payment.id);
      if (!payment || !captureReference) throw nothingCaptured(orderId, payment);
      const about = { orderId, refundId, paymentId: payment.id, captureReference };
      const onRecord = refunds.get(refundId);
      if (onRecord?.status === 'pending' && payment.status !== 'review') {
        intents.set(message, { ...about, amount: onRecord.amount, asked: onRecord.asked });
      } else if (!onRecord && payment.status === 'captured') {
        const amount = payment.left;
        payment.requestRefund(amount.amountMinor);
        requested.push({ id: refundId, paymentId: payment.id, amount, reason });
        intents.set(message, { ...about, amount, asked: false });
      } else {
        if (payment.status === 'review' && !onRecord) tx.afterCommit(() => this.leftToAPerson(payment, reason));
        this.outcomes.tooLate('payment.refund-payment', message, tx);
      }
    }
    await insertRefunds(tx.manager, requested);
    await markRefundsAsked(
      tx.manager,
      [...intents.values()].map(({ refundId }) => refundId),
    );
    await updatePayments(tx.manager, payments.values());
    return intents;
  }

  async ask({ asked, ...request }: RefundIntent): Promise<RefundAnswer> {
    // Asked again under its key, a provider repeats its first answer, even one that says nothing. So what it did is looked for first.
    const found = asked ? await timePspRequest('find_refund', () => this.psp.findRefund(request)) : undefined;
    return found ?? timePspRequest('refund', () => this.psp.refund(request));
  }

  @Consumes('payment.refund-payment', { askAtOnce: 64 })
  async record(answered: readonly Answered<Message, RefundIntent, RefundAnswer>[], tx: Transaction): Promise<void> {
    const verdicts = await settleRefunds(
      answered.map(({ message, intent, answer }) => ({
        paymentId: intent.paymentId,
        refundId: intent.refundId,
        answer,
        causedBy: message,
      })),
      tx,
    );
    for (const [index, { message }] of answered.entries())
      if (verdicts[index] === 'too_late') this.outcomes.tooLate('payment.refund-payment', message, tx);
  }

  private leftToAPerson({ id, orderId }: LockedPayment, reason: RefundReason): void {
    this.logger.error(`payment ${id} of order ${orderId} is in review: what was to go back (${reason}) is left to whoever looks into it`);
  }
}

/** A command that is ahead of the capture is tried again later; one for a payment that never captured anything never succeeds. */
function nothingCaptured(orderId: string, payment: LockedPayment | undefined): Error {
  return payment?.status === 'voided'
    ? new PermanentFailure(`the payment of order ${orderId} is voided: there is nothing to refund`)
    : new Error(`the payment of order ${orderId} is not captured yet`);
}
