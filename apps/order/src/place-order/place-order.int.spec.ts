import { randomUUID } from 'node:crypto';
import { register } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activityOf } from '#libs/messaging';
import { asCustomer, eventually } from '#libs/testing';
import type { OrderView } from '../order/order-view.js';
import { OrderService } from '../order-service.spec-support.js';

const body = {
  items: [
    { sku: 'MUG-STONEWARE', quantity: 2 },
    { sku: 'KETTLE-GOOSENECK', quantity: 1 },
  ],
  email: 'alice@example.com',
};

describe('placing an order', () => {
  let service: OrderService;
  beforeAll(async () => {
    service = await OrderService.start();
  });
  afterAll(() => service?.stop());

  const ordersOf = async (customer: string) => {
    const [row] = await service.rows.query<{ count: number }[]>('SELECT count(*)::integer AS count FROM orders WHERE customer_id = $1', [
      customer,
    ]);
    return row!.count;
  };

  it('answers 201 with the order at our prices, and says so', async () => {
    const answer = await service.post('/orders', { ...body, paymentMethod: 'pm_card_visa' });
    expect(answer.status).toBe(201);
    const order = (await answer.json()) as OrderView;
    expect(answer.headers.get('location')).toBe(`/orders/${order.id}`);
    const total = { amountMinor: 10_597, currency: 'EUR' };
    expect(order).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      status: 'awaiting_payment',
      items: [
        { sku: 'MUG-STONEWARE', name: 'Stoneware mug', quantity: 2, price: { amountMinor: 1299, currency: 'EUR' } },
        { sku: 'KETTLE-GOOSENECK', name: 'Gooseneck kettle', quantity: 1, price: { amountMinor: 7999, currency: 'EUR' } },
      ],
      total,
      email: 'alice@example.com',
      placedAt: expect.any(String),
      paymentDeadline: new Date(Date.parse(order.placedAt) + 900_000).toISOString(),
    });
    expect(await service.historyOf(order.id)).toEqual(['awaiting_payment placed']);
    expect(await service.saidAbout(order.id)).toEqual([
      {
        type: 'order.placed.v1',
        data: {
          orderId: order.id,
          customer: { id: 'alice', email: 'alice@example.com' },
          total,
          paymentDeadline: order.paymentDeadline,
          paymentMethod: 'pm_card_visa',
        },
      },
    ]);
    await eventually(() => expect(service.timersOf(order.id)).toBe(1));
  });

  it('waits for the payment as long as the customer says', async () => {
    const { placedAt, paymentDeadline } = await service.place({ paymentWindowSeconds: 604_800 });
    expect(Date.parse(paymentDeadline) - Date.parse(placedAt)).toBe(604_800_000);
  });

  it('makes one order of fifty identical requests at once, and answers all of them alike', async () => {
    const headers = { ...asCustomer('fifty'), 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.post('/orders', body, headers)));
    const said = await Promise.all(
      answers.map(async (answer) => `${answer.status} ${answer.headers.get('location')} ${await answer.text()}`),
    );
    expect(new Set(said).size).toBe(1);
    expect(said[0]).toMatch(/^201 /);
    expect(answers.filter(({ headers: given }) => given.has('idempotency-replayed'))).toHaveLength(49);
    expect(await ordersOf('fifty')).toBe(1);
  });

  it('accepts together what comes together, and gives each request its own answer', async () => {
    const crowd = asCustomer('crowd');
    const known = { ...crowd, 'idempotency-key': randomUUID() };
    const first = await service.place({}, known);
    const twins = { ...crowd, 'idempotency-key': randomUUID() };
    const fresh = (number: number) => ({ ...body, email: `nr-${number}@example.com` });
    const answers = await Promise.all([
      ...Array.from({ length: 40 }, (_, number) => service.post('/orders', fresh(number), crowd)),
      service.post('/orders', { ...body, items: [{ sku: 'NOPE', quantity: 1 }] }, crowd),
      service.post('/orders', body, known),
      service.post('/orders', fresh(40), twins),
      service.post('/orders', fresh(41), twins),
    ]);
    const outcomes = await Promise.all(
      answers.map(async (answer) => ({ status: answer.status, said: (await answer.json()) as OrderView & { type?: string } })),
    );
    expect(outcomes.slice(0, 40).map(({ said }) => said.email)).toEqual(Array.from({ length: 40 }, (_, number) => fresh(number).email));
    const [refused, other, ...ofTwins] = outcomes.slice(40);
    expect([refused!.status, refused!.said.type]).toEqual([422, '/problems/validation']);
    // The same key, another body: the first order is not told to somebody who asked for something else.
    expect([other!.status, other!.said.type]).toEqual([422, '/problems/idempotency-key-reused']);
    expect(ofTwins.map(({ status, said }) => `${status} ${said.type ?? said.email}`).toSorted()).toEqual([
      expect.stringMatching(/^201 nr-4[01]@example.com$/),
      '422 /problems/idempotency-key-reused',
    ]);
    expect(await ordersOf('crowd')).toBe(42);
    const [{ transactions }] = (await service.rows.query(
      `SELECT count(DISTINCT order_history.xmin::text)::int AS transactions FROM order_history JOIN orders ON orders.id = order_id
        WHERE customer_id = 'crowd' AND id <> $1 AND sequence = 1`,
      [first.id],
    )) as [{ transactions: number }];
    expect(transactions).toBeLessThan(20);
  });

  describe('while far more calls are reported than the broker takes', () => {
    const dropped = async () => (await register.getSingleMetric('orderly_activity_dropped_total')!.get()).values[0]?.value ?? 0;

    /** What it answers ends it. */
    function flood(): () => void {
      const report = activityOf(service.app);
      const call = {
        method: 'GET',
        route: '/orders',
        status: 200,
        durationMs: 1,
        caller: 'customer:mallory',
        orderId: undefined,
        traceId: 'a',
      };
      const flooding = setInterval(() => {
        for (let index = 0; index < 500; index += 1) report(call);
      }, 5);
      return () => clearInterval(flooding);
    }

    it('is done and said as ever', async () => {
      const before = await dropped();
      const ended = flood();
      try {
        const answers = await Promise.all(Array.from({ length: 50 }, () => service.post('/orders', body, asCustomer('floodgate'))));
        expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 201));
        const [one] = (await Promise.all(answers.map((answer) => answer.json()))) as OrderView[];
        expect(await service.saidAbout(one!.id)).toHaveLength(1);
        await eventually(async () => expect(await dropped()).toBeGreaterThan(before));
      } finally {
        ended();
      }
      expect(await ordersOf('floodgate')).toBe(50);
    });

    it('takes as long as ever', async () => {
      const calm: number[] = [];
      const flooded: number[] = [];
      const placeFifty = async (times: number[]) => {
        for (let placed = 0; placed < 50; placed += 1) {
          const since = performance.now();
          expect((await service.post('/orders', body, asCustomer('metronome'))).status).toBe(201);
          times.push(performance.now() - since);
        }
      };
      // In turns, so that a machine that is busy meanwhile is so for both.
      for (let turn = 0; turn < 6; turn += 1) {
        await placeFifty(calm);
        const ended = flood();
        await placeFifty(flooded).finally(ended);
      }
      const median = (times: readonly number[]) => times.toSorted((one, other) => one - other)[times.length / 2]!;
      expect(median(flooded)).toBeLessThan(2 * median(calm));
    });
  });

  it('names every unknown sku, stores nothing, and leaves the key free', async () => {
    const headers = { ...asCustomer('una'), 'idempotency-key': randomUUID() };
    const items = [{ sku: 'NOPE', quantity: 1 }, ...body.items, { sku: 'NEITHER', quantity: 1 }];
    const refused = await service.post('/orders', { ...body, items }, headers);
    expect([refused.status, await refused.json()]).toMatchObject([
      422,
      {
        type: '/problems/validation',
        errors: [
          { pointer: '#/items/0/sku', code: 'unknown-sku' },
          { pointer: '#/items/3/sku', code: 'unknown-sku' },
        ],
      },
    ]);
    expect(await ordersOf('una')).toBe(0);
    const accepted = await service.post('/orders', body, headers);
    expect([accepted.status, accepted.headers.get('idempotency-replayed')]).toEqual([201, null]);
  });

  it('names everything that is wrong with a body at once, unknown skus included', async () => {
    const items = [
      { sku: 'NOPE', quantity: 0 },
      { sku: 'MUG-STONEWARE', quantity: 1, price: 1 },
      { sku: 'MUG-STONEWARE', quantity: 1 },
    ];
    const answer = await service.post('/orders', { items, colour: 'red' });
    const { errors } = (await answer.json()) as { errors: { pointer: string; code: string }[] };
    expect(errors.map(({ pointer, code }) => `${pointer} ${code}`).toSorted()).toEqual([
      '#/colour unknown-member',
      '#/email required',
      '#/items/0/quantity too-small',
      '#/items/0/sku unknown-sku',
      '#/items/1/price unknown-member',
      '#/items/2/sku duplicate-sku',
    ]);
  });

  it('refuses a NUL in a sku as a matter of form', async () => {
    const answer = await service.post('/orders', { ...body, items: [{ sku: 'A\0', quantity: 1 }] });
    expect([answer.status, await answer.json()]).toMatchObject([422, { errors: [{ pointer: '#/items/0/sku' }] }]);
  });

  it('refuses another body under a key that was used', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    await service.place({}, headers);
    const answer = await service.post('/orders', body, headers);
    expect([answer.status, await answer.json()]).toMatchObject([422, { type: '/problems/idempotency-key-reused' }]);
  });

  it('names an unknown sku before it says that the key was used for another body', async () => {
    const key = { 'idempotency-key': randomUUID() };
    await service.place({}, key);
    const answer = await service.post('/orders', { items: [{ sku: 'NO-SUCH-THING', quantity: 1 }], email: 'alice@example.com' }, key);
    expect([answer.status, await answer.json()]).toMatchObject([422, { type: '/problems/validation', errors: [{ code: 'unknown-sku' }] }]);
  });

  it('keeps the price of an order when the product changes', async () => {
    const order = await service.place({ items: [{ sku: 'SCALE-DIGITAL', quantity: 1 }] });
    await service.rows.query(`UPDATE products SET price_minor = 1 WHERE sku = 'SCALE-DIGITAL'`);
    const shown = (await (await service.get(`/orders/${order.id}`)).json()) as OrderView;
    expect(shown.total).toEqual({ amountMinor: 3990, currency: 'EUR' });
    expect(shown.items).toEqual(order.items);
  });

  it('is for customers', async () => {
    for (const caller of [asCustomer(''), asCustomer('no spaces')]) expect((await service.post('/orders', body, caller)).status).toBe(401);
  });
});
