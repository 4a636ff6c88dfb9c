import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { projectRoot } from './project-root.js';
import { emptyDatabase } from './test-database.js';

export interface DatabaseLogin {
  readonly name: string;
  readonly password: string;
}

/** What a service is told of a database that has two roles. */
export interface DatabaseEnvironment {
  readonly DATABASE_URL: string;
  readonly DATABASE_MIGRATIONS_URL: string;
}

/**
 * Gives a database the two roles of a service, by the file that docker-compose.yml uses, too.
 * @param administrator the address of the database, of somebody who may create roles
 */
export async function giveRoles(
  administrator: string,
  { owner, runtime }: { readonly owner: DatabaseLogin; readonly runtime: DatabaseLogin },
): Promise<DatabaseEnvironment> {
  const client = new Client({ connectionString: administrator });
  await client.connect();
  try {
    await client.query(
      `SELECT set_config('orderly.owner', $1, false), set_config('orderly.owner_password', $2, false),
              set_config('orderly.runtime', $3, false), set_config('orderly.runtime_password', $4, false)`,
      [owner.name, owner.password, runtime.name, runtime.password],
    );
    await client.query(readFileSync(join(projectRoot, 'deploy', 'postgres', 'service-roles.sql'), 'utf8'));
  } finally {
    await client.end();
  }
  const asWhom = ({ name, password }: DatabaseLogin) =>
    Object.assign(new URL(administrator), { username: name, password: encodeURIComponent(password) }).href;
  return { DATABASE_URL: asWhom(runtime), DATABASE_MIGRATIONS_URL: asWhom(owner) };
}

/** A fresh database with nothing in it and two roles of its own, for a service that runs its own migrations. */
export async function serviceDatabase(
  prefix: string,
  server?: string,
): Promise<{ name: string; administratorUrl: string; environment: DatabaseEnvironment; drop(): Promise<void> }> {
  const database = await emptyDatabase(prefix, server);
  const { name, url } = database;
  const [owner, runtime] = [`${name}_owner`, name];
  const environment = await giveRoles(url, {
    owner: { name: owner, password: `${owner} in tests` },
    runtime: { name: runtime, password: `${runtime} in tests` },
  });
  return { name, administratorUrl: url, environment, drop: () => database.drop(owner, runtime) };
}
