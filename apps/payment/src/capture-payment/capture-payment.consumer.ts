import { Injectable, Logger } from '@nestjs/common';
import { PaymentCaptured, PaymentDeclined, type Money } from '#libs/contracts';
import {
  Consumes,
  MessageOutcomes,
  PermanentFailure,
  type Answered,
  type AskingHandler,
  type MessageOf,
  type Transaction,
} from '#libs/messaging';
import { paymentsInReview, timePspRequest } from '../metrics.js';
import { book, captureEntries, type LedgerEntry } from '../payment/ledger.js';
import { lockPayments, updatePayments, type LockedPayment } from '../payment/payments.js';
import { Psp, type CaptureAnswer } from '../psp/psp.js';
import { attemptsById, markAsked, readAnswer, updateAttempts, type AttemptRow } from './attempts.js';

type Message = MessageOf<'payment.capture-payment'>;

interface CaptureIntent {
  readonly paymentMethod: string;
  readonly amount: Money;
}

/**
 * Asks the provider for the money of attempts. The attempt's id is the provider's idempotency key, so a crash anywhere between the
 * question and the recorded answer asks again and captures nothing twice.
 *
 * A command that becomes a dead letter leaves its payment `authorising`, and nobody knows where the money is. Alert on
 * `orderly_messages_handled_total{queue="payment.capture-payment",outcome="dead"}`; putting the letter back asks again.
 */
@Injectable()
export class CapturePaymentConsumer implements AskingHandler<Message, CaptureIntent, CaptureAnswer> {
  private readonly logger = new Logger(CapturePaymentConsumer.name);

  constructor(
    private readonly psp: Psp,
    private readonly outcomes: MessageOutcomes,
  ) {}

  async intend(messages: readonly Message[], tx: Transaction): Promise<ReadonlyMap<Message, CaptureIntent>> {
    const batch = await lockBatch(messages, tx);
    const intents = new Map<Message, CaptureIntent>();
    const givenUp: AttemptRow[] = [];
    for (const message of messages) {
      const { payment, attempt } = batch.of(message);
      if (!awaitsOutcome(payment, attempt)) this.outcomes.tooLate('payment.capture-payment', message, tx);
      else if (payment.orderEnded && !attempt.asked) {
        // The provider has never heard of it, so nothing can have been captured; the customer knows already that the order ended.
        payment.apply('declined');
        attempt.outcome = 'declined';
        attempt.declineCode = 'order_ended';
        givenUp.push(attempt);
      } else intents.set(message, { paymentMethod: attempt.paymentMethod, amount: payment.amount });
    }
    await markAsked(
      tx.manager,
      [...intents.keys()].map(({ data }) => data.attemptId),
    );
    await updateAttempts(tx.manager, givenUp);
    await updatePayments(tx.manager, batch.payments);
    return intents;
  }

  async ask({ paymentMethod, amount }: CaptureIntent, { data }: Message): Promise<CaptureAnswer> {
    return timePspRequest('capture', () => this.psp.capture({ key: data.attemptId, paymentMethod, amount }));
  }

  @Consumes('payment.capture-payment', { askAtOnce: 64 })
  async record(answered: readonly Answered<Message, CaptureIntent, CaptureAnswer>[], tx: Transaction): Promise<void> {
    const batch = await lockBatch(
      answered.map(({ message }) => message),
      tx,
    );
    const decided: AttemptRow[] = [];
    const entries: LedgerEntry[] = [];
    for (const { message, answer } of answered) {
      const { payment, attempt } = batch.of(message);
      if (!awaitsOutcome(payment, attempt)) {
        this.outcomes.tooLate('payment.capture-payment', message, tx);
        continue;
      }
      const { cause, ...outcome } = readAnswer(payment.amount, answer);
      payment.apply(cause);
      decided.push(Object.assign(attempt, outcome));
      if (cause === 'captured') {
        entries.push(
          ...captureEntries({ transactionId: attempt.id, paymentId: payment.id, orderId: payment.orderId, amount: payment.amount }),
        );
      }
      this.tell(payment, attempt, message, tx);
    }
    await updateAttempts(tx.manager, decided);
    await updatePayments(tx.manager, batch.payments);
    await book(tx.manager, entries);
  }

  private tell(payment: LockedPayment, { id: attemptId, declineCode }: AttemptRow, message: Message, tx: Transaction): void {
    const options = { subject: payment.orderId, causedBy: message, sequence: payment.version };
    if (payment.status === 'captured') tx.publish(PaymentCaptured, { ...payment.facts, attemptId }, options);
    // Voided: the order has ended, its customer was told, and no other method is of use.
    if (payment.status === 'open')
      tx.publish(PaymentDeclined, { ...payment.facts, attemptId, declineCode: declineCode ?? 'generic_decline' }, options);
    if (payment.status === 'review') {
      this.logger.error(`payment ${payment.id} needs a review: the provider's answer to attempt ${attemptId} contradicts us`);
      tx.afterCommit(() => paymentsInReview.inc());
    }
  }
}

/** False for a command that comes again after its outcome was recorded. */
function awaitsOutcome(payment: LockedPayment, attempt: AttemptRow): boolean {
  return payment.status === 'authorising' && (attempt.outcome === 'pending' || attempt.outcome === 'unknown');
}

/** Locks the payments that messages are about, then reads their attempts, so that these are as the last holder of the lock left them. */
async function lockBatch(messages: readonly Message[], { manager }: Transaction) {
  const payments = new Map(
    (
      await lockPayments(
        manager,
        'id',
        messages.map(({ data }) => data.paymentId),
      )
    ).map((payment) => [payment.id, payment]),
  );
  const attempts = await attemptsById(
    manager,
    messages.map(({ data }) => data.attemptId),
  );
  return {
    payments: [...payments.values()],
    of({ data: { paymentId, attemptId } }: Message): { payment: LockedPayment; attempt: AttemptRow } {
      const payment = payments.get(paymentId);
      const attempt = attempts.get(attemptId);
      // The command was written in the transaction that wrote the attempt, so waiting for it to appear is of no use.
      if (!payment || !attempt) throw new PermanentFailure(`there is no attempt ${attemptId} at payment ${paymentId}`);
      return { payment, attempt };
    },
  };
}
