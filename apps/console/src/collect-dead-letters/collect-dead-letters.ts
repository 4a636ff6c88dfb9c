import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CollectsDeadLetters, type DeadLetter, type Transaction } from '#libs/messaging';
import { errorKind } from '../letter/error-kind.js';
import { beginHistory, LetterMoves, lockLetters, type LockedLetter } from '../letter/letters.js';
import { deadLettersCollected, replaysSettled } from '../metrics.js';

/** Keeps what was given up, once for each message and queue, however often the broker delivers it. */
@Injectable()
export class CollectDeadLetters {
  @CollectsDeadLetters()
  async collect(letters: readonly DeadLetter[], tx: Transaction): Promise<void> {
    const fresh = await this.keepNew(letters, tx);
    const known = letters.filter((letter) => !fresh.has(letter));
    const died = await this.takeBack(known, tx);
    tx.afterCommit(() => {
      for (const letter of letters) {
        const outcome = fresh.has(letter) ? 'new' : died.has(letter) ? 'again' : 'repeated';
        deadLettersCollected.inc({ queue: letter.queue, outcome });
        if (outcome === 'again') replaysSettled.inc({ queue: letter.queue, outcome: 'dead' });
      }
    });
  }

  /** @returns those that were not known */
  private async keepNew(letters: readonly DeadLetter[], { manager }: Transaction): Promise<Set<DeadLetter>> {
    const rows = letters.map((letter) => ({ letter, id: uuidv7() }));
    const kept = await manager.query<{ id: string }[]>(
      `INSERT INTO dead_letters (id, message_id, queue, type, subject, status, version, reason, error, error_kind, attempts, headers, body,
                                 is_text, died_at, said_at)
       SELECT id, message_id, queue, type, subject, 'parked', 1, reason, error, error_kind, attempts, headers::json, body, is_text, died_at, said_at
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[],
                     $10::text[], $11::bytea[], $12::boolean[], $13::timestamptz[], $14::timestamptz[])
           AS letter (id, message_id, queue, type, subject, reason, error, error_kind, attempts, headers, body, is_text, died_at, said_at)
        ORDER BY message_id, queue
       ON CONFLICT (message_id, queue) DO NOTHING RETURNING id`,
      [
        rows.map(({ id }) => id),
        letters.map(({ messageId }) => messageId),
        letters.map(({ queue }) => queue),
        letters.map(({ type }) => type ?? null),
        letters.map(({ subject }) => subject ?? null),
        letters.map(({ reason }) => reason),
        letters.map(({ error }) => error),
        letters.map(({ error }) => errorKind(error)),
        letters.map(({ attempts }) => attempts),
        letters.map(({ headers }) => JSON.stringify(headers)),
        letters.map(({ body }) => body),
        letters.map(({ body }) => isText(body)),
        letters.map(({ diedAt }) => diedAt),
        letters.map(({ saidAt }) => saidAt),
      ],
    );
    const ids = new Set(kept.map(({ id }) => id));
    const fresh = rows.filter(({ id }) => ids.has(id));
    if (fresh.length > 0)
      await beginHistory(
        manager,
        fresh.map(({ id, letter }) => ({ id, error: letter.error })),
      );
    return new Set(fresh.map(({ letter }) => letter));
  }

  /**
   * Parks again what has died of its replay. Anything else that is known is a repeat of the broker's, or of a replay that is not the last
   * one any more, and changes nothing.
   * @returns those that have died again
   */
  private async takeBack(letters: readonly DeadLetter[], { manager }: Transaction): Promise<Set<DeadLetter>> {
    const replayed = letters.filter(({ replayId }) => replayId !== undefined);
    if (replayed.length === 0) return new Set();
    const locked = await lockLetters(manager, 'replay_id = ANY($1::uuid[])', [replayed.map(({ replayId }) => replayId)]);
    const moves = new LetterMoves(manager);
    const died = new Map<LockedLetter, DeadLetter>();
    for (const letter of replayed) {
      const row = locked.find(({ replayId }) => replayId === letter.replayId);
      if (row?.status !== 'replaying') continue;
      moves.make(row, 'died', { error: letter.error, replayId: letter.replayId });
      died.set(row, letter);
    }
    await moves.save();
    for (const [{ id }, { reason, error, attempts, headers, diedAt }] of died) {
      await manager.query(
        'UPDATE dead_letters SET reason = $2, error = $3, error_kind = $4, attempts = $5, headers = $6, died_at = $7 WHERE id = $1',
        [id, reason, error, errorKind(error), attempts, JSON.stringify(headers), diedAt],
      );
    }
    return new Set(died.values());
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether a body can be kept, and sent again, as text. */
function isText(body: Buffer): boolean {
  try {
    return !utf8.decode(body).includes('\0');
  } catch {
    return false;
  }
}
