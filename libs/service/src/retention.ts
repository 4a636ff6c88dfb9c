import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { rowsForgotten } from './metrics.js';
import { Sweeper } from './sweeper.js';

/** A table whose rows are kept for a time, and how it is seen that it has passed. All of it is our own SQL, nothing that anybody sent. */
export interface Kept {
  readonly table: string;
  /** The column that says since when a row is kept. An index begins with it, or the search for what is old would read everything. */
  readonly since: string;
  readonly hours: number;
  /** Which of the old rows may go, as SQL over the table; all of them when it is left out. `$2` is the period, an interval. */
  readonly settled?: string;
  /** The function that forgets, for a table that the service itself may not delete from: of how many at most and the period; returns how many. */
  readonly by?: string;
}

const intervalMs = 10 * 60_000;

/** So few in one transaction that nobody waits for it. */
const mostAtOnce = 1000;

/** Forgets what was kept for its time, in small steps; a provider of each service that keeps anything. What lies there unsettled stays. */
export class Retention extends Sweeper {
  private readonly logger = new Logger(Retention.name);

  constructor(
    private readonly dataSource: DataSource,
    readonly kept: readonly Kept[],
  ) {
    super(intervalMs);
    // From nothing to one is no increase to whoever computes rates.
    for (const { table } of kept) rowsForgotten.inc({ table }, 0);
  }

  /** Returns how many rows of each table were forgotten. Replicas may do it at the same time: each takes rows that no other holds. */
  async forget(): Promise<Record<string, number>> {
    const forgotten: Record<string, number> = {};
    for (const kept of this.kept) {
      // A table that cannot be swept keeps no other from it.
      forgotten[kept.table] = await this.forgetOf(kept).catch((error: unknown) => {
        this.logger.warn(`${kept.table}: what is old stays for now: ${String(error)}`);
        return 0;
      });
    }
    return forgotten;
  }

  protected override async sweepAndReport(): Promise<void> {
    await this.forget();
  }

  private async forgetOf(kept: Kept): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const [{ count }] = await this.dataSource.query<[{ count: number }]>(forgetStatement(kept), [mostAtOnce, `${kept.hours} hours`]);
      rowsForgotten.inc({ table: kept.table }, count);
      forgotten += count;
      if (count < mostAtOnce || this.stopped) return forgotten;
    }
  }
}

/** Deletes at most `$1` rows older than `$2`, the oldest first, and says how many. */
export function forgetStatement({ table, since, settled = 'true', by }: Kept): string {
  if (by !== undefined) return `SELECT ${by}($1, $2::interval) AS count`;
  return `WITH forgotten AS (
            DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
              SELECT ctid FROM ${table} WHERE ${since} < now() - $2::interval AND ${settled}
               ORDER BY ${since} LIMIT $1 FOR UPDATE SKIP LOCKED))
            RETURNING 1)
          SELECT count(*)::integer AS count FROM forgotten`;
}
