import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { SIMULATOR_CONFIG, type SimulatorConfig } from '../config.js';
import type { Mix } from '../scenarios/draw.js';

/** How the simulator misbehaves at present. */
export interface FaultSettings extends Mix {
  /** Every call is answered 503. */
  readonly down: boolean;
}

export const noFaults: FaultSettings = { seed: 1, down: false };

/** What the control endpoint has set. It is kept, with the places in the sequences, so that a restart goes on where it stopped. */
@Injectable()
export class Faults implements OnApplicationBootstrap {
  private now: FaultSettings = noFaults;

  constructor(
    private readonly books: DataSource,
    @Inject(SIMULATOR_CONFIG) private readonly config: SimulatorConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.config.FAULTS_ENABLED) return;
    const [row]: { settings: FaultSettings }[] = await this.books.query('SELECT settings FROM faults');
    if (row) this.now = row.settings;
  }

  get settings(): FaultSettings {
    return this.now;
  }

  /** Replaces the settings, and begins each sequence anew. */
  async set(settings: FaultSettings): Promise<void> {
    await this.books.transaction(async (books) => {
      await books.query('INSERT INTO faults (settings) VALUES ($1) ON CONFLICT (single) DO UPDATE SET settings = $1, at = now()', [
        settings,
      ]);
      await books.query('DELETE FROM sequences');
    });
    this.now = settings;
  }

  /** The next place of a sequence, 1 for the first. */
  async nextPlace(books: EntityManager, sequence: string): Promise<number> {
    const [row]: { place: number }[] = await books.query(
      `INSERT INTO sequences (name, place) VALUES ($1, 1)
       ON CONFLICT (name) DO UPDATE SET place = sequences.place + 1
       RETURNING place`,
      [sequence],
    );
    return row!.place;
  }

  /** How often each word was drawn since the settings were made: of the answers and webhooks of payments, and the answers of refunds. */
  async counts(): Promise<Record<'payments' | 'webhooks' | 'refunds', Record<string, number>>> {
    const rows: { answer: string; webhooks: string | null; count: number }[] = await this.books.query(
      `SELECT scenario->>'answer' AS answer, scenario->>'webhooks' AS webhooks, count(*)::int AS count
       FROM treatments, faults WHERE sequence IS NOT NULL AND treatments.at >= faults.at
       GROUP BY 1, 2 ORDER BY 1, 2`,
    );
    const counts = { payments: {}, webhooks: {}, refunds: {} } as Record<'payments' | 'webhooks' | 'refunds', Record<string, number>>;
    for (const { answer, webhooks, count } of rows) {
      const answers = webhooks === null ? counts.refunds : counts.payments;
      answers[answer] = (answers[answer] ?? 0) + count;
      if (webhooks !== null) counts.webhooks[webhooks] = (counts.webhooks[webhooks] ?? 0) + count;
    }
    return counts;
  }
}
