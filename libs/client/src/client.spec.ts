import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerTo, consoleClient, notificationClient, orderClient, paymentClient, type Order } from './index.js';

let server: Server;
let baseUrl: string;
let asked: IncomingMessage;
/** What is answered next; nothing at all when it is undefined. */
let next: { status: number; type: string; body: string } | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked = request;
    if (next) response.writeHead(next.status, { 'content-type': next.type }).end(next.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const id = '0199b3a0-0000-7000-8000-000000000001';
const cancelling = () => orderClient({ baseUrl, token: 'a-token' }).POST('/orders/{id}/cancel', { params: { path: { id } } });

describe('a client', () => {
  it('calls as its caller, and has the answer in the declared form', async () => {
    next = { status: 200, type: 'application/json', body: JSON.stringify({ id, status: 'cancelled' }) };
    const order: Order = await answerTo(cancelling());
    expect([order.status, asked.method, asked.url, asked.headers.authorization]).toEqual([
      'cancelled',
      'POST',
      `/orders/${id}/cancel`,
      'Bearer a-token',
    ]);
  });

  it('is there for every service', async () => {
    next = { status: 200, type: 'application/json', body: '{"items":[]}' };
    const options = { baseUrl, token: 'a-token' };
    const paths: (string | undefined)[] = [];
    for (const call of [
      () => orderClient(options).GET('/orders'),
      () => paymentClient(options).GET('/payments/{id}', { params: { path: { id } } }),
      () => notificationClient(options).GET('/notifications', { params: { query: { orderId: id } } }),
      () => consoleClient(options).GET('/dead-letters', { params: { query: { status: 'parked' } } }),
    ]) {
      expect((await call()).response.status).toBe(200);
      paths.push(asked.url);
    }
    expect(paths).toEqual(['/orders', `/payments/${id}`, `/notifications?orderId=${id}`, '/dead-letters?status=parked']);
  });

  it('throws the problem that it is answered with', async () => {
    const problem = {
      type: '/problems/order-not-cancellable',
      title: 'No',
      status: 409,
      detail: 'It is expired.',
      instance: '/',
      traceId: '0',
    };
    next = { status: 409, type: 'application/problem+json', body: JSON.stringify(problem) };
    await expect(answerTo(cancelling())).rejects.toMatchObject({
      name: 'Refused',
      status: 409,
      problem,
      message: `/orders/${id}/cancel answers 409: /problems/order-not-cancellable, It is expired.`,
    });
  });

  it('throws also what a proxy says', async () => {
    next = { status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>' };
    await expect(answerTo(cancelling())).rejects.toMatchObject({ name: 'Refused', status: 502, problem: undefined });
  });

  it('does not wait for ever', async () => {
    next = undefined;
    const impatient = orderClient({ baseUrl, timeoutMs: 50 });
    await expect(impatient.GET('/products')).rejects.toThrow(/does not answer GET \/products/);
  });

  it('can be asked for nothing that is not documented', () => {
    const orders = orderClient({ baseUrl });
    expect([
      // @ts-expect-error: there is no such path
      () => orders.GET('/order'),
      // @ts-expect-error: the key is missing
      () => orders.POST('/orders', { body: { items: [], email: '' } }),
      // @ts-expect-error: there is no such status
      () => orders.GET('/orders', { params: { query: { status: 'lost' } } }),
    ]).toHaveLength(3);
  });
});
