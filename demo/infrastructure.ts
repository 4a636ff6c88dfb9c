import { join } from 'node:path';
import {
  giveUsers,
  makeVhost,
  startPostgres,
  startRabbitMq,
  testVhost,
  type BrokerEnvironment,
  type DatabaseEnvironment,
} from '#libs/testing';
import type { Cleanup } from './cleanup.js';
import { keptDatabases, lentDatabases, type ServiceName } from './databases.js';
import { step } from './output.js';
import type { RunningDemo } from './running-demo.js';
import type { Settings } from './settings.js';

/** Postgres and RabbitMQ, with what the services need in them. */
export interface Infrastructure {
  /** Where each service's rows can be looked at, as whom the service works. */
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  /** What each service is told of its database. */
  readonly databases: Readonly<Record<ServiceName, DatabaseEnvironment>>;
  /** The virtual host, for an administrator. */
  readonly rabbitmqUrl: string;
  /** What a service is told of the broker. */
  readonly brokerOf: (service: ServiceName) => BrokerEnvironment;
  /** RabbitMQ's management page, with its login. */
  readonly managementUrl: string;
}

/** Whether the environment names a server that we may use, in place of one of our own. */
export function isLent(server: 'postgres' | 'rabbitmq'): boolean {
  return Boolean(process.env[server === 'postgres' ? 'ORDERLY_POSTGRES_URL' : 'ORDERLY_RABBITMQ_URL']);
}

/** Brings up what is not lent by the environment, and puts it on record and into the cleanup. */
export async function startInfrastructure(
  folder: string,
  settings: Settings,
  record: RunningDemo,
  cleanup: Cleanup,
): Promise<Infrastructure> {
  const [postgres, rabbitmq] = await step('Starting Postgres and RabbitMQ', (log) => startServers(folder, settings, record, cleanup, log));
  if (!isLent('postgres')) {
    return { ...addressed(await keptDatabases(postgres.url)), ...(await placeOn(rabbitmq, cleanup)) };
  }
  const lent = await lentDatabases();
  cleanup.add('Removing the databases', () => lent.drop());
  return { ...addressed(lent.databases), ...(await placeOn(rabbitmq, cleanup)) };
}

function addressed(databases: Infrastructure['databases']): Pick<Infrastructure, 'databases' | 'databaseUrls'> {
  const urls = Object.entries(databases).map(([service, { DATABASE_URL: url }]) => [service, url]);
  return { databases, databaseUrls: Object.fromEntries(urls) as Infrastructure['databaseUrls'] };
}

async function startServers(folder: string, settings: Settings, record: RunningDemo, cleanup: Cleanup, log: (line: string) => void) {
  const { postgresPort, rabbitmqPort, managementPort } = settings;
  const starting = [
    startPostgres({ dir: join(folder, 'postgres'), port: postgresPort, log }),
    startRabbitMq({ dir: join(folder, 'rabbitmq'), port: rabbitmqPort, managementPort, log }),
  ] as const;
  // Both are awaited, whatever becomes of the other: what has started has to be stopped.
  const [postgres, rabbitmq] = await Promise.allSettled(starting);
  const started = [postgres, rabbitmq].flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  cleanup.add('Stopping Postgres and RabbitMQ', () => Promise.all(started.map((server) => server.stop())));
  if (postgres.status === 'fulfilled') record.add('Postgres', postgres.value.pid);
  if (rabbitmq.status === 'fulfilled') {
    record.add('RabbitMQ', rabbitmq.value.pid);
    record.add("RabbitMQ's port mapper", rabbitmq.value.mapperPid);
  }
  return Promise.all(starting);
}

/** On a broker of our own a virtual host that is kept; on a lent one one that goes with the demo. In it, a user for each service. */
async function placeOn(broker: { url: string; managementUrl: string }, cleanup: Cleanup) {
  const { managementUrl } = broker;
  if (!isLent('rabbitmq')) {
    const rabbitmqUrl = await makeVhost('orderly', broker);
    const users = await giveUsers({ url: rabbitmqUrl, managementUrl });
    return { rabbitmqUrl, managementUrl, brokerOf: (service: ServiceName) => users.environmentOf(service) };
  }
  process.env['ORDERLY_RABBITMQ_MANAGEMENT_URL'] ??= managementUrl;
  const vhost = await testVhost('demo');
  cleanup.add('Removing the virtual host', () => vhost.drop());
  const users = await giveUsers(vhost);
  cleanup.add('Removing the users of the broker', () => users.drop());
  return { rabbitmqUrl: vhost.url, managementUrl, brokerOf: (service: ServiceName) => users.environmentOf(service) };
}
