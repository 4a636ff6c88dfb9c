import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '#libs/testing';
import { Cleanup } from '../demo/cleanup.js';
import { Interruption } from '../demo/interruption.js';
import { bold, red, say, step } from '../demo/output.js';
import { PostgresCounters } from './measuring/counters.js';
import { LoadGenerator } from './measuring/load.js';
import { describeMachine, requireLinux } from './measuring/machine.js';
import { startServers, type Servers } from './measuring/servers.js';
import { Progress } from './progress.js';
import { asJson, keepPerformance, page, type Performance } from './report/performance.js';
import type { Provenance } from './report/provenance.js';

/** What a bench that has its servers for itself works with; all of it is put away in the end, however it ends. */
export interface Workbench {
  readonly servers: Servers;
  readonly counters: PostgresCounters;
  readonly load: LoadGenerator;
  readonly progress: Progress;
  /** Also stops what is started here, should somebody interrupt: the bench itself stops it as soon as it is done with it. */
  readonly watch: <Started extends { stop(): Promise<unknown> }>(starting: Promise<Started>) => Promise<Started>;
}

export interface OwnBench<Key extends keyof Performance> {
  /** Which part of the figures it takes; `npm run bench:<key>` runs it. */
  readonly key: Key;
  /** What `--help` says, but for the options, which are the same for all. */
  readonly about: string;
  /** What `--help` says that it takes. */
  readonly takes: { readonly full: string; readonly quick: string };
  take(workbench: Workbench, quick: boolean): Promise<Omit<NonNullable<Performance[Key]>, keyof Provenance>>;
  /** What is printed of it. */
  readonly show: (report: NonNullable<Performance[Key]>) => string[];
}

/** Runs a bench as a program of its own, and ends the process. */
export async function runOwnBench<Key extends keyof Performance>(bench: OwnBench<Key>): Promise<never> {
  const usage = `npm run bench:${bench.key} -- [options]
  ${bench.about}: ${bench.takes.full}
  --quick   ${bench.takes.quick}
  --write   writes docs/reference/performance.md and .json
  --help    this text`;
  let options;
  try {
    options = parseArgs({ options: { quick: { type: 'boolean' }, write: { type: 'boolean' }, help: { type: 'boolean' } } }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
  const { quick = false, write = false, help = false } = options;
  if (help) {
    say(usage);
    process.exit(0);
  }
  const interruption = new Interruption();
  const cleanup = new Cleanup();
  let exitCode = 0;
  try {
    requireLinux();
    save(bench, await interruption.during(take(bench, quick, cleanup)), write);
  } catch (error) {
    exitCode = interruption.exitCode ?? 1;
    if (interruption.exitCode === undefined) say(red((error as Error).message));
  }
  process.exit((await cleanup.run()) ? exitCode : exitCode || 1);
}

type Report<Key extends keyof Performance> = NonNullable<Performance[Key]>;

async function take<Key extends keyof Performance>(bench: OwnBench<Key>, quick: boolean, cleanup: Cleanup): Promise<Report<Key>> {
  const servers = await step('Starting Postgres and RabbitMQ', (log) => {
    const starting = startServers(log);
    cleanup.add('Stopping Postgres and RabbitMQ', async () => (await starting).stop());
    return starting;
  });
  const counters = await PostgresCounters.open(servers.postgresUrl);
  cleanup.add('Closing the counters', () => counters.close());
  const load = new LoadGenerator();
  const progress = new Progress();
  const started: Promise<{ stop(): Promise<unknown> }>[] = [];
  cleanup.add('Stopping the services', async () => {
    progress.stop();
    load.stop();
    for (const starting of await Promise.allSettled(started)) if (starting.status === 'fulfilled') await starting.value.stop();
  });
  const watch = <Started extends { stop(): Promise<unknown> }>(starting: Promise<Started>) => {
    started.push(starting);
    return starting;
  };
  const provenance: Provenance = {
    takenOn: new Date().toISOString().slice(0, 10),
    command: `npm run bench:${bench.key}${quick ? ' -- --quick' : ''}`,
    machine: await describeMachine(servers),
  };
  return { ...provenance, ...(await bench.take({ servers, counters, load, progress, watch }, quick)) } as Report<Key>;
}

function save<Key extends keyof Performance>({ key, show }: OwnBench<Key>, report: Report<Key>, write: boolean): void {
  say(`\n${bold('Figures')}\n`);
  for (const line of show(report)) say(line);
  const folder = join(projectRoot, '.local', 'bench');
  const file = join(folder, `${key}-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, asJson({ [key]: report }));
  say(`\nAll figures: ${relative(projectRoot, file)}`);
  if (!write) return;
  keepPerformance({ [key]: report });
  say(`Written: ${relative(projectRoot, page)}`);
}
