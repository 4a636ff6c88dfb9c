import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosWorld, Replica } from './world.js';

/** A service that ended though nobody had told it to. */
export interface UnaskedExit {
  readonly at: number;
  readonly replica: string;
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said last. */
  readonly said: string;
}

const everyMs = 250;

/** Starts again what has ended by itself, as an orchestrator does, and remembers it. */
export class Supervisor {
  readonly exits: UnaskedExit[] = [];
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

  private async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      for (const replica of [...this.world.replicas, this.world.psp]) await this.lookAfter(replica);
      await sleep(everyMs, undefined, { signal: this.ending.signal }).catch(() => {});
    }
  }

  private async lookAfter(replica: Replica): Promise<void> {
    const { exit } = replica.process;
    if (!exit || replica.isDownOnPurpose) return;
    this.exits.push({
      at: Date.now(),
      replica: replica.name,
      ...exit,
      said: replica.process.output.trimEnd().split('\n').slice(-3).join('\n').slice(-2_000),
    });
    await replica.process.start().catch(() => {});
  }
}
