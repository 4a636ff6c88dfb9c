import { Client } from 'pg';
import { asOperator } from '#libs/testing';
import type { OrderRow, ProviderRow } from './judge.js';
import type { ChaosWorld, Replica } from './world.js';

export async function readOrders({ databaseUrls }: ChaosWorld): Promise<OrderRow[]> {
  return rows(databaseUrls.order, 'SELECT id::text, customer_id AS customer, status, total_minor::int AS "totalMinor" FROM orders');
}

/** What stands in the provider's own books. */
export async function readProvider({ databaseUrls }: ChaosWorld): Promise<ProviderRow[]> {
  return rows(
    databaseUrls['psp-simulator'],
    `SELECT metadata->>'order_id' AS "orderId", count(*) FILTER (WHERE amount_received_minor > coalesce(returned, 0))::int AS held,
            coalesce(sum(returned), 0)::int AS "returnedMinor"
       FROM payment_intents
       LEFT JOIN (SELECT payment_intent, sum(amount_minor) AS returned FROM refunds WHERE status = 'succeeded' GROUP BY payment_intent) AS r
         ON r.payment_intent = id
      WHERE status = 'succeeded' GROUP BY 1`,
  );
}

export interface DeadLetter {
  readonly id: string;
  readonly messageId: string;
  readonly status: string;
}

/** What the console has collected. */
export function readDeadLetters({ databaseUrls }: ChaosWorld): Promise<DeadLetter[]> {
  return rows(databaseUrls.console, 'SELECT id::text, message_id::text AS "messageId", status FROM dead_letters');
}

/** An operator's action at the console. @returns the status of the answer */
export async function decide(console: Replica, letter: string, action: 'replay' | 'discard'): Promise<number> {
  const response = await fetch(`${console.url}/dead-letters/${letter}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...asOperator('chaos') },
    body: JSON.stringify({ reason: 'sent by the chaos run, and readable by nobody' }),
    signal: AbortSignal.timeout(6_000),
  });
  await response.body?.cancel();
  return response.status;
}

/** Discards our own poison; what else is there stays for the checks. @returns the ids of the messages that were found */
export async function discardPoison(world: ChaosWorld, sent: ReadonlySet<string>): Promise<string[]> {
  const ours = (await readDeadLetters(world)).filter(({ messageId }) => sent.has(messageId));
  const [console] = world.replicasOf('console');
  for (const { id, status } of ours) if (status === 'parked') await decide(console!, id, 'discard');
  return ours.map(({ messageId }) => messageId);
}

async function rows<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url, application_name: 'chaos-witness', connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
