import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, startPostgres } from '#libs/testing';

type Running = Awaited<ReturnType<typeof startPostgres>>;

/** Of the file system in memory that the data lies on, where one can be made. */
const diskMegabytes = 3_072;

/** A Postgres that can be ended in each of its ways and started again on the same data, and whose disk can be full. */
export class PostgresServer {
  private constructor(
    private readonly dir: string,
    private readonly port: number,
    private running: Running,
    /** Why its disk cannot be made full here; undefined when it can. */
    readonly whyNoDisk: string | undefined,
  ) {}

  static async start(dir: string): Promise<PostgresServer> {
    mkdirSync(dir, { recursive: true });
    let whyNoDisk = mountMemory(dir);
    const port = await freePort();
    const running = await startPostgres({ dir, port, settings });
    if (whyNoDisk === undefined && !existsSync(join(dir, 'data', 'PG_VERSION'))) whyNoDisk = 'Postgres keeps its data elsewhere';
    return new PostgresServer(dir, port, running, whyNoDisk);
  }

  /** Of an administrator. */
  get url(): string {
    return this.running.url;
  }

  /**
   * Ends it and comes back when it has gone.
   * @param how `fast`: sessions are ended and a checkpoint is written; `immediate`: as if the power had failed, with recovery at the next start
   */
  async end(how: 'fast' | 'immediate'): Promise<void> {
    const { pid } = this.running;
    if (pid === undefined) throw new Error('this Postgres was not started here');
    process.kill(pid, how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    while (isAlive(pid)) await sleep(20);
  }

  async startAgain(): Promise<void> {
    if (this.running.pid !== undefined && isAlive(this.running.pid)) return;
    this.running = await startPostgres({ dir: this.dir, port: this.port, settings });
  }

  /** Nothing more can be written from now on, but where there is room in a page. */
  fillDisk(): void {
    const { bsize, blocks, bfree } = statfsSync(this.dir);
    mount('-o', `remount,size=${(blocks - bfree) * bsize}`, this.dir);
  }

  freeDisk(): void {
    mount('-o', `remount,size=${diskMegabytes}m`, this.dir);
  }

  async stop(): Promise<void> {
    await this.running.stop();
    if (isMounted(this.dir)) execFileSync('umount', ['-l', this.dir], { stdio: 'ignore' });
  }
}

const settings = {
  max_connections: '300',
  max_wal_size: '512MB',
  // What an immediate end has to make good again.
  checkpoint_timeout: '60s',
};

/** @returns why it could not be done; undefined when it was */
function mountMemory(dir: string): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has a small file system in memory for it';
  if (process.getuid?.() !== 0) return 'only root may mount a small file system for it';
  try {
    mount('-t', 'tmpfs', '-o', `size=${diskMegabytes}m,mode=0755`, 'chaos', dir);
    return undefined;
  } catch {
    return 'a small file system cannot be mounted for it here';
  }
}

function mount(...given: string[]): void {
  execFileSync('mount', given, { stdio: 'ignore' });
}

function isMounted(dir: string): boolean {
  try {
    execFileSync('mountpoint', ['-q', dir]);
    return true;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
