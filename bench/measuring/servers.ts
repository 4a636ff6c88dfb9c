import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDatabase, projectRoot, startPostgres, startRabbitMq, testVhost, type TestVhost } from '#libs/testing';
import type { ContenderServers } from '../contenders/contender.js';

/** Postgres and RabbitMQ for the bench alone, as durable as they are in production. */
export interface Servers {
  readonly postgresUrl: string;
  readonly rabbitmqUrl: string;
  readonly pids: { readonly postgres: number; readonly rabbitmq: number };
  /** What one contender gets: empty databases and an empty vhost. */
  ground(): Promise<Ground>;
  stop(): Promise<void>;
}

export interface Ground extends ContenderServers {
  readonly vhost: TestVhost;
  clear(): Promise<void>;
}

/** Everything else is Postgres's default: fsync, synchronous_commit and full_page_writes are on. */
const settings = {
  // Counts statements; tells when a row was committed.
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.max': '10000',
  track_commit_timestamp: 'on',
  shared_buffers: '512MB',
  // Checkpoints come before each run, not somewhere within one.
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
};

/** @throws when there is a server already that somebody has named: the bench measures the processes that it has started */
export async function startServers(log: (line: string) => void): Promise<Servers> {
  for (const name of ['ORDERLY_POSTGRES_URL', 'ORDERLY_RABBITMQ_URL'])
    if (process.env[name]) throw new Error(`${name} is set, but the bench measures servers of its own: unset it`);
  const dir = join(projectRoot, '.local', 'bench', String(process.pid));
  mkdirSync(dir, { recursive: true });
  const starting = [
    startPostgres({ dir: join(dir, 'postgres'), settings, log }),
    startRabbitMq({ dir: join(dir, 'rabbitmq'), disposable: true, log }),
  ] as const;
  const outcomes = await Promise.allSettled(starting);
  const stop = async () => {
    await Promise.all(outcomes.map(async (outcome) => outcome.status === 'fulfilled' && (await outcome.value.stop())));
    rmSync(dir, { recursive: true, force: true });
  };
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [postgres, rabbitmq] = await Promise.all(starting);
  if (!postgres.pid || !rabbitmq.pid) {
    await stop();
    throw new Error('the bench reads the processor time of Postgres and RabbitMQ, so both have to run as processes of this machine');
  }
  Object.assign(process.env, {
    ORDERLY_POSTGRES_URL: postgres.url,
    ORDERLY_RABBITMQ_URL: rabbitmq.url,
    ORDERLY_RABBITMQ_MANAGEMENT_URL: rabbitmq.managementUrl,
  });
  return { postgresUrl: postgres.url, rabbitmqUrl: rabbitmq.url, pids: { postgres: postgres.pid, rabbitmq: rabbitmq.pid }, ground, stop };
}

async function ground(): Promise<Ground> {
  const [vhost, order, payment, notification] = await Promise.all([
    testVhost('bench'),
    emptyDatabase('order'),
    emptyDatabase('payment'),
    emptyDatabase('notification'),
  ]);
  return {
    databaseUrls: { order: order.url, payment: payment.url, notification: notification.url },
    rabbitmqUrl: vhost.url,
    managementUrl: vhost.managementUrl,
    vhost,
    clear: async () => {
      await Promise.all([vhost.drop(), order.drop(), payment.drop(), notification.drop()]);
    },
  };
}
