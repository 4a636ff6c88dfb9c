import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { TestVhost } from '#libs/testing';

/** What Postgres has done since its start, by its own count: all of its databases together. */
export interface Counts {
  /** Statements, BEGIN and COMMIT included: each is a round trip for a client that waits for every answer. */
  readonly statements: number;
  /** Transactions that have written something: only those are given an id. */
  readonly writeTransactions: number;
  readonly walBytes: number;
}

/** How often one database was sent a statement, whatever its parameters. */
export interface StatementCount {
  readonly database: string;
  readonly text: string;
  readonly calls: number;
}

/** A look into Postgres from beside. Its own statements are among the counted ones: a handful in each run. */
export class PostgresCounters {
  private constructor(private readonly client: Client) {}

  static async open(postgresUrl: string): Promise<PostgresCounters> {
    const client = new Client({ connectionString: postgresUrl });
    await client.connect();
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    return new PostgresCounters(client);
  }

  /** Whether a server counts at all: it has to be started with `shared_preload_libraries=pg_stat_statements`. */
  static async areThere(postgresUrl: string): Promise<boolean> {
    const client = new Client({ connectionString: postgresUrl });
    await client.connect();
    try {
      const { rows } = await client.query<{ libraries: string }>(`SELECT current_setting('shared_preload_libraries') AS libraries`);
      return rows[0]!.libraries.includes('pg_stat_statements');
    } finally {
      await client.end();
    }
  }

  async read(): Promise<Counts> {
    const { rows } = await this.client.query<Counts>(
      `SELECT (SELECT coalesce(sum(calls), 0)::float8 FROM pg_stat_statements) AS statements,
              pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS "writeTransactions",
              pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS "walBytes"`,
    );
    return rows[0]!;
  }

  /** Statements are counted from nothing again. */
  async forget(): Promise<void> {
    await this.client.query('SELECT pg_stat_statements_reset()');
  }

  /** Each statement that these databases were sent, the most frequent first. */
  async statementsIn(databases: readonly string[]): Promise<StatementCount[]> {
    const { rows } = await this.client.query<StatementCount>(
      `SELECT datname AS database, query AS text, calls::int
       FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
       WHERE datname = ANY($1) ORDER BY calls DESC`,
      [databases],
    );
    return rows;
  }

  /** Writes out what earlier runs have left dirty, so that no later run pays for it. */
  async checkpoint(): Promise<void> {
    await this.client.query('CHECKPOINT');
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** What a virtual host has been given and has handed out, repeats included. */
export interface Messages {
  readonly published: number;
  readonly delivered: number;
}

/**
 * RabbitMQ counts messages in steps of some seconds, so this waits until two looks agree.
 * @see https://www.rabbitmq.com/docs/management#statistics-interval
 */
export async function messagesOf(vhost: TestVhost): Promise<Messages> {
  let last = await look();
  for (;;) {
    await sleep(5_500);
    const now = await look();
    if (now.published === last.published && now.delivered === last.delivered) return now;
    last = now;
  }

  async function look(): Promise<Messages> {
    const { message_stats: stats } = (await vhost.manage('GET', '/api/vhosts/{vhost}')) as {
      message_stats?: { publish?: number; deliver_get?: number };
    };
    return { published: stats?.publish ?? 0, delivered: stats?.deliver_get ?? 0 };
  }
}
