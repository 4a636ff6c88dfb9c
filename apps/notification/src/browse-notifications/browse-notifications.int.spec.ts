import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { asCustomer, asOperator } from '#libs/testing';
import { notificationFixture, type NotificationFixture } from '../notification.spec-support.js';

interface Listed {
  items: { id: string; at: string }[];
  next: string | null;
}

describe('GET /notifications', () => {
  let service: NotificationFixture;
  const orderId = randomUUID();
  const ids = Array.from({ length: 5 }, () => uuidv7());

  beforeAll(async () => {
    service = await notificationFixture();
    // The second and the third happened in the same millisecond: their ids decide.
    await service.database.query(
      `INSERT INTO notifications (id, event_id, order_id, customer_id, kind, channel, status, recipient, subject, body, at, sent_at)
       SELECT id, gen_random_uuid(), $2, 'alice', 'order-paid', 'email', 'sent', 'alice@example.com', 's', 'b', at, now()
       FROM unnest($1::uuid[], $3::timestamptz[]) AS row (id, at)`,
      [ids, orderId, [1, 2, 2, 4, 5].map((second) => `2026-11-22T12:00:0${second}.000Z`)],
    );
  }, 60_000);

  afterAll(() => service?.close(), 30_000);

  const call = (query: string, headers: Record<string, string> = asCustomer('alice')) =>
    fetch(`${service.baseUrl}/notifications${query}`, { headers });
  const list = async (query: string, headers?: Record<string, string>) => (await (await call(query, headers)).json()) as Listed;
  const idsOf = ({ items }: Listed) => items.map(({ id }) => id);

  it('lists what a customer was told of an order, newest first', async () => {
    const page = await list(`?orderId=${orderId}`);
    expect(idsOf(page)).toEqual(ids.toReversed());
    expect(page.next).toBeNull();
    expect(page.items[0]).toEqual({
      id: ids[4],
      orderId,
      kind: 'order-paid',
      channel: 'email',
      status: 'sent',
      at: '2026-11-22T12:00:05.000Z',
    });
  });

  it('pages through the list without a gap or a repeat', async () => {
    const pages: string[][] = [];
    for (let url: string | undefined = `/notifications?orderId=${orderId}&limit=2`; url;) {
      const response: Response = await fetch(service.baseUrl + url, { headers: asCustomer('alice') });
      const page = (await response.json()) as Listed;
      pages.push(idsOf(page));
      url = page.next === null ? undefined : `/notifications?orderId=${orderId}&limit=2&after=${page.next}`;
      expect(response.headers.get('link')).toBe(url ? `<${url}>; rel="next"` : null);
    }
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(ids.toReversed());
  });

  it('shows an operator every customer’s, and a customer nobody else’s', async () => {
    expect(idsOf(await list(`?orderId=${orderId}`, asOperator('olga')))).toHaveLength(5);
    expect(await list(`?orderId=${orderId}`, asCustomer('bob'))).toEqual({ items: [], next: null });
    expect(await list(`?orderId=${randomUUID()}`)).toEqual({ items: [], next: null });
  });

  it('finds an order however its id is spelled', async () => {
    expect(idsOf(await list(`?orderId=${orderId.toUpperCase()}`))).toHaveLength(5);
  });

  it.each([
    ['no order', '', 422],
    ['an id that is none', '?orderId=42', 422],
    ['two orders', `?orderId=${orderId}&orderId=${orderId}`, 422],
    ['a limit of 0', `?orderId=${orderId}&limit=0`, 422],
    ['a limit of 101', `?orderId=${orderId}&limit=101`, 422],
    ['a parameter it does not know', `?orderId=${orderId}&kind=order-paid`, 422],
    ['a cursor of its own making', `?orderId=${orderId}&after=abc`, 400],
  ])('refuses %s', async (_what, query, status) => {
    const response = await call(query);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  it('refuses the cursor of another order and of another caller', async () => {
    const { next } = await list(`?orderId=${orderId}&limit=1`);
    expect((await call(`?orderId=${randomUUID()}&after=${next}`)).status).toBe(400);
    expect((await call(`?orderId=${orderId}&after=${next}`, asOperator('olga'))).status).toBe(400);
    expect((await call(`?orderId=${orderId}&after=${next}`)).status).toBe(200);
  });

  it('refuses nobody-in-particular', async () => {
    expect((await call(`?orderId=${orderId}`, {})).status).toBe(401);
  });
});
