import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Transactions, type Transaction } from '#libs/messaging';
import type { Kept } from '#libs/service';
import { settleAttempts } from '../payment/settle-attempts.js';
import { settleRefunds } from '../payment/settle-refunds.js';
import type { PspEvent, PspNews } from './stripe-events.js';

/** What became of an event. `kept`: it is about an attempt or refund that we do not know yet. `ignored`: it is of no use to us. */
export type EventOutcome = 'applied' | 'too_late' | 'kept' | 'ignored' | 'duplicate';

/** How long an event about what we do not know is kept. An account of the provider may be shared, and its other events are never ours. */
const keptHours = 24;

/** How long it is known what the provider has told. What waits for an attempt or refund to become known is let go of by {@link PspEvents}. */
export const pspEventsKept = (days: number): Kept => ({
  table: 'psp_events',
  since: 'received_at',
  hours: days * 24,
  settled: 'applied_at IS NOT NULL',
});

/** Takes what the provider tells us unasked: each event once, in one transaction with what follows from it. */
@Injectable()
export class PspEvents {
  private readonly logger = new Logger(PspEvents.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly database: DataSource,
  ) {}

  async take({ id, type, createdAt, news }: PspEvent): Promise<EventOutcome> {
    return this.transactions.run(async (tx) => {
      const taken: unknown[] = await tx.manager.query(
        `INSERT INTO psp_events (id, type, attempt_id, refund_id, news, created_at, applied_at)
         VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $5::jsonb IS NULL THEN now() END)
         ON CONFLICT DO NOTHING RETURNING id`,
        [
          id,
          type,
          news?.about === 'attempt' ? news.attemptId : null,
          news?.about === 'refund' ? news.refundId : null,
          news ? JSON.stringify(news) : null,
          createdAt,
        ],
      );
      if (taken.length === 0) return 'duplicate';
      return news ? this.apply(id, news, tx) : 'ignored';
    });
  }

  /**
   * Applies kept events whose attempt or refund has become known, each in its own transaction, and lets go of those that nobody knew.
   * @param limit the most to apply
   */
  async applyKept(limit: number): Promise<void> {
    const known: { id: string }[] = await this.database.query(
      `SELECT id FROM psp_events
        WHERE applied_at IS NULL
          AND (EXISTS (SELECT FROM attempts WHERE attempts.id = attempt_id) OR EXISTS (SELECT FROM refunds WHERE refunds.id = refund_id))
        ORDER BY received_at LIMIT $1`,
      [limit],
    );
    for (const { id } of known) {
      // One that cannot be applied keeps no other from it.
      await this.applyOne(id).catch((error: unknown) => this.logger.error(`event ${id} cannot be applied: ${String(error)}`));
    }
    await this.database.query(
      `UPDATE psp_events SET applied_at = now() WHERE applied_at IS NULL AND received_at < now() - $1 * interval '1 hour'
          AND NOT EXISTS (SELECT FROM attempts WHERE attempts.id = attempt_id) AND NOT EXISTS (SELECT FROM refunds WHERE refunds.id = refund_id)`,
      [keptHours],
    );
  }

  private async applyOne(id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const [kept]: { news: PspNews }[] = await tx.manager.query(
        'SELECT news FROM psp_events WHERE id = $1 AND applied_at IS NULL FOR UPDATE SKIP LOCKED',
        [id],
      );
      if (kept) await this.apply(id, kept.news, tx);
    });
  }

  private async apply(id: string, news: PspNews, tx: Transaction): Promise<EventOutcome> {
    const paymentId = await paymentOf(news, tx);
    if (paymentId === undefined) return 'kept';
    const [verdict] =
      news.about === 'attempt' ? await settleAttempts([{ ...news, paymentId }], tx) : await settleRefunds([{ ...news, paymentId }], tx);
    await tx.manager.query('UPDATE psp_events SET applied_at = now() WHERE id = $1', [id]);
    return verdict === 'too_late' ? 'too_late' : 'applied';
  }
}

async function paymentOf(news: PspNews, tx: Transaction): Promise<string | undefined> {
  const [found]: { paymentId: string }[] =
    news.about === 'attempt'
      ? await tx.manager.query('SELECT payment_id AS "paymentId" FROM attempts WHERE id = $1', [news.attemptId])
      : await tx.manager.query('SELECT payment_id AS "paymentId" FROM refunds WHERE id = $1', [news.refundId]);
  return found?.paymentId;
}
