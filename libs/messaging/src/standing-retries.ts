import type { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Sweeper } from '#libs/service';
import { retriesLost } from './metrics.js';
import type { Redelivery, Transactions } from './outbox.js';
import type { Outgoing } from './publisher.js';

export interface StandingRetriesSettings {
  /** The pause between two looks, on average, in ms. */
  readonly sweepMs: number;
  /** How late a retry may be before it counts as lost, in ms. */
  readonly graceMs: number;
}

export const defaultStandingRetries: StandingRetriesSettings = { sweepMs: 10_000, graceMs: 30_000 };

/** So many are sent anew in one transaction. */
const mostAtOnce = 500;

/**
 * The net under retries. A message that waits in the delay service has been acknowledged where it failed, so a purged or deleted delay queue
 * would take the last copy of it. Each is therefore kept in the database until its queue has handled it or given it up, and is sent anew
 * when it is overdue; the inbox absorbs what was only late. No message that succeeds at once comes by here.
 */
export class StandingRetries extends Sweeper {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly logger: Logger,
    private readonly settings: StandingRetriesSettings,
  ) {
    super(settings.sweepMs);
  }

  /** Keeps a message that is about to be handed to the delay service. When that fails, it goes there without the net. */
  async keep(queue: string, { id, type, headers, body }: Outgoing, afterSeconds: number): Promise<void> {
    try {
      await this.dataSource.query(
        `INSERT INTO standing_retries (queue, message_id, type, headers, body, due_at)
         VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 s')
         ON CONFLICT (queue, message_id) DO UPDATE SET headers = excluded.headers, due_at = excluded.due_at`,
        [queue, id, type, JSON.stringify(headers), body.toString(), afterSeconds],
      );
    } catch (error) {
      this.logger.warn(`${queue}: a retry of ${type} ${id} is not kept in the database: ${String(error)}`);
    }
  }

  /** A message that was given up is not tried again. */
  async forget(queue: string, messageId: string): Promise<void> {
    await this.dataSource
      .query('DELETE FROM standing_retries WHERE queue = $1 AND message_id = $2', [queue, messageId])
      // It would come once more, and be given up once more.
      .catch((error: unknown) => this.logger.warn(`${queue}: the retry of ${messageId} is still kept: ${String(error)}`));
  }

  protected override async sweepAndReport(): Promise<void> {
    try {
      const lost = await this.sendLost();
      for (const { queue, id, type } of lost) {
        retriesLost.inc({ queue });
        this.logger.warn(`${queue}: ${type} ${id} did not come out of the delay service, and was sent anew`);
      }
    } catch (error) {
      this.logger.debug(`standing retries: ${String(error)}`);
    }
  }

  /** Each time it is sent anew it gets twice as long to arrive: its queue may be standing still for a reason. */
  private sendLost(): Promise<Redelivery[]> {
    return this.transactions.run(async (tx) => {
      await tx.manager.query(
        'DELETE FROM standing_retries USING inbox WHERE consumer = queue AND inbox.message_id = standing_retries.message_id',
      );
      const [lost]: [Redelivery[], number] = await tx.manager.query(
        `UPDATE standing_retries AS retry SET due_at = clock_timestamp() + (clock_timestamp() - retry.due_at)
         FROM (SELECT queue, message_id FROM standing_retries WHERE due_at < clock_timestamp() - $1 * interval '1 ms'
               ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS overdue
         WHERE retry.queue = overdue.queue AND retry.message_id = overdue.message_id
         RETURNING retry.queue, retry.message_id AS id, retry.type, retry.headers, retry.body`,
        [this.settings.graceMs, mostAtOnce],
      );
      await tx.redeliver(lost);
      return lost;
    });
  }
}
