import type { EntityManager } from 'typeorm';
import type { Kept } from '#libs/service';
import { decide, type Cause, type LetterStatus } from './letter-state.js';

/** How long a dead letter is kept after what was done about it last. One that is open is kept until it is settled. */
export const deadLettersKept = (days: number): Kept => ({
  table: 'dead_letters',
  // It died before it was settled.
  since: 'died_at',
  hours: days * 24,
  settled: `status IN ('done', 'duplicate', 'discarded') AND NOT EXISTS (
              SELECT FROM dead_letter_history AS entry WHERE entry.dead_letter_id = dead_letters.id AND entry.at >= now() - $2::interval)`,
});

/** A dead letter that is ours to move until the transaction ends. */
export interface LockedLetter {
  readonly id: string;
  readonly messageId: string;
  readonly queue: string;
  readonly type: string | null;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly isText: boolean;
  /** When its message was said. */
  readonly saidAt: Date;
  replayId: string | null;
  status: LetterStatus;
  /** How many rows its history has. */
  version: number;
}

const columns = `id, message_id AS "messageId", queue, type, headers, body, is_text AS "isText", said_at AS "saidAt", replay_id AS "replayId", status, version`;

/**
 * Locks the dead letters that a condition selects, always in the same order, so that two of these never wait for each other.
 * @param condition SQL over `dead_letters`, perhaps with LIMIT
 */
export function lockLetters(
  manager: EntityManager,
  condition: string,
  values: readonly unknown[],
  options: { readonly most?: number; readonly skipLocked?: boolean } = {},
): Promise<LockedLetter[]> {
  const { most, skipLocked = false } = options;
  return manager.query(
    `SELECT ${columns} FROM dead_letters WHERE ${condition} ORDER BY died_at, id
     ${most === undefined ? '' : `LIMIT ${most}`} FOR UPDATE ${skipLocked ? 'SKIP LOCKED' : ''}`,
    [...values],
  );
}

/** What is known of a move beside its cause. */
interface MoveDetails {
  readonly replayId?: string | undefined;
  readonly auditId?: string | undefined;
  readonly error?: string | undefined;
}

interface HistoryRow extends MoveDetails {
  readonly letterId: string;
  readonly sequence: number;
  readonly status: LetterStatus;
  readonly cause: Cause;
}

/** Moves dead letters and keeps their history; all that was made is written by `save`. */
export class LetterMoves {
  private readonly moved = new Set<LockedLetter>();
  private readonly history: HistoryRow[] = [];

  constructor(private readonly manager: EntityManager) {}

  /** @throws IllegalMove */
  make(letter: LockedLetter, cause: Cause, details: MoveDetails = {}): void {
    letter.status = decide(letter.status, cause);
    letter.version += 1;
    letter.replayId = details.replayId ?? letter.replayId;
    this.moved.add(letter);
    this.history.push({ ...details, letterId: letter.id, sequence: letter.version, status: letter.status, cause });
  }

  async save(): Promise<void> {
    const moved = [...this.moved];
    if (moved.length === 0) return;
    await this.manager.query(
      `UPDATE dead_letters AS letter SET status = moved.status, version = moved.version, replay_id = moved.replay_id
         FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::uuid[]) AS moved (id, status, version, replay_id)
        WHERE letter.id = moved.id`,
      [
        moved.map(({ id }) => id),
        moved.map(({ status }) => status),
        moved.map(({ version }) => version),
        moved.map(({ replayId }) => replayId),
      ],
    );
    await writeHistory(this.manager, this.history);
  }
}

/** Begins the history of letters that are new here. */
export function beginHistory(manager: EntityManager, letters: readonly { readonly id: string; readonly error: string }[]): Promise<void> {
  return writeHistory(
    manager,
    letters.map(({ id, error }) => ({ letterId: id, sequence: 1, status: 'parked', cause: 'died', error })),
  );
}

async function writeHistory(manager: EntityManager, rows: readonly HistoryRow[]): Promise<void> {
  await manager.query(
    `INSERT INTO dead_letter_history (dead_letter_id, sequence, status, cause, error, replay_id, audit_id)
     SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[])`,
    [
      rows.map(({ letterId }) => letterId),
      rows.map(({ sequence }) => sequence),
      rows.map(({ status }) => status),
      rows.map(({ cause }) => cause),
      rows.map(({ error }) => error ?? null),
      rows.map(({ replayId }) => replayId ?? null),
      rows.map(({ auditId }) => auditId ?? null),
    ],
  );
}
