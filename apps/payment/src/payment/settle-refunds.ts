import { Logger } from '@nestjs/common';
import { PaymentRefunded, RefundPayment, type Envelope } from '#libs/contracts';
import type { Transaction } from '#libs/messaging';
import { paymentsInReview } from '../metrics.js';
import type { RefundAnswer } from '../psp/psp.js';
import { judgeRefund, type RefundVerdict } from './judge-refund.js';
import { book, refundEntries, type LedgerEntry } from './ledger.js';
import { mostCounted, nextTry } from './next-try.js';
import { lockPayments, updatePayments, type LockedPayment } from './payments.js';
import { capturesOf, refundsOf, updateRefunds, type RefundRow } from './refunds.js';

/** What the provider has said about a refund, in answer to us or unasked. */
export interface RefundNews {
  readonly paymentId: string;
  readonly refundId: string;
  readonly answer: RefundAnswer;
  /** The message that made us ask; news that came unasked has none. */
  readonly causedBy?: Omit<Envelope, 'type'>;
}

const logger = new Logger('settle-refunds');

/**
 * Writes down what the provider says, tells the others, and books what went back. What is still open is asked for again later.
 * @returns for each piece of news what it meant; `too_late` also for a refund that does not exist
 */
export async function settleRefunds(news: readonly RefundNews[], tx: Transaction): Promise<RefundVerdict['kind'][]> {
  const paymentIds = [...new Set(news.map(({ paymentId }) => paymentId))];
  const payments = new Map((await lockPayments(tx.manager, 'id', paymentIds)).map((payment) => [payment.id, payment]));
  const refunds = await refundsOf(tx.manager, paymentIds);
  const captures = await capturesOf(tx.manager, paymentIds);
  const judged = new Set<RefundRow>();
  const entries: LedgerEntry[] = [];
  const kinds = news.map(({ paymentId, refundId, answer, causedBy }) => {
    const payment = payments.get(paymentId);
    const refund = refunds.get(refundId);
    const captureReference = captures.get(paymentId);
    if (!payment || refund?.paymentId !== paymentId || captureReference === undefined) return 'too_late';
    const verdict = judgeRefund(payment.status, refund, captureReference, answer);
    if (verdict.kind === 'too_late') return verdict.kind;
    judged.add(refund);
    switch (verdict.kind) {
      case 'settled': {
        refund.status = 'succeeded';
        refund.pspReference = verdict.reference;
        refund.retryInSeconds = null;
        const left = stillHeld(payment, refunds);
        payment.apply(left === 0 ? 'refunded' : 'part_refunded');
        entries.push(
          ...refundEntries({ transactionId: refund.id, paymentId: payment.id, orderId: payment.orderId, amount: refund.amount }),
        );
        tellRefunded(payment, refund, left, tx, causedBy);
        break;
      }
      case 'contradicted':
        payment.apply('contradicted');
        refund.retryInSeconds = null;
        tx.afterCommit(() => {
          paymentsInReview.inc();
          logger.error(`payment ${payment.id} needs a review: what the provider says about refund ${refundId} contradicts us`);
        });
        break;
      case 'open':
        refund.pspReference = verdict.reference;
        askAgain(payment, refund, tx, causedBy);
    }
    return verdict.kind;
  });
  await updateRefunds(tx.manager, [...judged]);
  await updatePayments(tx.manager, payments.values());
  await book(tx.manager, entries);
  return kinds;
}

/** In minor units: what was captured less all that went back. */
function stillHeld(payment: LockedPayment, refunds: ReadonlyMap<string, RefundRow>): number {
  let left = payment.amount.amountMinor;
  for (const { paymentId, status, amount } of refunds.values())
    if (paymentId === payment.id && status === 'succeeded') left -= amount.amountMinor;
  return left;
}

function tellRefunded(
  payment: LockedPayment,
  { id: refundId, reason, amount: refunded }: RefundRow,
  left: number,
  tx: Transaction,
  causedBy: RefundNews['causedBy'],
): void {
  tx.publish(
    PaymentRefunded,
    { ...payment.facts, refundId, reason, refunded, left: { ...refunded, amountMinor: left } },
    { subject: payment.orderId, causedBy, sequence: payment.version },
  );
}

/** Unless somebody is going to ask anyway. */
function askAgain({ orderId }: LockedPayment, refund: RefundRow, tx: Transaction, causedBy: RefundNews['causedBy']): void {
  if ((refund.retryInSeconds ?? 0) > 0) return;
  const { due, inSeconds } = nextTry(refund.tries);
  refund.tries = Math.min(refund.tries + 1, mostCounted);
  refund.retryInSeconds = inSeconds;
  tx.publish(RefundPayment, { orderId, refundId: refund.id, reason: refund.reason }, { subject: orderId, due, causedBy });
}
