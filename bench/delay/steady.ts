import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { asCustomer, eventually, SeededRandom } from '#libs/testing';
import type { Lateness } from '../report/delay.js';
import { inDatabase } from '../seeding/databases.js';
import { firstIdAt } from '../seeding/ids.js';
import { latenessOf } from './lateness.js';
import { planOrders, type Paced } from './plan.js';

/** How long after the last deadline orders may be left, before this gives up: the sweeper has come by then. */
const patienceMs = 60_000;

/** An order is early when it was decided before its deadline to let it expire, though the commit may have been after it. */
const expirations = `
  SELECT pg_xact_commit_timestamp(order_history.xmin) - payment_deadline AS late, order_history.at < payment_deadline AS early
  FROM orders JOIN order_history ON order_id = id WHERE id >= $1 AND to_status = 'expired'`;

/** Places orders over HTTP that nobody pays, so that they fall due steadily, and looks when each has expired. */
export async function steadyDeadlines(url: string, databaseUrl: string, paced: Paced, progress: (what: string) => void): Promise<Lateness> {
  const plan = planOrders(paced, new SeededRandom(1));
  const startAt = Date.now();
  const placing: Promise<void>[] = [];
  for (const [index, { placeAt, windowSeconds }] of plan.entries()) {
    const early = startAt + placeAt - Date.now();
    if (early > 0) await sleep(early);
    placing.push(placeOrder(url, windowSeconds));
    if (index % paced.perSecond === 0) progress(`${index} of ${plan.length} orders are placed`);
  }
  await Promise.all(placing);
  progress('the last of them expire');
  return inDatabase(databaseUrl, async (client) => {
    const from = firstIdAt(startAt);
    await eventually(() => requireAllExpired(client, from), { within: paced.windows.most * 1000 + patienceMs, every: 500 });
    return latenessOf(client, expirations, [from]);
  });
}

async function placeOrder(url: string, paymentWindowSeconds: number): Promise<void> {
  const response = await fetch(`${url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...asCustomer('alice'), 'idempotency-key': randomUUID() },
    body: JSON.stringify({ items: [{ sku: 'MUG-STONEWARE', quantity: 2 }], email: 'alice@example.com', paymentWindowSeconds }),
  });
  const answer = await response.text();
  if (response.status !== 201) throw new Error(`an order was not accepted: ${response.status} ${answer}`);
}

async function requireAllExpired(client: Client, from: string): Promise<void> {
  const { rows } = await client.query<{ left: number }>(`SELECT count(*)::int AS left FROM orders WHERE id >= $1 AND status <> 'expired'`, [
    from,
  ]);
  if (rows[0]!.left > 0) throw new Error(`${rows[0]!.left} orders have not expired`);
}
