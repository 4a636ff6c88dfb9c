import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { testVhost } from '#libs/testing';
import { orderly } from '../contenders/orderly/index.js';
import type { Ground } from '../measuring/servers.js';
import type { Workbench } from '../workbench.js';

export const services = ['order', 'payment', 'notification'] as const;
export type DatabaseUrls = Ground['databaseUrls'];

/** The databases of the three services as the services make them: every table, and nothing in any of them. */
export async function migratedDatabases({ servers, watch }: Workbench): Promise<DatabaseUrls> {
  const ground = await servers.ground();
  const running = await watch(orderly.start(ground));
  await running.stop();
  await ground.vhost.drop();
  return ground.databaseUrls;
}

/** Copies file by file: what is in them lies in the copy as it lies in the original. Nobody may be connected to the originals. */
export async function copiesOf(urls: DatabaseUrls, postgresUrl: string): Promise<DatabaseUrls> {
  const copies: Record<string, string> = {};
  for (const service of services) {
    const copy = new URL(urls[service]);
    copy.pathname = `/${service}_${randomBytes(4).toString('hex')}`;
    await administer(postgresUrl, `CREATE DATABASE "${nameOf(copy.href)}" TEMPLATE "${nameOf(urls[service])}" STRATEGY FILE_COPY`);
    copies[service] = copy.href;
  }
  return copies as unknown as DatabaseUrls;
}

export async function dropDatabases(urls: DatabaseUrls, postgresUrl: string): Promise<void> {
  for (const service of services) await administer(postgresUrl, `DROP DATABASE "${nameOf(urls[service])}" WITH (FORCE)`);
}

/** What a contender gets: these databases, which stay, and an empty vhost. */
export async function groundOn(databaseUrls: DatabaseUrls): Promise<Ground> {
  const vhost = await testVhost('bench');
  return { databaseUrls, rabbitmqUrl: vhost.url, managementUrl: vhost.managementUrl, vhost, clear: () => vhost.drop() };
}

/** The same with copies of the databases. */
export async function groundFrom(urls: DatabaseUrls, postgresUrl: string): Promise<Ground> {
  const ground = await groundOn(await copiesOf(urls, postgresUrl));
  const clear = async () => {
    await ground.clear();
    await dropDatabases(ground.databaseUrls, postgresUrl);
  };
  return { ...ground, clear };
}

/** Works on a database with a connection of its own. */
export async function inDatabase<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  // The query under way is told as well.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const administer = (postgresUrl: string, statement: string) => inDatabase(postgresUrl, (client) => client.query(statement));

const nameOf = (url: string): string => new URL(url).pathname.slice(1);
