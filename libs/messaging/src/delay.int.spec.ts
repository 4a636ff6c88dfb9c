import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topology } from '#libs/contracts';
import { eventually, testVhost } from '#libs/testing';
import { declareTopology } from './declare-topology.js';
import { laneName, routeDelayed } from './delay.js';

let vhost: Awaited<ReturnType<typeof testVhost>>;
let client: ChannelModel;
let channel: ConfirmChannel;
const queue = 'order.expire-order';

beforeAll(async () => {
  vhost = await testVhost();
  client = await amqplib.connect(vhost.url, { noDelay: true });
  await declareTopology(client, topology);
  channel = await client.createConfirmChannel();
});
afterAll(async () => {
  await client.close();
  await vhost.drop();
});

const delayed = (seconds: number, body = '') => {
  const { exchange, routingKey } = routeDelayed(seconds, queue, topology.delay);
  channel.publish(exchange, routingKey, Buffer.from(body), { persistent: true, mandatory: true });
};

describe('the delay service on a real broker', () => {
  it('lets a window of 5 s end on time behind ten thousand of 15 minutes', async () => {
    for (let n = 0; n < 10_000; n += 1) delayed(900);
    await channel.waitForConfirms();
    const sentAt = Date.now();
    const arrived = new Map<string, number>();
    const { consumerTag } = await channel.consume(queue, (message) => {
      arrived.set(String(message?.content), Date.now() - sentAt);
      channel.ack(message!);
    });
    delayed(5, 'five, by its lane');
    delayed(3, 'three, by the cascade');
    delayed(6, 'six, by the cascade');
    await channel.waitForConfirms();
    await eventually(() => expect(arrived.size).toBe(3), { within: 15_000 });
    for (const [name, seconds] of [
      ['three, by the cascade', 3],
      ['five, by its lane', 5],
      ['six, by the cascade', 6],
    ] as const) {
      expect(arrived.get(name)).toBeGreaterThanOrEqual(seconds * 1000);
      expect(arrived.get(name)).toBeLessThan(seconds * 1000 + 2000);
    }
    await channel.cancel(consumerTag);
    await vhost.purge(laneName(topology.delay, 900));
  });
});
