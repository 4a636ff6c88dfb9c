import { Inject, Injectable, Logger } from '@nestjs/common';
import { ReconcilePayment, RefundPayment, type RefundReason } from '#libs/contracts';
import { Transactions, type Transaction } from '#libs/messaging';
import { Sweeper } from '#libs/service';
import { PAYMENT_CONFIG, type PaymentConfig } from '../config.js';
import { unsettledSwept } from '../metrics.js';
import { mostCounted } from '../payment/next-try.js';
import { PspEvents } from '../psp/psp-events.js';

const batch = 200;

/**
 * The net under the delayed messages: finds attempts and refunds that nobody has looked for in time, because a message was lost or became
 * a dead letter, and has them looked for; and applies what the provider told us about attempts that we did not know yet. Several replicas
 * may sweep at once; each takes rows that no other holds.
 */
@Injectable()
export class UnsettledPayments extends Sweeper {
  private readonly logger = new Logger(UnsettledPayments.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly events: PspEvents,
    @Inject(PAYMENT_CONFIG) private readonly config: PaymentConfig,
  ) {
    super(config.RECONCILE_SWEEP_INTERVAL_MS);
  }

  protected async sweepAndReport(): Promise<void> {
    try {
      const found = await this.sweep();
      if (found > 0) this.logger.warn(`${found} attempts and refunds had not been looked for in time`);
      // Last, so that an event which cannot be applied keeps nothing else from being looked for.
      await this.events.applyKept(batch);
    } catch (error) {
      this.logger.warn(`could not look for unsettled payments: ${String(error)}`);
    }
  }

  /** @returns how many attempts and refunds it found */
  async sweep(): Promise<number> {
    let found = 0;
    for (const step of [(tx: Transaction) => this.attempts(tx), (tx: Transaction) => this.refunds(tx)]) {
      let inStep = 0;
      do {
        inStep = await this.transactions.run(step);
        found += inStep;
        unsettledSwept.inc(inStep);
      } while (inStep === batch && !this.stopped);
    }
    return found;
  }

  // Each time it waits twice as long for somebody to find out, up to 64 times the grace: in a long outage of the provider the queue would
  // otherwise fill with questions that are there already.

  private async attempts(tx: Transaction): Promise<number> {
    const [rows]: [{ orderId: string; paymentId: string; attemptId: string }[], number] = await tx.manager.query(
      `UPDATE attempts SET lookups = least(lookups + 1, $3), reconcile_at = now()
         FROM (SELECT attempts.id, order_id, payments.id AS payment_id FROM attempts JOIN payments ON payments.id = payment_id
                WHERE outcome IN ('pending', 'unknown') AND payments.status = 'authorising'
                  AND coalesce(reconcile_at, asked_at, at) < now() - $1 * power(2, least(lookups, 6)) * interval '1 s'
                ORDER BY attempts.at LIMIT $2 FOR UPDATE OF attempts SKIP LOCKED) AS overdue
        WHERE attempts.id = overdue.id
       RETURNING order_id AS "orderId", overdue.payment_id AS "paymentId", attempts.id AS "attemptId"`,
      [this.config.RECONCILE_GRACE_SECONDS, batch, mostCounted],
    );
    for (const row of rows) tx.publish(ReconcilePayment, row, { subject: row.orderId });
    return rows.length;
  }

  private async refunds(tx: Transaction): Promise<number> {
    const [rows]: [{ orderId: string; refundId: string; reason: RefundReason }[], number] = await tx.manager.query(
      `UPDATE refunds SET tries = least(tries + 1, $3), retry_at = now()
         FROM (SELECT refunds.id, order_id FROM refunds JOIN payments ON payments.id = payment_id
                WHERE refunds.status = 'pending' AND payments.status IN ('captured', 'refunding')
                  AND coalesce(retry_at, asked_at, at) < now() - $1 * power(2, least(tries, 6)) * interval '1 s'
                ORDER BY refunds.at LIMIT $2 FOR UPDATE OF refunds SKIP LOCKED) AS overdue
        WHERE refunds.id = overdue.id
       RETURNING order_id AS "orderId", refunds.id AS "refundId", reason`,
      [this.config.RECONCILE_GRACE_SECONDS, batch, mostCounted],
    );
    for (const row of rows) tx.publish(RefundPayment, row, { subject: row.orderId });
    return rows.length;
  }
}
