import { Client } from 'pg';
import type { ServiceName } from '../databases.js';

/** Who keeps rows about orders. */
type Keeper = Exclude<ServiceName, 'console'>;

/** For each table, its rows about one order in a few words. */
const questions: Readonly<Record<Keeper, Readonly<Record<string, string>>>> = {
  order: {
    orders: `SELECT status || ', version ' || version AS row FROM orders WHERE id = $1`,
    order_history: `SELECT sequence || ' ' || to_status || ' (' || cause || ')' AS row FROM order_history WHERE order_id = $1 ORDER BY sequence`,
  },
  payment: {
    payments: `SELECT status || ', version ' || version AS row FROM payments WHERE order_id = $1`,
    attempts: `
      SELECT concat_ws(' ', payment_method, outcome, decline_code) AS row
      FROM attempts JOIN payments ON payments.id = payment_id WHERE order_id = $1 ORDER BY attempts.id`,
    ledger_entries: `
      SELECT account || ' ' || to_char(amount_minor / 100.0, 'FMSG999990.00') || ' ' || currency AS row
      FROM ledger_entries WHERE order_id = $1 ORDER BY at, account`,
  },
  notification: {
    notifications: `SELECT kind || ' by ' || channel || ', ' || status AS row FROM notifications WHERE order_id = $1 ORDER BY at, id`,
  },
  'psp-simulator': {
    payment_intents: `
      SELECT status || ' ' || to_char(amount_received_minor / 100.0, 'FM999990.00') || ' ' || upper(currency) AS row
      FROM payment_intents WHERE metadata->>'order_id' = $1 ORDER BY created_at`,
    refunds: `
      SELECT status || ' ' || to_char(amount_minor / 100.0, 'FM999990.00') || ' ' || upper(currency) AS row
      FROM refunds WHERE metadata->>'order_id' = $1 ORDER BY created_at`,
  },
};

/** The rows that an order has in every database, read there. */
export async function rowsOf(
  orderId: string,
  databaseUrls: Readonly<Record<Keeper, string>>,
): Promise<readonly { readonly table: string; readonly row: string }[]> {
  const found = [];
  for (const [service, tables] of Object.entries(questions) as [Keeper, Record<string, string>][]) {
    const client = new Client({ connectionString: databaseUrls[service] });
    await client.connect();
    try {
      for (const [table, sql] of Object.entries(tables)) {
        const { rows } = await client.query<{ row: string }>(sql, [orderId]);
        found.push(...rows.map(({ row }) => ({ table: `${service === 'psp-simulator' ? 'provider' : service}.${table}`, row })));
      }
    } finally {
      await client.end();
    }
  }
  return found;
}
