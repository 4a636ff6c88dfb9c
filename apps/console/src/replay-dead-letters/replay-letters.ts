import { v7 as uuidv7 } from 'uuid';
import { replayableDays, topology, type MessageType } from '#libs/contracts';
import { problem } from '#libs/http';
import { forReplay, type Transaction } from '#libs/messaging';
import { LetterMoves, type LockedLetter } from '../letter/letters.js';
import { operatorActions } from '../metrics.js';

const queues: Readonly<Record<string, { readonly takes: readonly MessageType[] }>> = topology.queues;

/** The queues that can be given anything. */
export const knownQueues = Object.keys(queues);

/** The type that a dead letter says it is of; undefined when its queue takes no such type. */
export function typeOf({ queue, type }: Pick<LockedLetter, 'queue' | 'type'>): MessageType | undefined {
  return queues[queue]?.takes.find(({ name }) => name === type);
}

/** What {@link requireRemembered} requires, of rows. */
export const isRemembered = `said_at > now() - interval '${replayableDays} days'`;

/**
 * Past that its queue may have forgotten that it has handled the message after all, and would handle it twice.
 * @throws Problem when a message was said so long ago
 */
export function requireRemembered(saidAt: Date): void {
  if (Date.now() - saidAt.getTime() < replayableDays * 86_400_000) return;
  throw problem(
    'dead-letter-not-replayable',
    `It was said more than ${replayableDays} days ago: nobody knows for sure any more whether it was handled. Discard it.`,
  );
}

/** @throws Problem when a dead letter cannot be sent anywhere, whatever its state */
export function requireReplayable({ queue, isText, saidAt }: LockedLetter, body: Buffer): void {
  requireRemembered(saidAt);
  if (!(queue in queues)) throw problem('dead-letter-not-replayable', 'Its queue is not one of the topology any more.');
  if (!isText && body.length > 0)
    throw problem('dead-letter-not-replayable', 'It is no text, so nobody can ever read it. Edit or discard it.');
}

/**
 * Gives parked letters to the queues that failed at them, each once, in this transaction: what is sent, the letters' state and the record
 * of the action stand or fall together.
 */
export async function replayLetters(
  tx: Transaction,
  letters: readonly { readonly letter: LockedLetter; readonly body: string }[],
  { cause, auditId }: { cause: 'replayed' | 'edited'; auditId: string },
): Promise<void> {
  const moves = new LetterMoves(tx.manager);
  const sent = letters.map(({ letter, body }) => {
    const replayId = uuidv7();
    moves.make(letter, cause, { replayId, auditId });
    const { messageId: id, type, queue } = letter;
    return { id, type: type ?? '', queue, body, headers: forReplay(letter.headers, replayId) };
  });
  await moves.save();
  await tx.redeliver(sent);
  tx.afterCommit(() => operatorActions.inc({ action: cause }, letters.length));
}
