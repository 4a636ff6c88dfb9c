import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startWorld, type World } from '#libs/testing';
import { Customer } from '../journeys/customer.spec-support.js';

/*
 * Each story stops the world at one exact place, by holding back frames, refusing connections or keeping a row locked, and not by a hook
 * in the code; then it kills the process with SIGKILL, lets the world go on, and counts.
 */

let world: World;

beforeAll(async () => {
  world = await startWorld({ proxied: ['order.rabbitmq', 'payment.rabbitmq'], envOf: { 'psp-simulator': { SLOW_CARD_MS: '4000' } } });
});
afterAll(() => world.stop());

type Database = keyof World['databaseUrls'];

async function query<Row>(database: Database, sql: string, parameters: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: world.databaseUrls[database] });
  await client.connect();
  try {
    return (await client.query(sql, parameters)).rows as Row[];
  } finally {
    await client.end();
  }
}
const count = async (database: Database, table: string, where = 'true', parameters: unknown[] = []) =>
  (await query<{ count: number }>(database, `SELECT count(*)::int AS count FROM ${table} WHERE ${where}`, parameters))[0]!.count;

/** The order is paid, with one of everything, and nothing is left on the way. */
async function tookEffectOnce(customer: Customer, orderId: string): Promise<void> {
  await customer.sees(orderId, 'paid', 30_000);
  await customer.isTold(/We have your order/, /Your order is paid/);
  for (const database of ['order', 'payment', 'notification'] as const) {
    await eventually(async () => expect([database, await count(database, 'outbox')]).toEqual([database, 0]), { within: 15_000 });
  }
  expect(await customer.payment(orderId)).toMatchObject({ status: 'captured', attempts: [{ outcome: 'captured' }], refunds: [] });
  expect(await count('payment', 'payments', 'order_id = $1', [orderId])).toBe(1);
  expect(await count('psp-simulator', 'payment_intents', "metadata->>'order_id' = $1", [orderId])).toBe(1);
  expect(await count('order', 'order_history', 'order_id = $1', [orderId])).toBe(2);
  expect((await world.vhost.depth('orderly.dead-letters')).messages).toBe(0);
}

async function health(service: 'order' | 'payment'): Promise<{ status: string; checks: Record<string, { detail?: string }> }> {
  return (await (await fetch(`${world[service].baseUrl}/health/ready`)).json()) as {
    status: string;
    checks: Record<string, { detail?: string }>;
  };
}

describe('a service killed with SIGKILL', () => {
  it('between the commit and the publishing has lost nothing, and had said 201 though the broker was away', async () => {
    const customer = new Customer(world);
    const line = world.proxy('order.rabbitmq');
    line.refuse();
    line.cut();
    await eventually(async () => expect((await health('order')).checks['messaging']?.detail).toMatch(/not connected to publish/));
    const placed = await customer.place({ paymentMethod: 'pm_card_visa' });
    expect(await count('order', 'outbox')).toBe(2);
    await world.order.kill();
    expect(await count('payment', 'payments', 'order_id = $1', [placed.id])).toBe(0);
    line.restore();
    await world.order.start();
    await world.order.ready();
    await tookEffectOnce(customer, placed.id);
  });

  it('between the publishing and the deletion sends again what it had sent, and it takes effect once', async () => {
    const customer = new Customer(world);
    const line = world.proxy('order.rabbitmq');
    line.hold('server-to-client', /:publish$/);
    const placed = await customer.place({ paymentMethod: 'pm_card_visa' });
    await eventually(async () => expect(await count('payment', 'payments', "order_id = $1 AND status = 'captured'", [placed.id])).toBe(1));
    // Sent, as the payment service shows, and not deleted, as no confirm has come.
    expect(await count('order', 'outbox', "type = 'order.placed.v1'")).toBe(1);
    await world.order.kill();
    line.restore();
    await world.order.start();
    await world.order.ready();
    await tookEffectOnce(customer, placed.id);
  });

  it('between the commit and the acknowledgement is given the message again, and knows it', async () => {
    const customer = new Customer(world);
    const line = world.proxy('payment.rabbitmq');
    line.hold('client-to-server', /:consume$/);
    const placed = await customer.place({ paymentMethod: 'pm_card_visa' });
    await eventually(async () => expect(await count('payment', 'payments', 'order_id = $1', [placed.id])).toBe(1));
    await eventually(() => expect(line.heldBytes('client-to-server', /:consume$/)).toBeGreaterThan(0));
    await world.payment.kill();
    // What the dead one had said is lost with its connection.
    line.cut();
    line.restore();
    await world.payment.start();
    await world.payment.ready();
    await tookEffectOnce(customer, placed.id);
    const metrics = await (await fetch(`${world.payment.baseUrl}/metrics`)).text();
    expect(metrics).toMatch(/orderly_messages_handled_total\{queue="payment.open-payment",outcome="duplicate"\} [1-9]/);
  });

  it('between the answer of the provider and its recording asks again with the same key, and the customer pays once', async () => {
    const customer = new Customer(world);
    const placed = await customer.place({ paymentMethod: 'pm_card_slow' });
    await eventually(async () =>
      expect(await count('payment', 'attempts', 'asked_at IS NOT NULL AND payment_method = $1', ['pm_card_slow'])).toBe(1),
    );
    const holder = new Client({ connectionString: world.databaseUrls.payment });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM payments WHERE order_id = $1 FOR UPDATE', [placed.id]);
    await eventually(async () =>
      expect(await count('psp-simulator', 'payment_intents', "status = 'succeeded' AND payment_method = 'pm_card_slow'")).toBe(1),
    );
    expect(await count('payment', 'attempts', "payment_method = 'pm_card_slow' AND outcome = 'captured'")).toBe(0);
    await world.payment.kill();
    await holder.end();
    await world.payment.start();
    await world.payment.ready();
    await tookEffectOnce(customer, placed.id);
  });
});
