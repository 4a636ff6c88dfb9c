import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { replicated, type ChaosWorld, type Replica } from './world.js';

/** What the consumers of a queue say that they have handled, and how many messages their inbox knows. */
export interface Handled {
  readonly queue: string;
  /** At least: what a process has handled since it was last asked is forgotten with it. */
  readonly done: number;
  readonly registered: number;
}

const everyMs = 2_000;

/**
 * Adds up what handlers were given, over all copies and all their lives. Business keys absorb a repeat that a handler sees, so that nothing
 * of it shows in the books: but one that was handled twice is counted twice here, and stands in the inbox once.
 */
export class HandledMessages {
  private readonly done = new Map<string, number>();
  private readonly last = new Map<string, number>();
  private readonly ending = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly world: ChaosWorld) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  /** As of now. */
  async read(): Promise<Handled[]> {
    await this.look();
    const handled: Handled[] = [];
    for (const service of replicated) {
      const client = new Client({ connectionString: this.world.databaseUrls[service], application_name: 'chaos-witness' });
      client.on('error', () => {});
      await client.connect();
      try {
        const { rows } = await client.query<{ queue: string; registered: number }>(
          'SELECT consumer AS queue, count(*)::int AS registered FROM inbox GROUP BY 1',
        );
        for (const { queue, registered } of rows) handled.push({ queue, done: this.done.get(queue) ?? 0, registered });
      } finally {
        await client.end();
      }
    }
    return handled;
  }

  private async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      await this.look();
      await sleep(everyMs, undefined, { signal: this.ending.signal }).catch(() => {});
    }
  }

  private async look(): Promise<void> {
    await Promise.all(this.world.replicas.map((replica) => this.ask(replica).catch(() => {})));
  }

  private async ask({ name, process }: Replica): Promise<void> {
    const { pid } = process;
    const response = await fetch(`${process.baseUrl}/metrics`, { signal: AbortSignal.timeout(1_500) });
    const lines = (await response.text()).matchAll(/^orderly_messages_handled_total\{queue="([^"]+)",outcome="done"\} (\d+)$/gm);
    for (const [, queue = '', count] of lines) {
      const life = `${name} ${pid} ${queue}`;
      const since = Number(count) - (this.last.get(life) ?? 0);
      this.last.set(life, Math.max(Number(count), this.last.get(life) ?? 0));
      if (since > 0) this.done.set(queue, (this.done.get(queue) ?? 0) + since);
    }
  }
}
