import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { asCustomer, eventually, startWorld, type World } from '#libs/testing';
import { Customer } from '../journeys/customer.spec-support.js';

/*
 * A transaction is stopped inside its COMMIT by a trigger that waits for a lock. Then the line to the database is held, the lock is let go, and
 * the line is cut: Postgres has committed, and the service cannot know. Whether it was so is decided by looking.
 */

let world: World;
const databases = {} as Record<'order' | 'payment', Client>;

beforeAll(async () => {
  world = await startWorld({ proxied: ['order.database', 'payment.database'] });
  for (const name of ['order', 'payment'] as const) {
    databases[name] = new Client({ connectionString: world.databaseUrls[name] });
    await databases[name].connect();
    const table = { order: 'orders', payment: 'payments' }[name];
    await databases[name].query(`
      CREATE FUNCTION wait_in_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER wait_in_commit AFTER INSERT ON ${table} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait_in_commit()`);
  }
});
afterAll(async () => {
  await Promise.all(Object.values(databases).map((client) => client.end()));
  await world.stop();
});
afterEach(async () => {
  for (const name of ['order', 'payment'] as const) {
    world.proxy(`${name}.database`).restore();
    await databases[name].query('SELECT pg_advisory_unlock_all()');
  }
});

const body = { items: [{ sku: 'MUG-STONEWARE', quantity: 1 }], email: 'alice@example.com' };
const post = (key: string) =>
  fetch(`${world.order.baseUrl}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...asCustomer('alice'), 'idempotency-key': key },
    body: JSON.stringify(body),
  });
const count = async (database: 'order' | 'payment', table: string, where = 'true'): Promise<number> =>
  (await databases[database].query(`SELECT count(*)::int AS count FROM ${table} WHERE ${where}`)).rows[0].count;

/** Has `work` commit while its connections are cut, so that nobody on this side hears of it. `arrived`: it has taken effect. */
async function loseTheAnswersOfCommits<Result>(
  name: 'order' | 'payment',
  work: () => Promise<Result>,
  { commits, arrived }: { commits: number; arrived: () => Promise<void> },
): Promise<Result> {
  const line = world.proxy(`${name}.database`);
  await databases[name].query('SELECT pg_advisory_lock(1)');
  const result = work();
  await eventually(async () => expect(await count(name, 'pg_stat_activity', "wait_event = 'advisory' AND query = 'COMMIT'")).toBe(commits));
  line.hold('server-to-client');
  await databases[name].query('SELECT pg_advisory_unlock(1)');
  await eventually(arrived);
  await eventually(() => expect(line.heldBytes('server-to-client')).toBeGreaterThan(0));
  line.cut();
  line.restore();
  return result;
}

describe('an order whose commit was not answered', () => {
  it('is answered 503, and the same request gets the stored answer: one order', async () => {
    const before = await count('order', 'orders');
    const first = await loseTheAnswersOfCommits('order', () => post('unheard'), {
      commits: 1,
      arrived: async () => expect(await count('order', 'orders')).toBe(before + 1),
    });
    expect(first.status).toBe(503);
    expect(first.headers.get('retry-after')).toMatch(/^\d+$/);
    const again = await eventually(async () => {
      const response = await post('unheard');
      expect(response.status).toBe(201);
      return response;
    });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const { id } = (await again.json()) as { id: string };
    expect(await count('order', 'orders')).toBe(before + 1);
    // What it said is found in the outbox, and goes its way.
    await eventually(async () => expect(await count('payment', 'payments', `order_id = '${id}'`)).toBe(1), { within: 30_000 });
  });

  it('together with others in one transaction: each is answered 503 and is there once', async () => {
    const before = await count('order', 'orders');
    const keys = Array.from({ length: 12 }, (_, n) => `together-${n}`);
    // While the first is in its COMMIT, the others gather, and are committed together when it has lost their patience.
    const answers = await loseTheAnswersOfCommits('order', () => Promise.all(keys.map(post)), {
      commits: 2,
      arrived: async () => expect(await count('order', 'orders')).toBe(before + 12),
    });
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 503));
    for (const key of keys) {
      await eventually(async () => {
        const response = await post(key);
        expect([response.status, response.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
      });
    }
    expect(await count('order', 'orders')).toBe(before + 12);
  });

  it('and did not happen, as the COMMIT never arrived: the same request is accepted as if it were the first', async () => {
    const before = await count('order', 'orders');
    const line = world.proxy('order.database');
    // By a connection of its own: what others do is shown to a transaction as it was when it first looked.
    const holder = new Client({ connectionString: world.databaseUrls.order });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE orders IN EXCLUSIVE MODE');
    const first = post('unsaid');
    await eventually(async () =>
      expect(await count('order', 'pg_stat_activity', "wait_event_type = 'Lock' AND query LIKE '%INSERT INTO orders%'")).toBe(1),
    );
    line.hold('client-to-server');
    await holder.end();
    await eventually(() => expect(line.heldBytes('client-to-server')).toBeGreaterThan(0));
    line.cut();
    line.restore();
    expect((await first).status).toBe(503);
    const again = await eventually(async () => {
      const response = await post('unsaid');
      expect(response.status).toBe(201);
      return response;
    });
    expect(again.headers.get('idempotency-replayed')).toBeNull();
    expect(await count('order', 'orders')).toBe(before + 1);
  });
});

describe('a message whose commit was not answered', () => {
  it('is tried again, and the inbox says that it was done: one payment, one capture, no attempt used up', async () => {
    const customer = new Customer(world);
    // What the orders above have said has arrived.
    await eventually(async () => expect(await count('payment', 'payments')).toBe(await count('order', 'orders')), { within: 30_000 });
    const before = await count('payment', 'payments');
    const placed = await loseTheAnswersOfCommits('payment', () => customer.place({ paymentMethod: 'pm_card_visa' }), {
      commits: 1,
      arrived: async () => expect(await count('payment', 'payments')).toBe(before + 1),
    });
    await customer.sees(placed.id, 'paid', 30_000);
    expect(await count('payment', 'payments')).toBe(before + 1);
    expect(await customer.payment(placed.id)).toMatchObject({ status: 'captured', attempts: [{ outcome: 'captured' }], refunds: [] });
    const metrics = await (await fetch(`${world.payment.baseUrl}/metrics`)).text();
    expect(metrics).toMatch(/orderly_messages_handled_total\{queue="payment.open-payment",outcome="duplicate"\} [1-9]/);
    expect(world.payment.output).not.toMatch(/failed, attempt/);
    expect((await world.vhost.depth('orderly.dead-letters')).messages).toBe(0);
  });
});
