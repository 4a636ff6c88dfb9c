import { Client } from 'pg';
import type { Plan, Scenario } from './plan.js';

/** An order as the databases have it. */
interface Row {
  readonly status: string;
  readonly placedAt: Date;
  /** When it or its payment last changed. */
  lastChange: Date;
  payment?: string;
}

/** How far an order is. */
export interface Seen {
  readonly scenario: Scenario;
  readonly status: string;
  readonly payment: string | undefined;
  readonly settled: boolean;
  /** From its placing to its last change, in milliseconds. */
  readonly tookMs: number;
}

/** Looks how far all orders are, with one query to each database. */
export async function lookAt(
  plans: ReadonlyMap<string, Plan>,
  databaseUrls: { readonly order: string; readonly payment: string },
): Promise<Seen[]> {
  const orders = await query<{ id: string; status: string; placedAt: Date; lastChange: Date }>(
    databaseUrls.order,
    `SELECT id, status, placed_at AS "placedAt", (SELECT max(at) FROM order_history WHERE order_id = orders.id) AS "lastChange" FROM orders`,
  );
  const payments = await query<{ orderId: string; status: string; lastChange: Date }>(
    databaseUrls.payment,
    `SELECT order_id AS "orderId", status, (SELECT max(at) FROM payment_history WHERE payment_id = payments.id) AS "lastChange" FROM payments`,
  );
  const rows = new Map<string, Row>(orders.map(({ id, ...order }) => [id, order]));
  for (const { orderId, status, lastChange } of payments) {
    const row = rows.get(orderId);
    if (!row) continue;
    row.payment = status;
    if (lastChange > row.lastChange) row.lastChange = lastChange;
  }
  return [...plans].map(([id, { scenario, ends }]) => {
    const row = rows.get(id);
    if (!row) return { scenario, status: 'missing', payment: undefined, settled: false, tookMs: 0 };
    const { status, payment, placedAt, lastChange } = row;
    const settled = payment !== undefined && (ends[status]?.includes(payment) ?? false);
    return { scenario, status, payment, settled, tookMs: lastChange.getTime() - placedAt.getTime() };
  });
}

async function query<Result extends object>(url: string, sql: string): Promise<Result[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Result>(sql)).rows;
  } finally {
    await client.end();
  }
}
