import { connect, type ChannelModel } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { register } from 'prom-client';
import { eventually, TcpProxy } from '#libs/testing';
import type { AnsweredCall } from './activity-stream.js';
import { messagingFixture, smallTopology } from './messaging.spec-support.js';

let fixture: Awaited<ReturnType<typeof messagingFixture>>;
let witness: ChannelModel;
beforeAll(async () => {
  fixture = await messagingFixture();
  witness = await connect(fixture.vhost.url);
});
afterEach(() => fixture.reset());
afterAll(async () => {
  await witness?.close();
  await fixture?.drop();
});

const aCall: AnsweredCall = {
  method: 'GET',
  route: '/orders/:id',
  status: 200,
  durationMs: 2,
  caller: 'customer:alice',
  orderId: 'not-an-id',
  traceId: '0af7651916cd43dd8448eb211c80319c',
};

async function counted(name: string): Promise<number> {
  const { values } = await register.getSingleMetric(name)!.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}

/** How many calls have been told of to whoever listens from now on. */
async function listener(): Promise<{ told: () => number; end: () => Promise<void> }> {
  const channel = await witness.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, smallTopology.activity.exchange, '');
  let told = 0;
  await channel.consume(queue, (message) => (told += message ? (JSON.parse(message.content.toString('utf8')) as unknown[]).length : 0), {
    noAck: true,
  });
  return { told: () => told, end: () => channel.close() };
}

describe('what callers do', () => {
  it('is told in messages of many, without what is no id', async () => {
    const service = await fixture.running();
    const channel = await witness.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, smallTopology.activity.exchange, '');
    for (let index = 0; index < 150; index += 1) service.activity.record(aCall);
    await eventually(async () => expect((await channel.checkQueue(queue)).messageCount).toBe(2));
    const message = await channel.get(queue, { noAck: true });
    const calls = JSON.parse((message as { content: Buffer }).content.toString('utf8')) as Record<string, unknown>[];
    expect(calls).toHaveLength(100);
    expect(calls[0]).toMatchObject({ service: 'test', route: '/orders/:id', caller: 'customer:alice' });
    expect(calls[0]).not.toHaveProperty('orderId');
    await channel.close();
  });

  it('is dropped and counted when there is more than the broker takes, and every call is one or the other', async () => {
    const service = await fixture.running();
    const { told, end } = await listener();
    const [sent, dropped] = [await counted('orderly_activity_sent_total'), await counted('orderly_activity_dropped_total')];
    const flood = 100_000;
    for (let index = 0; index < flood; index += 1) service.activity.record(aCall);
    expect(await counted('orderly_activity_dropped_total')).toBeGreaterThan(dropped);
    await eventually(async () => {
      const [sentNow, droppedNow] = [await counted('orderly_activity_sent_total'), await counted('orderly_activity_dropped_total')];
      expect(sentNow - sent + (droppedNow - dropped)).toBe(flood);
      expect(told()).toBe(sentNow - sent);
    });
    await end();
  });

  it('keeps nobody waiting while the broker is away, fills no memory, and is told again when it is back', async () => {
    const proxy = await TcpProxy.before(fixture.vhost.url);
    const service = await fixture.running({ rabbitmqUrl: proxy.through(fixture.vhost.url) });
    const { told, end } = await listener();
    proxy.refuse();
    proxy.cut();
    await eventually(() => expect(service.complaints()).toContain('not connected to publish'));
    const dropped = await counted('orderly_activity_dropped_total');
    for (let index = 0; index < 100_000; index += 1) service.activity.record(aCall);
    expect((await counted('orderly_activity_dropped_total')) - dropped).toBe(99_000);
    proxy.restore();
    await eventually(() => expect(told()).toBe(1_000), { within: 20_000 });
    await end();
    await proxy.close();
  });

  it('is told by a service that stops, as far as it was said before', async () => {
    const service = await fixture.running();
    const { told, end } = await listener();
    for (let index = 0; index < 5; index += 1) service.activity.record(aCall);
    await service.stop();
    service.activity.record(aCall);
    await eventually(() => expect(told()).toBe(5));
    await end();
  });
});
