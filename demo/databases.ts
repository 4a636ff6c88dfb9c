import { Client } from 'pg';
import { emptyDatabase } from '#libs/testing';

export const serviceNames = ['order', 'payment', 'notification', 'psp-simulator', 'console'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** A service's database and role, named so that SQL needs no quotes for them. */
const databaseOf = (service: ServiceName): string => service.replaceAll('-', '_');

type DatabaseUrls = Readonly<Record<ServiceName, string>>;

/**
 * On our own server: a database per service, and for each a role that reaches no other. They are kept.
 * @param administrator the address of somebody who may create them
 * @returns each database's address, for its service
 */
export async function keptDatabases(administrator: string): Promise<DatabaseUrls> {
  const client = new Client({ connectionString: administrator });
  await client.connect();
  try {
    const entries: [ServiceName, string][] = [];
    for (const service of serviceNames) {
      const name = databaseOf(service);
      const { rowCount: hasRole } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
      // The server listens on loopback alone and holds toys: a password that one can remember.
      if (!hasRole) await client.query(`CREATE ROLE "${name}" LOGIN PASSWORD '${name}'`);
      const { rowCount: hasDatabase } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
      if (!hasDatabase) await client.query(`CREATE DATABASE "${name}" OWNER "${name}"`);
      await client.query(`REVOKE CONNECT ON DATABASE "${name}" FROM PUBLIC`);
      const url = new URL(administrator);
      Object.assign(url, { username: name, password: name, pathname: `/${name}` });
      entries.push([service, url.href]);
    }
    return Object.fromEntries(entries) as DatabaseUrls;
  } finally {
    await client.end();
  }
}

/** On a server that somebody lent us (`ORDERLY_POSTGRES_URL`): databases with names that nothing else has, which are removed again. */
export async function lentDatabases(): Promise<{ urls: DatabaseUrls; drop(): Promise<unknown> }> {
  const made = await Promise.all(serviceNames.map(async (name) => [name, await emptyDatabase(`demo_${databaseOf(name)}`)] as const));
  return {
    urls: Object.fromEntries(made.map(([name, { url }]) => [name, url])) as DatabaseUrls,
    drop: () => Promise.all(made.map(([, database]) => database.drop())),
  };
}
