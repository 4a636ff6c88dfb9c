import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Sweeper } from '#libs/service';

const intervalMs = 10 * 60_000;
const keptDays = 30;
const batch = 1000;

/** Forgets what was said longer than 30 days ago, in small steps. */
@Injectable()
export class TrailRetention extends Sweeper {
  private readonly logger = new Logger(TrailRetention.name);

  constructor(private readonly database: DataSource) {
    super(intervalMs);
  }

  /** Returns how many were forgotten. */
  async forget(): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const [, count] = await this.database.query<[unknown, number]>(
        `DELETE FROM audit_trail WHERE message_id IN (
           SELECT message_id FROM audit_trail WHERE recorded_at < now() - $2 * interval '1 day' ORDER BY recorded_at LIMIT $1
             FOR UPDATE SKIP LOCKED)`,
        [batch, keptDays],
      );
      forgotten += count;
      if (count < batch || this.stopped) return forgotten;
    }
  }

  protected override async sweepAndReport(): Promise<void> {
    await this.forget().catch((error: unknown) => this.logger.warn(`what was said long ago stays for now: ${String(error)}`));
  }
}
