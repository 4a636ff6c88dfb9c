import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderPaid } from '#libs/contracts';
import { asCustomer, asOperator, eventually } from '#libs/testing';
import { notificationFixture, type NotificationFixture } from '../../notification.spec-support.js';

describe('GET /events', () => {
  let service: NotificationFixture;

  beforeAll(async () => {
    service = await notificationFixture({ LIVE_COMMENT_INTERVAL_MS: '50' });
  }, 60_000);

  afterAll(() => service?.close(), 30_000);

  // Not by fetch: its pool opens a new connection for each one that is broken off, and the server waits for them when it stops.
  const call = (headers: Record<string, string>, { method = 'GET', query = '' } = {}): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      request(`${service.baseUrl}/events${query}`, { method, headers, agent: false }, resolve).on('error', reject).end();
    });

  async function listen(headers: Record<string, string>): Promise<{ text: string }> {
    const response = await call(headers);
    expect(response.statusCode).toBe(200);
    const heard = { text: '' };
    response.setEncoding('utf8').on('data', (chunk: string) => (heard.text += chunk));
    return heard;
  }

  it('streams to each of two customers what happens to their own orders, and to an operator both', async () => {
    const [alice, bob, operator] = [await listen(asCustomer('alice')), await listen(asCustomer('bob')), await listen(asOperator('olga'))];
    const [aliceOrder, bobOrder] = [randomUUID(), randomUUID()];
    const paid = (orderId: string, id: string) =>
      service.say(OrderPaid, { ...OrderPaid.example, orderId, customer: { id, email: `${id}@example.com` } });
    const eventId = await paid(aliceOrder, 'alice');
    await paid(bobOrder, 'bob');
    await eventually(() => expect(operator.text).toContain(aliceOrder));
    await eventually(() => expect(operator.text).toContain(bobOrder));
    await eventually(() =>
      expect(alice.text).toContain(`event: order-paid\nid: ${eventId}\ndata: {"orderId":"${aliceOrder}","kind":"order-paid","at":"`),
    );
    await eventually(() => expect(bob.text).toContain(bobOrder));
    expect(alice.text).not.toContain(bobOrder);
    expect(bob.text).not.toContain(aliceOrder);
  });

  it('shows a sign of life', async () => {
    const alice = await listen(asCustomer('alice'));
    await eventually(() => expect(alice.text).toMatch(/^: \n\n: \n\n/));
  });

  it('is an event stream that no proxy holds back', async () => {
    const { headers } = await call(asCustomer('alice'));
    expect(headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  });

  it('answers HEAD with the headers alone', async () => {
    const response = await call(asCustomer('alice'), { method: 'HEAD' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('text/event-stream');
    expect(await response.resume().toArray()).toEqual([]);
  });

  it('refuses nobody-in-particular, and parameters it does not know', async () => {
    expect((await call({})).statusCode).toBe(401);
    expect((await call(asCustomer('alice'), { query: '?since=1' })).statusCode).toBe(422);
  });

  it('lets the service stop while somebody listens', async () => {
    const other = await notificationFixture({}, service);
    const response = await new Promise<IncomingMessage>((resolve) =>
      request(`${other.baseUrl}/events`, { headers: asCustomer('alice'), agent: false }, resolve).end(),
    );
    const ended = once(response.resume(), 'end');
    await other.close();
    expect(await ended).toEqual([]);
  });
});
