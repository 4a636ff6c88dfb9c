import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { topology } from '#libs/contracts';
import type { ChaosWorld } from './world.js';

/** How the system is at one moment. Null: it could not be asked. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Orders that are paid or have otherwise come to their end, so far. */
  readonly settled: number | null;
  /** Rows in the three outboxes. */
  readonly outbox: number | null;
  /** Messages in the work queues, ready or in hand. */
  readonly queued: number | null;
  /** The memory of the largest of our processes, in MB. */
  readonly largestMb: number | null;
}

const everyMs = 1_000;
const patienceMs = 900;

/** Looks at the system each second, past the proxies, for as long as it runs. */
export class Sampler {
  readonly samples: Sample[] = [];
  private readonly ending = new AbortController();
  private readonly clients = new Map<string, Client>();
  private running: Promise<void> | undefined;

  constructor(private readonly world: ChaosWorld) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
    for (const client of this.clients.values()) await client.end().catch(() => {});
  }

  private async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      const at = Date.now();
      const [settled, outbox, queued] = await Promise.all([this.settled(), this.outbox(), this.queued()]);
      this.samples.push({ at, settled, outbox, queued, largestMb: this.largestMb() });
      await sleep(Math.max(0, at + everyMs - Date.now()), undefined, { signal: this.ending.signal }).catch(() => {});
    }
  }

  private settled(): Promise<number | null> {
    return this.count('order', `SELECT count(*)::int AS count FROM order_history WHERE to_status IN ('paid', 'cancelled', 'expired')`);
  }

  private async outbox(): Promise<number | null> {
    const counts = await Promise.all(
      (['order', 'payment', 'notification'] as const).map((name) => this.count(name, 'SELECT count(*)::int AS count FROM outbox')),
    );
    return counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  }

  private async queued(): Promise<number | null> {
    const asked = this.world.brokers.manage('GET', '/api/queues/%2F?columns=name,messages') as Promise<
      { name: string; messages?: number }[]
    >;
    const queues = await inTime(asked);
    if (!queues) return null;
    return queues.filter(({ name }) => name in topology.queues).reduce((sum, { messages }) => sum + (messages ?? 0), 0);
  }

  private async count(database: 'order' | 'payment' | 'notification', sql: string): Promise<number | null> {
    let client = this.clients.get(database);
    if (!client) {
      client = new Client({
        connectionString: this.world.databaseUrls[database],
        application_name: 'chaos-sampler',
        connectionTimeoutMillis: patienceMs,
      });
      client.on('error', () => this.clients.delete(database));
      this.clients.set(database, client);
      const connected = await inTime(client.connect().then(() => true));
      if (!connected) {
        this.clients.delete(database);
        return null;
      }
    }
    const result = await inTime(client.query<{ count: number }>(sql));
    if (!result) {
      this.clients.delete(database);
      void client.end().catch(() => {});
    }
    return result?.rows[0]?.count ?? null;
  }

  private largestMb(): number | null {
    const sizes = this.world.replicas.map(({ process }) => (process.exit ? 0 : residentMb(process.pid)));
    return Math.max(...sizes) || null;
  }
}

/** Only Linux tells. */
function residentMb(pid: number): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes ?? 0) / 1024);
  } catch {
    return 0;
  }
}

/** What a promise settles with; undefined when it fails or takes too long. */
async function inTime<T>(asked: Promise<T>): Promise<T | undefined> {
  const tooLate = new AbortController();
  const outcome = await Promise.race([
    asked.catch(() => undefined),
    sleep(patienceMs, undefined, { signal: tooLate.signal }).catch(() => undefined),
  ]);
  tooLate.abort();
  return outcome;
}
