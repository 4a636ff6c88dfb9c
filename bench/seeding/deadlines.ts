import type { Client } from 'pg';
import { ExpireOrder, topology } from '#libs/contracts';
import { eventually } from '#libs/testing';
import type { Ground } from '../measuring/servers.js';
import { inDatabase } from './databases.js';
import { insertIntoOutbox } from './messages.js';
import { prepareToWrite, write, writeOrders, type Orders } from './orders.js';

/** So many are placed at once: few enough to be under way within a second, which is how long "in 900 s" stays true. */
const slice = 500;

/** By turns, in SQL: the usual window, which has a lane, and one between an hour and a week, which walks the cascade. */
const windows = [`interval '900 s'`, `make_interval(secs => 3600 + floor(random() * 600000))`];

/** Where deadlines wait. */
export interface Waiting {
  readonly inLane: number;
  readonly inCascade: number;
}

/**
 * Places orders that nobody pays, and whose deadlines are far ahead: past the order service's API, but its relay sends their deadlines
 * into the delay queues. It has to be running.
 * @returns where they wait; at least so many
 */
export async function placeWaitingOrders(ground: Ground, count: number, progress: (what: string) => void): Promise<Waiting> {
  const startMs = Date.now();
  const orders: Orders = { first: 1, last: count, startMs, everyMs: 0, paid: false, deadline: 'placed_at' };
  await writeOrders(ground.databaseUrls, orders, ['payment', 'notification']);
  await inDatabase(ground.databaseUrls.order, async (client) => {
    await prepareToWrite(client);
    for (let first = 1, turn = 0; first <= count; first += slice, turn += 1) {
      progress(`${first - 1} of ${count} deadlines wait`);
      const deadline = `date_trunc('milliseconds', clock_timestamp()) + ${windows[turn % windows.length]}`;
      await client.query('BEGIN');
      await write(client, 'order', { ...orders, first, last: Math.min(count, first + slice - 1), deadline });
      await client.query(
        insertIntoOutbox(
          ExpireOrder,
          ExpireOrder.example,
          `SELECT order_id, pg_temp.id_of('expire', number, ms) AS id, deadline AS due_at FROM made`,
        ),
      );
      // As a replica does that cannot send by itself.
      await client.query('NOTIFY outbox; COMMIT');
      await eventually(() => requireEmptyOutbox(client), { within: 60_000 });
    }
    await client.query('VACUUM (ANALYZE)');
  });
  return countWaiting(ground, count);
}

export async function requireEmptyOutbox(client: Client): Promise<void> {
  const { rows } = await client.query<{ left: boolean }>('SELECT EXISTS (SELECT FROM outbox) AS left');
  if (rows[0]!.left) throw new Error('the outbox still holds messages');
}

/** @throws when there are fewer than `atLeast` */
export async function countWaiting({ vhost }: Ground, atLeast: number): Promise<Waiting> {
  const { delay } = topology;
  const lane = `${delay.name}.lane-900`;
  const cascade = Array.from({ length: delay.levels }, (_, level) => `${delay.name}.${String(level).padStart(2, '0')}`);
  const inLane = (await vhost.depth(lane)).messages;
  let inCascade = 0;
  for (const queue of cascade) inCascade += (await vhost.depth(queue)).messages;
  if (inLane + inCascade < atLeast) throw new Error(`only ${inLane + inCascade} of ${atLeast} deadlines wait in the delay queues`);
  return { inLane, inCascade };
}
