import { Client } from 'pg';
import type { ContenderServers } from '../contender.js';

/** Compares the three databases: each order that was accepted is to be paid, captured once and told of once. One line for each difference. */
export async function findFaults({ order, payment, notification }: ContenderServers['databaseUrls']): Promise<string[]> {
  const [accepted, paid, captured, told] = await Promise.all([
    orderIds(order, 'SELECT id FROM orders'),
    orderIds(order, `SELECT id FROM orders WHERE status = 'paid'`),
    orderIds(payment, `SELECT order_id AS id FROM payments WHERE status = 'captured'`),
    orderIds(notification, `SELECT order_id AS id FROM notifications WHERE kind = 'order-paid' AND status = 'sent'`),
  ]);
  return [...differences('paid', accepted, paid), ...differences('captured', accepted, captured), ...differences('told', accepted, told)];
}

async function orderIds(databaseUrl: string, query: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(query);
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}

function differences(what: string, accepted: readonly string[], done: readonly string[]): string[] {
  const once = new Set(done);
  const known = new Set(accepted);
  const counts = {
    [`orders never ${what}`]: accepted.filter((id) => !once.has(id)).length,
    [`orders ${what} more than once, counted by repeats`]: done.length - once.size,
    [`${what}, but no order of ours`]: [...once].filter((id) => !known.has(id)).length,
  };
  return Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`${name}: ${count}`] : []));
}
