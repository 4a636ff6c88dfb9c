import { Logger } from '@nestjs/common';
import { PaymentCaptured, PaymentDeclined, ReconcilePayment, type Envelope } from '#libs/contracts';
import type { Transaction } from '#libs/messaging';
import { paymentsInReview } from '../metrics.js';
import type { CaptureAnswer } from '../psp/psp.js';
import { attemptsById, updateAttempts, type AttemptRow } from './attempts.js';
import { judgeCapture, type CaptureVerdict } from './judge-capture.js';
import { book, captureEntries, type LedgerEntry } from './ledger.js';
import { mostCounted, nextTry } from './next-try.js';
import { lockPayments, updatePayments, type LockedPayment } from './payments.js';

/** What the provider has said about an attempt: in answer to us, to a search, or unasked. */
export interface AttemptNews {
  readonly paymentId: string;
  readonly attemptId: string;
  readonly answer: CaptureAnswer;
  /** The message that made us ask; news that came unasked has none. */
  readonly causedBy?: Omit<Envelope, 'type'>;
}

const logger = new Logger('settle-attempts');

/**
 * Writes down what the provider says, tells the others, and books what it captured. Whoever brings an outcome first settles the attempt;
 * what is still open is looked for again later.
 * @returns for each piece of news what it meant; `too_late` also for an attempt that does not exist
 */
export async function settleAttempts(news: readonly AttemptNews[], tx: Transaction): Promise<CaptureVerdict['kind'][]> {
  const [locked, attempts] = await Promise.all([
    lockPayments(tx.manager, 'id', idsOf(news, 'paymentId')),
    // Postgres does this when it has the locks, so they are as the last holder left them.
    attemptsById(tx.manager, idsOf(news, 'attemptId')),
  ]);
  const payments = new Map(locked.map((payment) => [payment.id, payment]));
  const judged = new Set<AttemptRow>();
  const entries: LedgerEntry[] = [];
  const kinds = news.map(({ paymentId, attemptId, answer, causedBy }) => {
    const payment = payments.get(paymentId);
    const attempt = attempts.get(attemptId);
    if (!payment || attempt?.paymentId !== payment.id) return 'too_late';
    const verdict = judgeCapture(payment, attempt, answer);
    if (verdict.kind === 'too_late') return verdict.kind;
    judged.add(Object.assign(attempt, verdict.changes));
    if (verdict.kind === 'open') {
      lookAgain(payment, attempt, tx, causedBy);
      return verdict.kind;
    }
    attempt.lookAgainInSeconds = null;
    payment.apply(verdict.cause);
    if (verdict.cause === 'captured') {
      const { id, orderId, amount } = payment;
      entries.push(...captureEntries({ transactionId: attempt.id, paymentId: id, orderId, amount }));
    }
    tell(payment, attempt, tx, causedBy);
    return verdict.kind;
  });
  tx.withCommit(updateAttempts(tx.manager, [...judged]), updatePayments(tx.manager, payments.values()), book(tx.manager, entries));
  return kinds;
}

/** Unless somebody is going to look anyway. */
function lookAgain(payment: LockedPayment, attempt: AttemptRow, tx: Transaction, causedBy?: AttemptNews['causedBy']): void {
  if ((attempt.lookAgainInSeconds ?? 0) > 0) return;
  const { due, inSeconds } = nextTry(attempt.lookups);
  attempt.lookups = Math.min(attempt.lookups + 1, mostCounted);
  attempt.lookAgainInSeconds = inSeconds;
  const { id: paymentId, orderId } = payment;
  tx.publish(ReconcilePayment, { orderId, paymentId, attemptId: attempt.id }, { subject: orderId, due, causedBy });
}

function tell(
  payment: LockedPayment,
  { id: attemptId, declineCode }: AttemptRow,
  tx: Transaction,
  causedBy?: AttemptNews['causedBy'],
): void {
  const options = { subject: payment.orderId, causedBy, sequence: payment.version };
  if (payment.status === 'captured') tx.publish(PaymentCaptured, { ...payment.facts, attemptId }, options);
  // Voided: the order has ended, its customer was told, and no other method is of use.
  if (payment.status === 'open')
    tx.publish(PaymentDeclined, { ...payment.facts, attemptId, declineCode: declineCode ?? 'generic_decline' }, options);
  if (payment.status === 'review') {
    tx.afterCommit(() => {
      paymentsInReview.inc();
      logger.error(`payment ${payment.id} needs a review: what the provider says about attempt ${attemptId} contradicts us`);
    });
  }
}

function idsOf(news: readonly AttemptNews[], name: 'paymentId' | 'attemptId'): string[] {
  return [...new Set(news.map((piece) => piece[name]))];
}
