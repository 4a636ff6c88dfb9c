import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCustomer, asOperator, startWorld, testIssuer, type World } from '#libs/testing';
import { Customer } from '../journeys/customer.spec-support.js';
import { allRoutes, nameOf, type Route } from './routes.spec-support.js';

const routes = (await allRoutes()).filter(({ app, access }) => app !== 'psp-simulator' && access !== 'everybody');
const each = (wanted: (route: Route) => boolean) => routes.filter(wanted).map((route) => [nameOf(route), route] as const);

let world: World;
let alice: Customer;
let ids: { order: string; payment: string };

beforeAll(async () => {
  world = await startWorld({
    console: true,
    envOf: { order: { PLACE_ORDER_RATE_PER_SECOND: '' }, payment: { WEBHOOK_RATE_PER_SECOND: '' } },
  });
  alice = new Customer(world);
  const { id } = await alice.place({ paymentMethod: 'pm_card_visa' });
  await alice.sees(id, 'paid');
  ids = { order: id, payment: (await alice.payment(id)).id };
});
afterAll(() => world?.stop());

/** Calls a route with what is, at most, wrong by its members: who is calling is looked at before. */
async function call({ app, method, path }: Route, headers: Record<string, string>, body: object = {}) {
  const { baseUrl } = world[app as 'order' | 'payment' | 'notification' | 'console'];
  const response = await fetch(baseUrl + path.replaceAll(/:\w+/g, () => randomUUID()), {
    method,
    headers: { ...headers, ...(method !== 'GET' && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }) },
    ...(method !== 'GET' && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  const answer = isStream ? {} : ((await response.json()) as { type?: string });
  if (isStream) await response.body?.cancel();
  return {
    status: response.status,
    word: answer.type?.replace('/problems/', ''),
    answer,
    challenge: response.headers.get('www-authenticate'),
  };
}

describe('without a token that is good', () => {
  it.each(each(() => true))('%s is 401, in the same words for every cause', async (_, route) => {
    const foreign = testIssuer().token('alice', 'operator', 60, { iss: 'https://evil.example' });
    const old = testIssuer().token('alice', 'operator', -60);
    const none = await call(route, {});
    expect(none).toMatchObject({ status: 401, word: 'unauthenticated', challenge: 'Bearer realm="orderly"' });
    for (const token of [foreign, old, 'nonsense']) {
      const refused = await call(route, { authorization: `Bearer ${token}` });
      expect(refused).toMatchObject({ status: 401, challenge: 'Bearer realm="orderly", error="invalid_token"' });
      const blank = { traceId: '', instance: '' };
      expect({ ...refused.answer, ...blank }).toEqual({ ...none.answer, ...blank });
    }
  });
});

describe('with a token of another role', () => {
  it.each(each(({ access }) => access === 'operators'))('%s is 403 for a customer', async (_, route) => {
    expect(await call(route, asCustomer('alice'))).toMatchObject({ status: 403, word: 'forbidden' });
  });

  it.each(each(({ access }) => access === 'customers'))('%s is 403 for an operator', async (_, route) => {
    expect(await call(route, asOperator('olga'))).toMatchObject({ status: 403, word: 'forbidden' });
  });

  it.each(each(() => true))('%s is 403 for whoever has no role of ours', async (_, route) => {
    const token = testIssuer().token('alice', 'customer', 60, { roles: ['owner'] });
    expect(await call(route, { authorization: `Bearer ${token}` })).toMatchObject({ status: 403, word: 'forbidden' });
  });
});

/** How each route that a customer may use is about something of Alice's. A route with an id that is not here fails below. */
const aboutAlice: Record<string, () => { path: string; body?: object }> = {
  'GET /orders/:id': () => ({ path: `/orders/${ids.order}` }),
  'GET /orders/:id/events': () => ({ path: `/orders/${ids.order}/events` }),
  'POST /orders/:id/cancel': () => ({ path: `/orders/${ids.order}/cancel` }),
  'POST /orders/:id/payments': () => ({ path: `/orders/${ids.order}/payments`, body: { paymentMethod: 'pm_card_visa' } }),
  'GET /orders/:id/payment': () => ({ path: `/orders/${ids.order}/payment` }),
  'GET /payments/:id': () => ({ path: `/payments/${ids.payment}` }),
};

describe("what is somebody else's", () => {
  const withIds = each(({ path, access }) => path.includes(':') && access !== 'operators');

  it('is known for each route that takes an id', () => {
    expect(Object.keys(aboutAlice).toSorted()).toEqual(withIds.map(([name]) => name).toSorted());
  });

  it.each(withIds)('%s is 404, as if it were not there', async (name, route) => {
    const { path, body } = aboutAlice[name]!();
    const foreign = await call({ ...route, path }, asCustomer('mallory'), body);
    const unknown = await call(route, asCustomer('mallory'), body);
    expect(foreign).toMatchObject({ status: 404, word: expect.stringMatching(/^(order|payment)-not-found$/) });
    const blank = { traceId: '', instance: '' };
    expect({ ...foreign.answer, ...blank }).toEqual({ ...unknown.answer, ...blank });
  });

  // Last, for it ends the order.
  it.each(withIds.toSorted(([, a], [, b]) => a.method.localeCompare(b.method)))('%s is there for its owner', async (name, route) => {
    const { path, body } = aboutAlice[name]!();
    expect((await call({ ...route, path }, asCustomer(alice.id), body)).status).not.toBe(404);
  });

  it('is in no list', async () => {
    const lists: [string, string][] = [
      [world.order.baseUrl, '/orders'],
      [world.notification.baseUrl, `/notifications?orderId=${ids.order}`],
    ];
    for (const [base, path] of lists) {
      const seen = async (headers: Record<string, string>) =>
        ((await (await fetch(base + path, { headers })).json()) as { items: object[] }).items.length;
      expect([await seen(asCustomer('mallory')), (await seen(asCustomer(alice.id))) > 0]).toEqual([0, true]);
    }
  });
});

describe('who asks too often', () => {
  const wish = { items: [{ sku: 'MUG-STONEWARE', quantity: 1 }], email: 'eager@example.com' };
  const placing = routes.find((route) => nameOf(route) === 'POST /orders')!;

  it('places twenty orders at once and ten a second, and keeps nobody else from it', async () => {
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 60 }, () => call(placing, asCustomer('eager'), wish)));
    const seconds = (performance.now() - startedAt) / 1000;
    const placed = answers.filter(({ status }) => status === 201).length;
    expect(placed).toBeGreaterThanOrEqual(20);
    expect(placed).toBeLessThanOrEqual(20 + Math.ceil(seconds * 10));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(new Set(refused.map(({ word }) => word))).toEqual(new Set(placed < 60 ? ['too-many-requests'] : []));
    expect((await call(placing, asCustomer('patient'), wish)).status).toBe(201);
  });

  it('tells a hundred webhooks a second, and two hundred at once, before anybody looks at their signatures', async () => {
    const webhook = () => fetch(`${world.payment.baseUrl}/webhooks/psp`, { method: 'POST', body: '{}' });
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 600 }, webhook));
    const seconds = (performance.now() - startedAt) / 1000;
    const looked = answers.filter(({ status }) => status === 400).length;
    expect(looked).toBeGreaterThanOrEqual(200);
    expect(looked).toBeLessThanOrEqual(200 + Math.ceil(seconds * 100));
    const refused = answers.filter(({ status }) => status !== 400);
    expect(refused.filter(({ status, headers }) => status !== 429 || headers.get('retry-after') !== '1')).toEqual([]);
  });
});
