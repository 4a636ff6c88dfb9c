import type { Client } from 'pg';
import type { Lateness } from '../report/delay.js';

/**
 * Sums up how late things were.
 * @param rows SQL that selects `late`, an interval, and `early`, whether it was decided too early, for each of them
 */
export async function latenessOf(client: Client, rows: string, values: readonly unknown[]): Promise<Lateness> {
  const result = await client.query<Lateness>(
    `SELECT count(*)::int AS deadlines, max(ms) AS most, (count(*) FILTER (WHERE early))::int AS early,
            percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) AS p50, percentile_disc(0.99) WITHIN GROUP (ORDER BY ms) AS p99
     FROM (SELECT extract(epoch FROM late)::float8 * 1000 AS ms, early FROM (${rows}) AS happened) AS happened`,
    [...values],
  );
  return result.rows[0]!;
}
