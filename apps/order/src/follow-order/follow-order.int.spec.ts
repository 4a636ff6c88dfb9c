import { randomUUID } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { register } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PaymentCaptured } from '#libs/contracts';
import { asCustomer, asOperator, eventually } from '#libs/testing';
import { OrderService } from '../order-service.spec-support.js';
import { FollowedOrders } from './followed-orders.js';

const customer = { id: 'alice', email: 'alice@example.com' };
const amount = { amountMinor: 2598, currency: 'EUR' };

describe('following an order', () => {
  let service: OrderService;
  beforeAll(async () => {
    service = await OrderService.start({ FOLLOWED_ORDERS_INTERVAL_MS: '20', LIVE_COMMENT_INTERVAL_MS: '50' });
  });
  afterAll(() => service?.stop());

  // Not by fetch: its pool opens a new connection for each one that is broken off, and the server waits for them when it stops.
  const call = (
    orderId: string,
    { headers = {}, caller = asCustomer('alice'), method = 'GET', url = service.url, query = '' } = {},
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const path = `${url}/orders/${orderId}/events${query}`;
      request(path, { method, headers: { ...caller, ...headers }, agent: false }, resolve)
        .on('error', reject)
        .end();
    });

  async function follow(orderId: string, options: Parameters<typeof call>[1] = {}) {
    const response = await call(orderId, options);
    expect(response.statusCode).toBe(200);
    const heard = { text: '', ended: false, leave: () => response.destroy() };
    response.setEncoding('utf8').on('data', (chunk: string) => (heard.text += chunk));
    response.on('end', () => (heard.ended = true)).on('error', () => {});
    return heard;
  }

  /** What was told, without the signs of life, as `id event`. */
  const told = ({ text }: { text: string }) => [...text.matchAll(/^event: (.+)\nid: (.+)$/gm)].map(([, event, id]) => `${id} ${event}`);
  const pay = (orderId: string) =>
    service.hear(PaymentCaptured, { orderId, paymentId: randomUUID(), attemptId: randomUUID(), customer, amount });
  const cancel = (orderId: string) => service.post(`/orders/${orderId}/cancel`);

  const followedByNobody = () =>
    expect((service.app.get<unknown>(FollowedOrders) as { followers: Map<string, unknown> }).followers.size).toBe(0);

  it('tells what has become of it and what becomes of it, as its history has it, and ends with its end', async () => {
    const { id } = await service.place();
    const alice = await follow(id);
    await eventually(() => expect(told(alice)).toEqual(['1 awaiting_payment']));
    expect((await cancel(id)).status).toBe(200);
    await eventually(() => expect(alice.ended).toBe(true));
    expect(told(alice)).toEqual(['1 awaiting_payment', '2 cancelled']);
    const data = [...alice.text.matchAll(/^data: (.+)$/gm)].map(([, json = '']) => JSON.parse(json) as object);
    const { history } = (await (await service.get(`/orders/${id}`)).json()) as { history: object[] };
    expect(data).toEqual(history.map((change) => ({ orderId: id, ...change })));
  });

  it('goes on after the last event that was seen, on whichever replica, and misses nothing between', async () => {
    const { id } = await service.place();
    const replica = await service.replica();
    const [here, there] = [await follow(id), await follow(id, { url: replica.url })];
    await eventually(() => expect([told(here), told(there)]).toEqual([['1 awaiting_payment'], ['1 awaiting_payment']]));
    there.leave();
    await pay(id);
    await eventually(() => expect(told(here)).toEqual(['1 awaiting_payment', '2 paid']));
    const resumed = await follow(id, { url: replica.url, headers: { 'last-event-id': '1' } });
    await eventually(() => expect(told(resumed)).toEqual(['2 paid']));
    // The service stops, and the client comes to another replica.
    await replica.close();
    await eventually(() => expect(resumed.ended).toBe(true));
    expect((await cancel(id)).status).toBe(200);
    const again = await follow(id, { headers: { 'last-event-id': '2' } });
    await eventually(() => expect(told(again)).toEqual(['3 refunding']));
    await eventually(() => expect(told(here).at(-1)).toBe('3 refunding'));
    for (const { leave } of [here, again]) leave();
  });

  it.each(['7', '0', '-1', '1.5', 'nonsense', '99999999999999999999', '1, 1'])('tells everything to who has last seen %s', async (seen) => {
    const { id } = await service.place();
    const alice = await follow(id, { headers: { 'last-event-id': seen } });
    await eventually(() => expect(told(alice)).toEqual(['1 awaiting_payment']));
    alice.leave();
  });

  it('sends nobody away who has not seen the end, and tells who has not to come back', async () => {
    const { id } = await service.place();
    await cancel(id);
    const late = await follow(id, { headers: { 'last-event-id': '1' } });
    await eventually(() => expect(late.ended).toBe(true));
    expect(told(late)).toEqual(['2 cancelled']);
    const seen = await service.get(`/orders/${id}/events`, { ...asCustomer('alice'), 'last-event-id': '2' });
    expect([seen.status, await seen.text()]).toEqual([204, '']);
    expect((await call(id, { method: 'HEAD', headers: { 'last-event-id': '2' } })).statusCode).toBe(204);
  });

  it('knows no order that is unknown, of somebody else, or not an id', async () => {
    const { id } = await service.place({}, asCustomer('bob'));
    for (const name of [randomUUID(), id, 'twelve']) {
      const answer = await service.get(`/orders/${name}/events`);
      expect([answer.status, await answer.json()]).toMatchObject([404, { type: '/problems/order-not-found' }]);
    }
    const operator = await follow(id, { caller: asOperator('olga') });
    await eventually(() => expect(told(operator)).toEqual(['1 awaiting_payment']));
    operator.leave();
    expect((await service.get(`/orders/${id}/events`, {})).status).toBe(401);
    expect((await service.get(`/orders/${id}/events?since=1`)).status).toBe(422);
  });

  it('shows a sign of life, by an event stream that no proxy holds back', async () => {
    const { id } = await service.place();
    const { headers } = await call(id, { method: 'HEAD' });
    expect(headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    const alice = await follow(id, { headers: { 'last-event-id': '1' } });
    await eventually(() => expect(alice.text).toMatch(/^: \n\n: \n\n/));
    alice.leave();
  });

  it('asks the database once for all orders, again when it has failed, and never while nobody follows', async () => {
    await eventually(followedByNobody);
    const orders = await Promise.all(Array.from({ length: 5 }, () => service.place()));
    const sizes: number[] = [];
    const query = service.rows.query.bind(service.rows);
    const looks = vi.spyOn(service.rows, 'query').mockImplementation(((sql: string, values: string[][]) => {
      if (!sql.includes('AS followed')) return query(sql, values);
      sizes.push(values[0]!.length);
      return sizes.length % 3 === 0 ? Promise.reject(new Error('the database is away')) : query(sql, values);
    }) as typeof query);
    const streams = await Promise.all([...orders, ...orders].map(({ id }) => follow(id)));
    await eventually(() => expect(streams.map(told)).toEqual(streams.map(() => ['1 awaiting_payment'])));
    const before = sizes.length;
    await eventually(() => expect(sizes.length).toBeGreaterThan(before + 4));
    expect(new Set(sizes.slice(before))).toEqual(new Set([5]));
    for (const { leave } of streams) leave();
    await eventually(followedByNobody);
    const quiet = sizes.length;
    for (let placed = 0; placed < 5; placed++) await service.place();
    expect(sizes.length).toBe(quiet);
    looks.mockRestore();
  });

  it('cuts off a client that does not read, and goes on with the others', async () => {
    const { id } = await service.place();
    const alice = await follow(id);
    const idle = await call(id);
    let cut = false;
    idle.on('error', () => (cut = true)).pause();
    const listening = async () => (await register.getSingleMetric('orderly_live_streams')!.get()).values[0]!.value;
    const before = await listening();
    // The kernel buffers some megabytes before anything waits in our memory.
    let sequence = 1;
    while ((await listening()) === before && sequence < 500) {
      sequence += 1;
      await service.rows.query(`INSERT INTO order_history VALUES ($1, $2, 'paid', 'paid', repeat('x', 60000), now())`, [id, sequence]);
      await eventually(() => expect(alice.text.endsWith('\n\n') && alice.text).toContain(`id: ${sequence}\n`), { every: 2 });
      alice.text = '';
    }
    expect(sequence).toBeLessThan(500);
    idle.resume();
    await eventually(() => expect(cut).toBe(true));
    alice.leave();
  }, 20_000);
});
