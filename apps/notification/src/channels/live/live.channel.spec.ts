import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DataOf, NoticeIssued } from '#libs/contracts';
import { EventStream, type Caller } from '#libs/http';
import type { LiveFeed } from '#libs/messaging';
import { LiveChannel } from './live.channel.js';

type Notice = DataOf<typeof NoticeIssued>;

const alice: Caller = { kind: 'customer', id: 'alice' };
const bob: Caller = { kind: 'customer', id: 'bob' };
const operator: Caller = { kind: 'operator', name: 'olga' };

const until = (condition: () => boolean | Promise<boolean>) => vi.waitUntil(condition, { interval: 2, timeout: 5_000 });

const notice = (number: number, customerId = 'alice', subject = 'Your order is paid'): Notice => ({
  ...NoticeIssued.example,
  eventId: `0199b3a1-0000-7000-8000-${String(number).padStart(12, '0')}`,
  customer: { id: customerId, email: `${customerId}@example.com` },
  subject,
});

describe('the live channel', () => {
  let channel: LiveChannel;
  let server: Server;
  let tell: (notice: Notice) => void;
  let callers: Caller[];

  async function start(commentIntervalMs = 60_000): Promise<void> {
    const feed = { subscribe: (_type: unknown, onMessage: (message: { data: Notice }) => void) => (tell = (data) => onMessage({ data })) };
    channel = new LiveChannel(feed as unknown as LiveFeed, commentIntervalMs);
    channel.onApplicationBootstrap();
    server = createServer((_request, response) => {
      const stream = new EventStream(response);
      stream.open({ 'x-kept': 'yes' });
      response.on('close', channel.listen(callers.shift()!, stream));
    }).listen(0, '127.0.0.1');
    await until(() => server.listening);
  }

  const connect = (caller: Caller): Promise<IncomingMessage> => {
    callers.push(caller);
    return new Promise((resolve, reject) =>
      get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false }, resolve).on('error', reject),
    );
  };

  async function listen(caller: Caller): Promise<{ text: string; ended: boolean }> {
    const response = await connect(caller);
    const heard = { text: '', ended: false };
    response.setEncoding('utf8').on('data', (chunk: string) => (heard.text += chunk));
    response.on('end', () => (heard.ended = true)).on('error', () => (heard.ended = true));
    return heard;
  }

  beforeEach(() => {
    callers = [];
  });

  afterEach(() => {
    channel.onModuleDestroy();
    server.closeAllConnections();
    server.close();
  });

  it('answers as an event stream that proxies pass on at once', async () => {
    await start();
    const { headers, statusCode } = await connect(alice);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-kept': 'yes',
    });
  });

  it('tells each customer of their own orders, and an operator of all', async () => {
    await start();
    const [aliceHears, bobHears, operatorHears] = [await listen(alice), await listen(bob), await listen(operator)];
    tell(notice(1, 'alice'));
    tell(notice(2, 'bob'));
    await until(() => operatorHears.text.includes('000000000002'));
    const data = JSON.stringify({ orderId: notice(1).orderId, kind: 'order-paid', at: notice(1).at, subject: 'Your order is paid' });
    expect(aliceHears.text).toBe(`event: order-paid\nid: ${notice(1).eventId}\ndata: ${data}\n\n`);
    await until(() => bobHears.text !== '');
    expect(bobHears.text).toContain(notice(2).eventId);
    expect(bobHears.text).not.toContain(notice(1).eventId);
    expect(operatorHears.text.match(/^event:/gm)).toHaveLength(2);
  });

  it('tells a customer on every screen they have open', async () => {
    await start();
    const screens = [await listen(alice), await listen(alice)];
    tell(notice(1));
    await until(() => screens.every(({ text }) => text !== ''));
    for (const { text } of screens) expect(text).toContain(notice(1).eventId);
  });

  it('tells of an event once, though the broker says it twice', async () => {
    await start();
    const aliceHears = await listen(alice);
    tell(notice(1));
    tell(notice(1));
    tell(notice(2));
    await until(() => aliceHears.text.includes(notice(2).eventId));
    expect(aliceHears.text.match(/^event:/gm)).toHaveLength(2);
  });

  it('shows a sign of life when there is nothing to tell', async () => {
    await start(20);
    const aliceHears = await listen(alice);
    await until(() => aliceHears.text.length > 4);
    expect(aliceHears.text).toMatch(/^(: \n\n)+$/);
  });

  it('cuts off a client that does not read, and goes on with the others', async () => {
    await start();
    const aliceHears = await listen(alice);
    const idle = await connect(alice);
    let cut = false;
    idle.on('error', () => (cut = true)).pause();
    const listening = () =>
      new Promise<number>((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
    // The kernel buffers some megabytes before anything waits in our memory.
    let said = 0;
    while ((await listening()) === 2 && said < 1_000) {
      tell(notice(++said, 'alice', 'x'.repeat(60_000)));
      await until(() => aliceHears.text.includes(notice(said).eventId) && aliceHears.text.endsWith('\n\n'));
      aliceHears.text = '';
    }
    expect(said).toBeLessThan(1_000);
    idle.resume();
    await until(() => cut);
    tell(notice(said + 1));
    await until(() => aliceHears.text.includes(notice(said + 1).eventId));
  }, 20_000);

  it('ends every stream before the server closes, and new ones at once', async () => {
    await start();
    const open = await listen(alice);
    channel.onModuleDestroy();
    const late = await listen(bob);
    await until(() => open.ended && late.ended);
    expect([open.text, late.text]).toEqual(['', '']);
  });

  it('forgets a client that has left', async () => {
    await start();
    const response = await connect(alice);
    response.on('error', () => {}).destroy();
    await until(() => new Promise<boolean>((resolve) => server.getConnections((_error, count) => resolve(count === 0))));
    tell(notice(1));
    expect((channel as unknown as { customers: Map<string, unknown> }).customers.size).toBe(0);
  });
});
