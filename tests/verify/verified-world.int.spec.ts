import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorToken, startWorld, type World } from '#libs/testing';
import { checks, verify, verifyEventually, type CheckResult, type System } from '#libs/verify';
import { legalMoves } from '../../demo/legal-moves.js';
import { Customer } from '../journeys/customer.spec-support.js';

/** What SQL says, in place of what the service reads: a view in a schema that comes first for whoever verifies. */
const differences = [
  {
    what: 'a total',
    database: 'order',
    view: `SELECT id, customer_id, email, status, items, total_minor + 1 AS total_minor, currency, version, placed_at, payment_deadline FROM public.orders`,
    table: 'orders',
    check: 'listed-orders-equal-sql',
    says: /is paid 2599 EUR in SQL, and paid 2598 EUR in the list/,
  },
  {
    what: 'an order that the list lacks',
    database: 'order',
    view: `SELECT * FROM public.orders UNION ALL
           SELECT gen_random_uuid(), 'bob', '', 'paid', '[]', 1, 'EUR', 1, now(), now()`,
    table: 'orders',
    check: 'listed-orders-equal-sql',
    says: /is paid 1 EUR in SQL, and missing in the list/,
  },
  {
    what: 'an order that is in the list alone',
    database: 'order',
    view: `SELECT * FROM public.orders WHERE status <> 'cancelled'`,
    table: 'orders',
    check: 'listed-orders-equal-sql',
    says: /is missing in SQL, and cancelled 2598 EUR in the list/,
  },
  {
    what: 'an amount of a refund',
    database: 'payment',
    view: `SELECT id, payment_id, amount_minor + 1 AS amount_minor, currency, reason, status, psp_reference, at, note, tries, asked_at, retry_at FROM public.refunds`,
    table: 'refunds',
    check: 'shown-payments-equal-sql',
    says: /succeeded 2599 EUR in SQL, and shown as .* succeeded 2598 EUR/,
  },
] as const;

describe('a system that has worked', () => {
  let world: World;
  let system: System;

  beforeAll(async () => {
    world = await startWorld({ console: true });
    system = {
      databaseUrls: world.databaseUrls,
      rabbitmq: { url: world.vhost.url, managementUrl: world.vhost.managementUrl },
      baseUrls: { order: world.order.baseUrl, payment: world.payment.baseUrl },
      operatorToken: operatorToken('verify'),
      legalMoves,
    };
    const customer = new Customer(world);
    const declined = await customer.place({ paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds' });
    const paid = await customer.place({ paymentMethod: 'pm_card_visa' });
    const returned = await customer.place({ paymentMethod: 'pm_card_visa' });
    const unpaid = await customer.place();
    const expiring = await customer.place({ paymentWindowSeconds: 5 });
    await customer.isTold(
      /have your order/,
      /have your order/,
      /have your order/,
      /have your order/,
      /have your order/,
      /declined/,
      /is paid/,
      /is paid/,
    );
    await customer.pay(declined.id, 'pm_card_visa');
    await customer.cancel(returned.id);
    await customer.cancel(unpaid.id);
    await customer.sees(declined.id, 'paid');
    await customer.sees(paid.id, 'paid');
    await customer.sees(returned.id, 'refunded');
    await customer.sees(unpaid.id, 'cancelled');
    await customer.sees(expiring.id, 'expired', 15_000);
  }, 120_000);
  afterAll(() => world.stop());

  it('is found to be right, by every check', async () => {
    const results = await verifyEventually(system, 30_000);
    expect(wrongOf(results)).toEqual({});
    expect(results.map(({ name, skipped }) => ({ name, skipped }))).toEqual(checks.map(({ name }) => ({ name, skipped: undefined })));
    expect(results.find(({ name }) => name === 'listed-orders-equal-sql')?.checked).toBe(5);
  }, 60_000);

  it.each(differences)('is found to show another truth than SQL: $what', async ({ database, table, view, check, says }) => {
    await run(world.databaseUrls[database], `CREATE SCHEMA another; CREATE VIEW another.${table} AS ${view}`);
    try {
      const url = `${world.databaseUrls[database]}?options=${encodeURIComponent('-c search_path=another,public')}`;
      const results = await verify(
        { ...system, databaseUrls: { ...system.databaseUrls, [database]: url } },
        { only: ({ name }) => name === check },
      );
      expect(wrongOf(results)[check]).toMatch(says);
    } finally {
      await run(world.databaseUrls[database], 'DROP SCHEMA another CASCADE');
    }
  });
});

function wrongOf(results: readonly CheckResult[]): Record<string, string> {
  return Object.fromEntries(results.filter(({ violations }) => violations > 0).map(({ name, offenders }) => [name, offenders.join('\n')]));
}

async function run(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
