import { Client } from 'pg';
import { giveRoles, serviceDatabase, type DatabaseEnvironment } from '#libs/testing';

export const serviceNames = ['order', 'payment', 'notification', 'psp-simulator', 'console'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** A service's database, and the role that it works as there, named so that SQL needs no quotes for them. */
const databaseOf = (service: ServiceName): string => service.replaceAll('-', '_');

type Databases = Readonly<Record<ServiceName, DatabaseEnvironment>>;

/**
 * On our own server: a database per service, one role that owns it, and one for the service at work; neither reaches another database. They
 * are kept.
 * @param administrator the address of somebody who may create them
 * @returns what each service is told of its database
 */
export async function keptDatabases(administrator: string): Promise<Databases> {
  const client = new Client({ connectionString: administrator });
  await client.connect();
  const entries: [ServiceName, DatabaseEnvironment][] = [];
  try {
    await client.query('REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC');
    for (const service of serviceNames) {
      const name = databaseOf(service);
      const { rowCount: hasDatabase } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
      if (!hasDatabase) await client.query(`CREATE DATABASE "${name}"`);
      const url = Object.assign(new URL(administrator), { pathname: `/${name}` });
      // The server listens on loopback alone and holds toys: passwords that one can remember.
      const login = (role: string) => ({ name: role, password: role });
      entries.push([service, await giveRoles(url.href, { owner: login(`${name}_owner`), runtime: login(name) })]);
    }
  } finally {
    await client.end();
  }
  return Object.fromEntries(entries) as Databases;
}

/** On a server that somebody lent us (`ORDERLY_POSTGRES_URL`): databases and roles with names that nothing else has, which are removed again. */
export async function lentDatabases(): Promise<{ databases: Databases; drop(): Promise<unknown> }> {
  const made = await Promise.all(serviceNames.map(async (name) => [name, await serviceDatabase(`demo_${databaseOf(name)}`)] as const));
  return {
    databases: Object.fromEntries(made.map(([name, { environment }]) => [name, environment])) as Databases,
    drop: () => Promise.all(made.map(([, database]) => database.drop())),
  };
}
