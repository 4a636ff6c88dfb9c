import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Connected, with the migrations run. */
  readonly dataSource: DataSource;
  /** Removes the database, whoever is still connected to it. */
  drop(): Promise<void>;
}

type Schema = Pick<DataSourceOptions, 'entities' | 'migrations'>;

/**
 * A fresh, empty database for one spec file, with its migrations run.
 * @param options.name its name begins so; "test" if left out
 * @param options.extra given to pg's pool, for example `{ max: 4 }`
 */
export async function testDatabase(options: Schema & { name?: string; extra?: Record<string, unknown> } = {}): Promise<TestDatabase> {
  const database = await emptyDatabase(options.name ?? 'test');
  const dataSource = new DataSource({
    type: 'postgres',
    url: database.url,
    entities: options.entities ?? [],
    migrations: options.migrations ?? [],
    // As in the services: what is given to a connection without waiting goes out at once.
    extra: { max: 8, pipeline: true, ...options.extra },
  });
  await dataSource.initialize();
  await dataSource.runMigrations();
  return {
    name: database.name,
    url: database.url,
    dataSource,
    async drop() {
      if (dataSource.isInitialized) await dataSource.destroy();
      await database.drop();
    },
  };
}

/** A fresh database with nothing in it, for a service that runs its own migrations; on the server of the test run unless another is given. */
export async function emptyDatabase(
  prefix: string,
  server = postgresUrl(),
): Promise<{ name: string; url: string; drop(...roles: string[]): Promise<void> }> {
  const name = `${prefix}_${randomBytes(4).toString('hex')}`;
  await administer(server, `CREATE DATABASE "${name}"`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    name,
    url: url.href,
    /** With the roles that own something in it, or may do something there. */
    async drop(...roles) {
      await administer(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      for (const role of roles) await administer(server, `DROP ROLE IF EXISTS "${role}"`);
    },
  };
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function postgresUrl(): string {
  const url = process.env['ORDERLY_POSTGRES_URL'];
  if (!url)
    throw new Error('ORDERLY_POSTGRES_URL is not set: specs that need Postgres are named *.int.spec.ts, for which the test run starts one');
  return url;
}
