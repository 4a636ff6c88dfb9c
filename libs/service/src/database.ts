import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamicModule, Injectable, Logger, Module, type OnModuleInit } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type Pool, types } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { DatabaseClient } from './database-client.js';
import { grantRows, roleOf } from './grant-rows.js';
import { Health } from './health.js';
import { connectFailures, poolConnections, poolIdle, poolLimit, poolWaiters } from './metrics.js';
import { Scrapes } from './scrapes.js';
import { StartFailure } from './start-failure.js';
import { connectFault, tlsOptions, type TlsFiles } from './tls.js';

export interface DatabaseOptions {
  readonly url: string;
  /** The same database, of the role that owns it and runs the migrations; undefined when that is the same role. */
  readonly migrationsUrl?: string | undefined;
  /** What TLS trusts and shows; undefined leaves it to the address whether to use TLS at all. */
  readonly tls: TlsFiles | undefined;
  /** The most connections that this process holds. */
  readonly poolSize: number;
  /** How often to try at start before giving up with exit code 69. */
  readonly connectAttempts: number;
  /** How the connections are called in the database's own views. */
  readonly applicationName: string;
  readonly entities: readonly Function[];
  /** Run at start, by one replica at a time. */
  readonly migrations: readonly Function[];
  /** Tables whose rows the service adds and reads, and may neither change nor delete. */
  readonly appendOnly?: readonly string[];
}

/** The service's database: migrated, connected, watched by {@link Health}, and closed after everything that uses it. */
export function databaseModule(options: DatabaseOptions): DynamicModule {
  const typeOrm = TypeOrmModule.forRootAsync({
    // Trying again is done here, where it is bounded and quiet.
    useFactory: () => ({ ...dataSourceOptions(options), toRetry: () => false }),
    dataSourceFactory: async () => {
      await migrate(options);
      return new DataSource(dataSourceOptions(options)).initialize();
    },
  });
  return { module: DatabaseModule, imports: [typeOrm] };
}

@Injectable()
class DatabaseProbe implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly health: Health,
    private readonly scrapes: Scrapes,
  ) {}

  onModuleInit(): void {
    this.health.register('database', async () => {
      await this.dataSource.query('SELECT 1');
      return { status: 'up' };
    });
    const { master: pool } = this.dataSource.driver as unknown as { readonly master: Pool };
    this.scrapes.register({ open: poolConnections, idle: poolIdle, limit: poolLimit, waiters: poolWaiters }, async () => ({
      open: pool.totalCount,
      idle: pool.idleCount,
      limit: pool.options.max,
      waiters: pool.waitingCount,
    }));
  }
}

@Module({ providers: [DatabaseProbe] })
class DatabaseModule {}

// No statement, no wait and no forgotten transaction may hold a connection for long: the pool is what requests and messages share.
const sessionLimits = { statement_timeout: '15s', lock_timeout: '2s', idle_in_transaction_session_timeout: '15s' };

// A statement is planned once for each connection, perhaps when its tables are new and small. Reading all of a table is the best plan then,
// and the worst a minute later; by an index it is good then and later.
const planner = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' };

function dataSourceOptions(options: DatabaseOptions): DataSourceOptions {
  const { poolSize, applicationName, entities } = options;
  return {
    type: 'postgres',
    ...address(options),
    applicationName,
    entities: [...entities],
    poolSize,
    connectTimeoutMS: 5000,
    extra: {
      options: Object.entries({ ...sessionLimits, ...planner })
        .map(([name, value]) => `-c ${name}=${value}`)
        .join(' '),
      types: { getTypeParser },
      Client: DatabaseClient,
      pipeline: true,
      // A server that has frozen keeps none of its own limits, so this one is kept here; a little longer than theirs.
      query_timeout: 16_000,
      keepAlive: true,
    },
  };
}

/**
 * Where the database is, and how to be sure that it is this one. `sslmode` is taken out of the address: pg would let it override `ssl`, and
 * its next major version reads it as less than it says today.
 */
function address({ url, tls }: Pick<DatabaseOptions, 'url' | 'tls'>) {
  const bare = new URL(url);
  const modes = bare.searchParams.getAll('sslmode');
  bare.searchParams.delete('sslmode');
  if (tls || modes.includes('verify-full')) return { url: bare.href, ssl: tlsOptions(tls ?? {}) };
  return modes.includes('disable') ? { url: bare.href, ssl: false } : { url };
}

const int8: number = types.builtins.INT8;

/** Counts and sums arrive as numbers, which all of ours fit. */
function getTypeParser(oid: number, format?: 'text'): unknown {
  return oid === int8 ? Number : types.getTypeParser(oid, format);
}

// An arbitrary number that nothing else locks.
const migrationLock = 7_206_041_215;

/** Brings the schema up to date while other replicas wait for their turn; without the limits of sessions, which migrations may exceed. */
async function migrate(options: DatabaseOptions): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    ...address({ url: options.migrationsUrl ?? options.url, tls: options.tls }),
    applicationName: `${options.applicationName}-migration`,
    migrations: [...options.migrations],
    migrationsTransactionMode: 'each',
    poolSize: 2,
    connectTimeoutMS: 5000,
  });
  await untilConnected(dataSource, options.connectAttempts);
  try {
    // Held by a session: closing the pool gives it back, whatever happened.
    await dataSource.createQueryRunner().query('SELECT pg_advisory_lock($1)', [migrationLock]);
    const done = await dataSource.runMigrations();
    for (const { name } of done) logger.log(`migrated: ${name}`);
    if (options.migrationsUrl !== undefined) await grantRows(dataSource, roleOf(options.url), options.appendOnly ?? []);
  } finally {
    await dataSource.destroy();
  }
}

const logger = new Logger('Database');

async function untilConnected(dataSource: DataSource, attempts: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await dataSource.initialize();
      return;
    } catch (error) {
      connectFailures.inc({ peer: 'postgres' });
      const reason = connectFault(error);
      if (attempt >= attempts) {
        throw new StartFailure(`the database (DATABASE_URL) cannot be reached, after ${attempt} attempts: ${reason}`, 69, { cause: error });
      }
      logger.warn(`the database cannot be reached yet: ${reason}`);
      await sleep(Math.min(200 * 2 ** (attempt - 1), 3000) * (0.5 + Math.random() / 2));
    }
  }
}
