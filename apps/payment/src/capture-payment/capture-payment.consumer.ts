import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
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
import { attemptsById, isUnsettled, markAsked, updateAttempts, type AttemptRow } from '../payment/attempts.js';
import { lockPayments, updatePayments } from '../payment/payments.js';
import { settleAttempts } from '../payment/settle-attempts.js';
import { keyLifetimeMs, Psp, type CaptureAnswer, type CaptureRequest } from '../psp/psp.js';

type Message = MessageOf<'payment.capture-payment'>;

interface CaptureIntent extends CaptureRequest {
  /** The order has ended since the provider was asked: nothing must be captured any more. */
  readonly giveUp: boolean;
  /** When it was first asked, if it was. */
  readonly askedAt: Date | null;
  /** When this was intended, by `performance.now()`. */
  readonly intendedAt: number;
}

/** A question that is older than this has waited for a provider that was away, and its order may have ended meanwhile. */
const freshMs = 5_000;

/**
 * Asks the provider for the money of attempts. The attempt's id is the provider's idempotency key, so a crash anywhere between the
 * question and the recorded answer asks again and captures nothing twice. An answer that leaves it open is recorded as such, and
 * `payment.reconcile-payments` looks for the outcome.
 */
@Injectable()
export class CapturePaymentConsumer implements AskingHandler<Message, CaptureIntent, CaptureAnswer> {
  constructor(
    private readonly psp: Psp,
    private readonly outcomes: MessageOutcomes,
    private readonly database: DataSource,
  ) {}

  async intend(messages: readonly Message[], tx: Transaction): Promise<ReadonlyMap<Message, CaptureIntent>> {
    const ids = messages.map(({ data }) => data.paymentId);
    const [locked, attempts] = await Promise.all([
      lockPayments(tx.manager, 'id', ids),
      // Postgres does this when it has the locks, so they are as the last holder left them.
      attemptsById(
        tx.manager,
        messages.map(({ data }) => data.attemptId),
      ),
    ]);
    const payments = new Map(locked.map((payment) => [payment.id, payment]));
    const intents = new Map<Message, CaptureIntent>();
    const neverAsked: AttemptRow[] = [];
    for (const message of messages) {
      const { orderId, paymentId, attemptId } = message.data;
      const payment = payments.get(paymentId);
      const attempt = attempts.get(attemptId);
      // The command was written in the transaction that wrote the attempt, so waiting for it to appear is of no use.
      if (!payment || !attempt) throw new PermanentFailure(`there is no attempt ${attemptId} at payment ${paymentId}`);
      if (payment.status !== 'authorising' || !isUnsettled(attempt)) this.outcomes.tooLate('payment.capture-payment', message, tx);
      else if (payment.orderEnded && !attempt.askedAt) {
        // The provider has never heard of it, so nothing can have been captured; the customer knows already that the order ended.
        payment.apply('declined');
        neverAsked.push(Object.assign(attempt, { outcome: 'declined', declineCode: 'order_ended', lookAgainInSeconds: null }));
      } else {
        const { paymentMethod, pspReference: reference, askedAt } = attempt;
        const { amount, orderEnded: giveUp } = payment;
        intents.set(message, {
          orderId,
          paymentId,
          attemptId,
          paymentMethod,
          reference,
          amount,
          giveUp,
          askedAt,
          intendedAt: performance.now(),
        });
      }
    }
    const asked = [...intents.values()].map(({ attemptId }) => attemptId);
    tx.withCommit(markAsked(tx.manager, asked), updateAttempts(tx.manager, neverAsked), updatePayments(tx.manager, payments.values()));
    return intents;
  }

  async ask({ intendedAt, ...intent }: CaptureIntent): Promise<CaptureAnswer> {
    const waited = performance.now() - intendedAt > freshMs;
    const { giveUp, askedAt, ...request } = waited ? await this.asOfNow(intent) : intent;
    // The provider would take a repeat for something new. `payment.reconcile-payments` looks what became of the first one; what it finds
    // has a name, and is given up by that.
    const keyExpired = askedAt && Date.now() - askedAt.getTime() > keyLifetimeMs;
    if (keyExpired && !(giveUp && request.reference)) return { outcome: 'unknown', why: 'its key has expired' };
    return giveUp ? timePspRequest('give_up', () => this.psp.giveUp(request)) : timePspRequest('capture', () => this.psp.capture(request));
  }

  @Consumes('payment.capture-payment', { askAtOnce: 64 })
  async record(answered: readonly Answered<Message, CaptureIntent, CaptureAnswer>[], tx: Transaction): Promise<void> {
    const verdicts = await settleAttempts(
      answered.map(({ message, answer }) => ({ ...message.data, answer, causedBy: message })),
      tx,
    );
    for (const [index, { message }] of answered.entries())
      if (verdicts[index] === 'too_late') this.outcomes.tooLate('payment.capture-payment', message, tx);
  }

  /** What has become of a question while it waited: its order may have ended, and its first key may be from a day ago. */
  private async asOfNow(intent: Omit<CaptureIntent, 'intendedAt'>): Promise<Omit<CaptureIntent, 'intendedAt'>> {
    const [now]: Pick<CaptureIntent, 'giveUp' | 'askedAt' | 'reference'>[] = await this.database.query(
      `SELECT order_ended AS "giveUp", asked_at AS "askedAt", psp_reference AS reference
         FROM attempts JOIN payments ON payments.id = payment_id WHERE attempts.id = $1`,
      [intent.attemptId],
    );
    return { ...intent, ...now };
  }
}
