import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCustomer, eventually, startWorld, type World } from '#libs/testing';
import { Customer } from '../journeys/customer.spec-support.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({
    proxied: ['order.database', 'payment.database'],
    envOf: { order: { OVERDUE_SWEEP_INTERVAL_MS: '200', OVERDUE_GRACE_SECONDS: '1' } },
  });
});
afterAll(() => world.stop());

const body = { items: [{ sku: 'MUG-STONEWARE', quantity: 1 }], email: 'alice@example.com' };
const post = (key: string) =>
  fetch(`${world.order.baseUrl}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...asCustomer('alice'), 'idempotency-key': key },
    body: JSON.stringify(body),
  });

describe('while the database of the order service is away', () => {
  it('placing answers 503 with Retry-After and keeps nothing; afterwards the same request is accepted, without a restart', async () => {
    const line = world.proxy('order.database');
    line.refuse();
    line.cut();
    const refused = await post('the-key');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await refused.json()).toMatchObject({ type: '/problems/temporarily-unavailable', status: 503 });
    line.restore();
    const accepted = await eventually(async () => {
      const response = await post('the-key');
      expect(response.status).toBe(201);
      return response;
    });
    expect(accepted.headers.get('idempotency-replayed')).toBeNull();
  });
});

describe('while the database of the order service is frozen', () => {
  it('a read is answered 503 after a while, and not kept waiting for ever', { timeout: 60_000 }, async () => {
    const line = world.proxy('order.database');
    const browse = () => fetch(`${world.order.baseUrl}/orders`, { headers: asCustomer('alice'), signal: AbortSignal.timeout(30_000) });
    // Connections that are open already are what such a read is stuck on.
    await Promise.all([browse(), browse(), browse()]);
    line.hold('server-to-client');
    const answers = await Promise.all([browse(), browse(), browse()]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    line.cut();
    line.restore();
    await eventually(async () => expect((await browse()).status).toBe(200));
  });
});

describe('while the database of the payment service is away', () => {
  it('its consumers wait: no message dies, and none has used up an attempt when it is back', async () => {
    const customer = new Customer(world);
    const line = world.proxy('payment.database');
    line.refuse();
    line.cut();
    const placed = await customer.place({ paymentMethod: 'pm_card_visa' });
    await eventually(async () => {
      const report = (await (await fetch(`${world.payment.baseUrl}/health/ready`)).json()) as {
        checks: Record<string, { detail?: string }>;
      };
      expect(report.checks['messaging']?.detail).toMatch(/payment\.open-payment waits: the database is away \(for \d+ s\)/);
    });
    line.restore();
    await customer.sees(placed.id, 'paid', 30_000);
    expect((await world.vhost.depth('orderly.dead-letters')).messages).toBe(0);
    expect(world.payment.output).not.toMatch(/failed, attempt/);
  });
});

describe('when the delay queues are purged', () => {
  it('an order still expires, by the sweeper', async () => {
    const customer = new Customer(world);
    const placed = await customer.place({ paymentWindowSeconds: 5 });
    const delayed = (await world.vhost.queues()).map(({ name }) => name).filter((name) => name.startsWith('orderly.delay'));
    let purged = 0;
    await eventually(async () => {
      for (const queue of delayed) {
        const { messages } = await world.vhost.depth(queue);
        if (messages > 0) await world.vhost.purge(queue);
        if (queue !== 'orderly.delay.lane-900') purged += messages;
      }
      expect(purged).toBeGreaterThanOrEqual(1);
    });
    const expired = await customer.sees(placed.id, 'expired', 15_000);
    expect(expired.history.at(-1)?.cause).toBe('deadline');
    const client = new Client({ connectionString: world.databaseUrls.order });
    await client.connect();
    const { rows } = await client.query(`SELECT FROM inbox WHERE consumer = 'order.expire-order'`);
    await client.end();
    expect(rows).toHaveLength(0);
  });
});
