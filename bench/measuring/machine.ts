import { existsSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { connect } from 'amqplib';
import { Client } from 'pg';
import type { Servers } from './servers.js';

/** Where figures come from: without it they say little. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly postgres: string;
  readonly rabbitmq: string;
}

/** @throws on any other system */
export function requireLinux(): void {
  if (existsSync('/proc/self/stat')) return;
  throw new Error(
    'The bench reads the processor time of each process from /proc, which only Linux has. Run it on Linux, or in a container.',
  );
}

export async function describeMachine({ postgresUrl, rabbitmqUrl }: Pick<Servers, 'postgresUrl' | 'rabbitmqUrl'>): Promise<Machine> {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() || 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
    postgres: await postgresVersion(postgresUrl),
    rabbitmq: await rabbitmqVersion(rabbitmqUrl),
  };
}

async function postgresVersion(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]!.server_version;
  } finally {
    await client.end();
  }
}

/** A broker says it to everyone who connects. */
async function rabbitmqVersion(url: string): Promise<string> {
  const session = await connect(url);
  const { version } = session.connection.serverProperties;
  await session.close();
  return version;
}
