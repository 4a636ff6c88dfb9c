import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PaymentCaptured } from '#libs/contracts';
import { asCustomer, asOperator } from '#libs/testing';
import type { OrderView } from '../order/order-view.js';
import { OrderService } from '../order-service.spec-support.js';

interface List {
  items: OrderView[];
  next: string | null;
}
const operator = asOperator('olga');

describe('browsing orders', () => {
  let service: OrderService;
  beforeAll(async () => {
    service = await OrderService.start();
  });
  afterAll(() => service?.stop());

  /** Orders whose instants are the same by threes, so that the id has to decide. */
  async function placed(customer: string, orders: number): Promise<string[]> {
    const rows = await service.rows.query<{ id: string }[]>(
      `INSERT INTO orders (id, customer_id, email, status, items, total_minor, currency, version, placed_at, payment_deadline)
       SELECT gen_random_uuid(), $1, 'a@example.com', 'awaiting_payment', '[]', 100, 'EUR', 1, timestamptz '2026-01-01' + n / 3 * interval '1 ms', now() + interval '1 day'
       FROM generate_series(1, $2::integer) AS n RETURNING id, placed_at`,
      [customer, orders],
    );
    return rows.map(({ id }) => id);
  }

  async function list(query: string, caller: Record<string, string>): Promise<List> {
    const answer = await service.get(`/orders${query}`, caller);
    expect(answer.status).toBe(200);
    return (await answer.json()) as List;
  }

  it('shows each order once, newest first, page by page, while new ones are placed', async () => {
    const ids = await placed('paula', 25);
    const seen: OrderView[] = [];
    const paula = asCustomer('paula');
    for (let next: string | null = ''; next !== null;) {
      const page: List = await list(next ? `?limit=4&after=${next}` : '?limit=4', paula);
      expect(page.items.length).toBeLessThanOrEqual(4);
      seen.push(...page.items);
      next = page.next;
      await service.place({}, paula);
    }
    expect(seen.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    const keys = seen.map(({ placedAt, id }) => `${placedAt} ${id}`);
    expect(keys).toEqual(keys.toSorted().toReversed());
  });

  it('links to the next page and ends with null', async () => {
    await placed('linus', 3);
    const linus = asCustomer('linus');
    const first = await service.get('/orders?limit=2&status=awaiting_payment', linus);
    const link = /^<(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '')![1]!;
    const second = await service.get(link, linus);
    expect(await second.json()).toMatchObject({ items: [expect.anything()], next: null });
    expect(second.headers.get('link')).toBeNull();
  });

  it('shows a customer their own orders, and an operator everybody’s', async () => {
    const own = await service.place({}, asCustomer('carl'));
    const foreign = await service.place({}, asCustomer('dora'));
    expect((await list('', asCustomer('carl'))).items.map(({ id }) => id)).toEqual([own.id]);
    expect((await list('?limit=2', operator)).items.map(({ id }) => id)).toEqual([foreign.id, own.id]);
    expect((await service.get(`/orders/${foreign.id}`, asCustomer('carl'))).status).toBe(404);
    expect((await service.get(`/orders/${foreign.id}`, operator)).status).toBe(200);
  });

  it('filters by status', async () => {
    const erik = asCustomer('erik');
    const [kept, cancelled] = [await service.place({}, erik), await service.place({}, erik)];
    await service.post(`/orders/${cancelled.id}/cancel`, undefined, erik);
    expect((await list('?status=cancelled', erik)).items.map(({ id }) => id)).toEqual([cancelled.id]);
    expect((await list('?status=awaiting_payment', erik)).items.map(({ id }) => id)).toEqual([kept.id]);
  });

  it('takes a cursor only from the caller and for the filter that it was given to', async () => {
    await placed('frieda', 3);
    await placed('georg', 3);
    const { next } = await list('?limit=1', asCustomer('frieda'));
    for (const [query, caller] of [
      [`?limit=1&after=${next}`, 'georg'],
      [`?limit=1&after=${next}&status=paid`, 'frieda'],
      [`?limit=1&after=${next}x`, 'frieda'],
      ['?after=', 'frieda'],
    ] as const) {
      const answer = await service.get(`/orders${query}`, asCustomer(caller));
      expect([answer.status, await answer.json()]).toMatchObject([400, { type: '/problems/invalid-cursor' }]);
    }
  });

  it.each(['?limit=0', '?limit=101', '?limit=ten', '?status=lost', '?page=2', '?limit=1&limit=2'])('refuses %s', async (query) => {
    const answer = await service.get(`/orders${query}`);
    expect([answer.status, await answer.json()]).toMatchObject([422, { type: '/problems/validation', errors: [expect.anything()] }]);
  });

  it('shows one order with its history', async () => {
    const order = await service.place();
    const customer = { id: 'alice', email: 'alice@example.com' };
    await service.hearTwice(PaymentCaptured, {
      orderId: order.id,
      paymentId: randomUUID(),
      attemptId: randomUUID(),
      customer,
      amount: order.total,
    });
    const answer = await service.get(`/orders/${order.id.toUpperCase()}`);
    expect(await answer.json()).toEqual({
      ...order,
      status: 'paid',
      history: [
        { sequence: 1, from: null, to: 'awaiting_payment', cause: 'placed', at: order.placedAt },
        {
          sequence: 2,
          from: 'awaiting_payment',
          to: 'paid',
          cause: 'payment.captured.v1',
          at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
        },
      ],
    });
  });

  it('tags an order, and sends it again only when it has changed', async () => {
    const { id } = await service.place();
    const get = (headers: Record<string, string> = {}, query = '') =>
      service.get(`/orders/${id}${query}`, { ...asCustomer('alice'), ...headers });
    const etag = (await get()).headers.get('etag')!;
    expect(etag).toMatch(/^"1\.[\w-]{8}"$/);
    for (const known of [etag, `W/${etag}`, `"7", ${etag}`, '*']) {
      const unchanged = await get({ 'if-none-match': known });
      expect([unchanged.status, unchanged.headers.get('etag'), unchanged.headers.get('content-type'), await unchanged.text()]).toEqual([
        304,
        etag,
        null,
        '',
      ]);
    }
    await service.post(`/orders/${id}/cancel`);
    const changed = await get({ 'if-none-match': etag });
    expect([changed.status, changed.headers.get('etag'), await changed.json()]).toMatchObject([
      200,
      etag.replace('1', '2'),
      { status: 'cancelled' },
    ]);
    // A payment changes without its order.
    const expanded = await get({ 'if-none-match': etag.replace('1', '2') }, '?expand=payment');
    expect([expanded.status, expanded.headers.get('etag')]).toEqual([200, null]);
    expect((await service.get(`/orders/${id}`, { ...asCustomer('mallory'), 'if-none-match': etag })).status).toBe(404);
  });

  it.each([randomUUID(), 'twelve', '%00'])('knows no order %s', async (id) => {
    const answer = await service.get(`/orders/${id}`);
    expect([answer.status, await answer.json()]).toMatchObject([404, { type: '/problems/order-not-found' }]);
  });
});
