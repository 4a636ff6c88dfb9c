import type { EntityManager } from 'typeorm';
import { DeadLetterReplayed } from '#libs/contracts';
import type { Incoming } from './message-handler.js';
import type { Transaction, Transactions } from './outbox.js';
import { Overtaken } from './retry-policy.js';

/** What carries a message. */
interface Bearer {
  readonly message: Incoming;
}

/**
 * One transaction for a batch: registers it in the inbox of a consumer and gives `work` what is new of it.
 * @returns how many were new
 */
export async function handleOnce<Item extends Bearer>(
  transactions: Transactions,
  consumer: string,
  batch: readonly Item[],
  work: (fresh: readonly Item[], tx: Transaction) => Promise<void>,
): Promise<number> {
  return transactions.run(async (tx) => {
    const unseen = await registerNew(
      tx.manager,
      consumer,
      batch.map(({ message }) => message.id),
    );
    // `delete` also takes out the second of two copies that came in one batch.
    const fresh = batch.filter(({ message }) => unseen.delete(message.id));
    if (fresh.length > 0) await work(fresh, tx);
    for (const item of batch) tellOfReplay(tx, consumer, item.message, () => fresh.includes(item));
    return fresh.length;
  });
}

/**
 * One transaction for the intents of a batch. What `intend` has no question about is done, and registered here; the rest is registered
 * when its outcome is, so that a crash in between asks again.
 * @returns what was new, and the intents of what is to be asked
 */
export async function intendOnce(
  transactions: Transactions,
  consumer: string,
  batch: readonly Incoming[],
  intend: (fresh: readonly Incoming[], tx: Transaction) => Promise<ReadonlyMap<Incoming, unknown>>,
): Promise<{ readonly unseen: ReadonlySet<Incoming>; readonly intents: ReadonlyMap<Incoming, unknown> }> {
  return transactions.run(async (tx) => {
    const unhandled = await findNew(
      tx.manager,
      consumer,
      batch.map(({ id }) => id),
    );
    const fresh = batch.filter(({ id }) => unhandled.delete(id));
    const intents = fresh.length > 0 ? await intend(fresh, tx) : new Map<Incoming, unknown>();
    const settled = fresh.filter((message) => !intents.has(message));
    if (settled.length > 0) {
      const ids = settled.map(({ id }) => id);
      const registered = await registerNew(tx.manager, consumer, ids);
      // Whoever had a copy in hand at the same time has done it: what was intended for it here must not stay.
      if (registered.size < ids.length) throw new Overtaken('another copy has been handled since this one was looked up');
    }
    // What became of a message that is asked about is not known yet, nor of another copy of it.
    const toBeAsked = new Set([...intents.keys()].map(({ id }) => id));
    for (const message of batch) {
      if (!toBeAsked.has(message.id)) tellOfReplay(tx, consumer, message, () => settled.includes(message));
    }
    return { unseen: new Set(fresh), intents };
  });
}

/** Says what became of a dead letter that was replayed, in the transaction that it became so in. */
function tellOfReplay(tx: Transaction, queue: string, message: Incoming, isNew: () => boolean): void {
  const { id: messageId, replayId, subject } = message;
  if (replayId === undefined) return;
  const outcome = isNew() ? 'done' : 'duplicate';
  tx.publish(DeadLetterReplayed, { replayId, messageId, queue, outcome }, { subject, causedBy: message });
}

/**
 * Registers messages as handled by a consumer and answers which of them are new. The rows share the handler's transaction: a repeat that
 * comes while the first is still being handled waits on the unique key, and is a duplicate if that commits.
 */
async function registerNew(manager: EntityManager, consumer: string, ids: readonly string[]): Promise<Set<string>> {
  const rows: { message_id: string }[] = await manager.query(
    `INSERT INTO inbox (consumer, message_id)
     SELECT $1, id FROM unnest($2::uuid[]) AS id ORDER BY id
     ON CONFLICT DO NOTHING RETURNING message_id`,
    [consumer, ids],
  );
  return new Set(rows.map((row) => row.message_id));
}

/** Which of these a consumer has not handled yet, without registering them. */
async function findNew(manager: EntityManager, consumer: string, ids: readonly string[]): Promise<Set<string>> {
  const rows: { message_id: string }[] = await manager.query(
    'SELECT message_id FROM inbox WHERE consumer = $1 AND message_id = ANY($2::uuid[])',
    [consumer, ids],
  );
  const handled = new Set(rows.map((row) => row.message_id));
  return new Set(ids.filter((id) => !handled.has(id)));
}
