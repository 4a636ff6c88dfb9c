import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { startGuarded, type GuardedProcess } from './guarded-process.js';
import { postgresFiles, type PostgresFiles } from './postgres-files.js';

export interface RunningPostgres {
  /** Of an administrator who may create databases. */
  readonly url: string;
  /** Where it comes from, for people. */
  readonly origin: string;
  /** Of the server that was started here. */
  readonly pid?: number;
  stop(): Promise<void>;
}

/**
 * Postgres at `ORDERLY_POSTGRES_URL` when that is set and `own` asks for no other; else a private server whose data is kept in `dir`, on loopback only.
 * @param options.port left out: a free one
 * @param options.settings of the private server, beside its defaults
 * @throws when the server doesn't come up; the message ends with what it said
 */
export async function startPostgres(options: {
  dir: string;
  port?: number;
  settings?: Readonly<Record<string, string>>;
  own?: boolean;
  log?: (line: string) => void;
}): Promise<RunningPostgres> {
  const log = options.log ?? (() => {});
  const given = process.env['ORDERLY_POSTGRES_URL'];
  if (given && !options.own) {
    await answers(given, 10_000);
    log('Postgres: the one named by ORDERLY_POSTGRES_URL');
    return { url: given, origin: 'ORDERLY_POSTGRES_URL', stop: async () => {} };
  }
  const startedAt = Date.now();
  mkdirSync(options.dir, { recursive: true });
  const files = postgresFiles(options.dir, log);
  const isNew = !existsSync(files.initialised);
  if (isNew) await initialise(files);
  const port = options.port ?? (await freePort());
  const server = await startServer(files, port, options.settings ?? {});
  const url = `postgres://orderly:orderly@127.0.0.1:${port}/postgres`;
  try {
    await answers(url, 60_000, server);
  } catch (error) {
    await server.stop();
    throw new Error(`Postgres did not come up: ${(error as Error).message}\n${lastLines(files.logFile)}`, { cause: error });
  }
  log(`Postgres: private server on 127.0.0.1:${port}${isNew ? ', newly set up' : ''} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  return { url, origin: 'private server', pid: server.pid, stop: () => server.stop() };
}

async function initialise(files: PostgresFiles): Promise<void> {
  // What an interrupted first start has left behind.
  for (const name of readdirSync(files.data)) rmSync(join(files.data, name), { recursive: true });
  const passwordFile = `${files.data}.password`;
  writeFileSync(passwordFile, 'orderly\n');
  chmodSync(passwordFile, 0o644);
  const initdb = await startGuarded({
    command: join(files.bin, 'initdb'),
    args: [
      `--pgdata=${files.data}`,
      '--username=orderly',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Postgres's own locale: the same order of strings on every machine.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
    ],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    ...(files.user && { user: files.user }),
    logFile: files.logFile,
    stopSignal: 'SIGINT',
    stopDeadlineSeconds: 10,
    pidFile: files.pidFile,
  });
  const { code } = await initdb.exited;
  if (code !== 0) throw new Error(`Postgres's initdb failed (exit code ${code}):\n${lastLines(files.logFile)}`);
  rmSync(passwordFile);
  writeFileSync(files.initialised, '');
}

function startServer(files: PostgresFiles, port: number, asked: Readonly<Record<string, string>>): Promise<GuardedProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...asked,
  };
  return startGuarded({
    command: join(files.bin, 'postgres'),
    args: ['-D', files.data, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    ...(files.user && { user: files.user }),
    logFile: files.logFile,
    // "Fast shutdown": ends sessions, writes a checkpoint.
    stopSignal: 'SIGINT',
    stopDeadlineSeconds: 20,
    pidFile: files.pidFile,
  });
}

async function answers(url: string, within: number, server?: GuardedProcess): Promise<void> {
  let ended = false;
  await eventually(
    async () => {
      ended = server?.exit() !== undefined;
      if (ended) return;
      const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
      client.on('error', () => {});
      await client.connect();
      await client.end();
    },
    { within, every: 50 },
  );
  if (ended) throw new Error('the server ended by itself');
}

function lastLines(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '';
}
