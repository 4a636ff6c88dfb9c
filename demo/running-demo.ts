import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { birthOf } from './process-birth.js';

interface KnownProcess {
  readonly name: string;
  readonly pid: number;
  readonly birth: string;
}

/** Where a demo that runs can be reached. */
export interface DemoAddresses {
  readonly databaseUrls: {
    readonly order: string;
    readonly payment: string;
    readonly notification: string;
    readonly 'psp-simulator': string;
    readonly console: string;
  };
  readonly rabbitmq: { readonly url: string; readonly managementUrl: string };
  readonly baseUrls: { readonly order: string; readonly payment: string; readonly console: string };
}

interface DemoOnRecord extends KnownProcess {
  readonly startedAt: string;
  /** What it started. */
  readonly parts: readonly KnownProcess[];
  /** Once everything is up. */
  readonly addresses?: DemoAddresses;
}

/** The folder belongs to a demo that runs. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';

  constructor({ pid, startedAt }: DemoOnRecord) {
    super(
      `A demo is running already (process ${pid}, since ${startedAt}).\nStop it with Ctrl-C where it runs, or from anywhere: npm run stop`,
    );
  }
}

const fileOf = (folder: string): string => join(folder, 'running.json');
const runs = ({ pid, birth }: KnownProcess): boolean => birthOf(pid) === birth;

/** The record of the demo that runs in a folder, so that it is never started twice and can be stopped from elsewhere. */
export class RunningDemo {
  private constructor(
    private readonly folder: string,
    private record: DemoOnRecord,
  ) {}

  /**
   * Puts this process on record; what a demo that was killed has left behind is ended first.
   * @throws AlreadyRunning
   */
  static async claim(folder: string, say: (line: string) => void): Promise<RunningDemo> {
    mkdirSync(folder, { recursive: true });
    const record = {
      name: 'the demo',
      pid: process.pid,
      birth: birthOf(process.pid) ?? '',
      startedAt: new Date().toISOString(),
      parts: [],
    };
    const mine = `${fileOf(folder)}.${process.pid}`;
    // A link appears with its content, or not at all.
    writeFileSync(mine, JSON.stringify(record), { mode: 0o600 });
    try {
      while (!linked(mine, fileOf(folder))) {
        const other = readRecord(folder);
        if (other && runs(other)) throw new AlreadyRunning(other);
        if (other) await endAll(other.parts, say);
        rmSync(fileOf(folder), { force: true });
      }
    } finally {
      rmSync(mine);
    }
    return new RunningDemo(folder, record);
  }

  /** Puts a process that we have started on record. */
  add(name: string, pid: number | undefined): void {
    const birth = pid === undefined ? undefined : birthOf(pid);
    if (pid === undefined || birth === undefined) return;
    this.change({ parts: [...this.record.parts, { name, pid, birth }] });
  }

  /** Puts on record where others in this folder find what runs. */
  reachableAt(addresses: DemoAddresses): void {
    this.change({ addresses });
  }

  private change(changes: Partial<DemoOnRecord>): void {
    this.record = { ...this.record, ...changes };
    const next = `${fileOf(this.folder)}.${process.pid}`;
    // The addresses have passwords in them.
    writeFileSync(next, JSON.stringify(this.record), { mode: 0o600 });
    renameSync(next, fileOf(this.folder));
  }

  release(): void {
    rmSync(fileOf(this.folder), { force: true });
  }
}

/** Where the demo that runs in a folder can be reached; undefined when none runs, or not all of it is up. */
export function addressesOfDemo(folder: string): DemoAddresses | undefined {
  const demo = readRecord(folder);
  return demo && runs(demo) ? demo.addresses : undefined;
}

/**
 * Stops the demo that runs in a folder, and what a killed one has left behind.
 * @returns false when there was neither
 */
export async function stopDemo(folder: string, say: (line: string) => void): Promise<boolean> {
  const demo = readRecord(folder);
  if (!demo) return false;
  // It stops its parts in their order, which takes a while.
  await endAll([demo], say, 60_000);
  await endAll((readRecord(folder) ?? demo).parts, say);
  rmSync(fileOf(folder), { force: true });
  return true;
}

/** Asks those that still run to end, and kills them after the deadline. A guard may be doing the same: to be asked twice does no harm. */
async function endAll(processes: readonly KnownProcess[], say: (line: string) => void, deadlineMs = 15_000): Promise<void> {
  const left = processes.filter(runs);
  for (const { name, pid } of left) say(`Stopping ${name} (process ${pid}) …`);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const { pid } of left.filter(runs)) tell(pid, signal);
    const deadline = Date.now() + deadlineMs;
    while (left.some(runs) && Date.now() < deadline) await sleep(50);
  }
  const immortal = left.filter(runs).map(({ name, pid }) => `${name} (process ${pid})`);
  if (immortal.length > 0) throw new Error(`Not even SIGKILL ended ${immortal.join(', ')}`);
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has just ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readRecord(folder: string): DemoOnRecord | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(folder), 'utf8')) as DemoOnRecord;
  } catch {
    return undefined;
  }
}
