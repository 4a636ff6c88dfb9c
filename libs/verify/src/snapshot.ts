import { Client } from 'pg';
import { Unreachable } from './unreachable.js';

/** Rows that one fetch of a cursor brings. */
const fetchSize = 5_000;

/**
 * One database as it was at one moment: everything is read in one transaction that can't write. Amounts are selected as text, because
 * sums of bigints are larger than what JavaScript counts exactly.
 */
export class Snapshot {
  private cursors = 0;

  private constructor(
    private readonly what: string,
    private readonly client: Client,
  ) {}

  /**
   * @param what for people, for example `the database of order`
   * @throws Unreachable
   */
  static async open(what: string, url: string): Promise<Snapshot> {
    const client = new Client({ connectionString: url, application_name: 'orderly-verify', connectionTimeoutMillis: 10_000 });
    // The query under way is told as well.
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      // The first statement takes the snapshot, so that those of several databases are of nearly the same moment.
      await client.query('SELECT now()');
    } catch (error) {
      await client.end().catch(() => {});
      throw new Unreachable(what, error);
    }
    return new Snapshot(what, client);
  }

  /** All rows of a statement. For what can be many, see {@link stream}. */
  async rows<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.client.query<Row>(sql, [...values])).rows;
    } catch (error) {
      throw isAboutTheStatement(error) ? error : new Unreachable(this.what, error);
    }
  }

  /** The one number that a statement selects. */
  async count(sql: string, values: readonly unknown[] = []): Promise<number> {
    const [row] = await this.rows<Record<string, unknown>>(sql, values);
    return Number(Object.values(row ?? {})[0]);
  }

  /** The rows of a statement one after the other, never all of them in memory. */
  async *stream<Row extends object>(sql: string): AsyncGenerator<Row, void, undefined> {
    const cursor = `verify_${++this.cursors}`;
    await this.rows(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${sql}`);
    try {
      for (;;) {
        const rows = await this.rows<Row>(`FETCH ${fetchSize} FROM ${cursor}`);
        yield* rows;
        if (rows.length < fetchSize) return;
      }
    } finally {
      await this.rows(`CLOSE ${cursor}`).catch(() => {});
    }
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => {});
  }
}

/** Class 08 and 57: the connection or the server has gone. https://www.postgresql.org/docs/current/errcodes-appendix.html */
function isAboutTheStatement(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^(08|57)/.test(code);
}
