import { ExpireOrder } from '#libs/contracts';
import { eventually } from '#libs/testing';
import type { Lateness } from '../report/delay.js';
import { inDatabase } from '../seeding/databases.js';
import { requireEmptyOutbox } from '../seeding/deadlines.js';
import { createIdOf, firstIdAt } from '../seeding/ids.js';
import { insertIntoOutbox } from '../seeding/messages.js';
import { latenessOf } from './lateness.js';

/** Longer than the relay takes to send all of them into the delay queues, so that they really fall due together. */
const aheadSeconds = 45;

/** What the order service has handled, by the commit that says so. */
const handled = `
  SELECT pg_xact_commit_timestamp(xmin) - $2 AS late, pg_xact_commit_timestamp(xmin) < $2 AS early
  FROM inbox WHERE consumer = 'order.expire-order' AND message_id >= $1`;

/** Lets the deadlines of orders that nobody knows any more fall due in one moment, and looks when each was handled. */
export async function deadlinesAtOnce(databaseUrl: string, count: number, progress: (what: string) => void): Promise<Lateness> {
  return inDatabase(databaseUrl, async (client) => {
    await client.query(createIdOf);
    const startMs = Date.now();
    const dueAt = new Date(startMs + aheadSeconds * 1000);
    await client.query(
      insertIntoOutbox(
        ExpireOrder,
        ExpireOrder.example,
        `SELECT pg_temp.id_of('gone', number, ${startMs}) AS order_id, pg_temp.id_of('due', number, ${startMs}) AS id,
                '${dueAt.toISOString()}'::timestamptz AS due_at
         FROM generate_series(1, ${count}) AS number`,
      ),
    );
    await client.query('NOTIFY outbox');
    progress('they are on their way into the delay queues');
    await eventually(() => requireEmptyOutbox(client), { within: aheadSeconds * 1000 });
    progress('they fall due');
    return eventually(
      async () => {
        const lateness = await latenessOf(client, handled, [firstIdAt(startMs), dueAt]);
        if (lateness.deadlines < count) throw new Error(`${lateness.deadlines} of ${count} deadlines were handled`);
        return lateness;
      },
      { within: 120_000, every: 500 },
    );
  });
}
