import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, TcpProxy } from '#libs/testing';
import { Connection } from './connection.js';
import { messagingFixture, quietLogger, type MessagingFixture } from './messaging.spec-support.js';
import { Subscription, type Delivery } from './subscription.js';

const queue = 'letters';

let world: MessagingFixture;
let proxy: TcpProxy;
let connection: Connection;
let client: ChannelModel;
let channel: ConfirmChannel;

beforeAll(async () => {
  world = await messagingFixture();
  client = await amqplib.connect(world.vhost.url);
  channel = await client.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  proxy = await TcpProxy.before(world.vhost.url);
  const url = proxy.through(world.vhost.url);
  connection = new Connection({ url, tls: undefined, connectAttempts: 3, logger: quietLogger, name: 'subscriber' });
  await connection.start();
});
afterEach(() => world.vhost.purge(queue));
afterAll(async () => {
  await connection.close();
  await proxy.close();
  await client.close();
  await world.drop();
});

const send = async (text: string) => {
  channel.sendToQueue(queue, Buffer.from(text), { persistent: true });
  await channel.waitForConfirms();
};

async function subscribed(prepare: () => Promise<void> = async () => {}) {
  const deliveries: Delivery[] = [];
  const subscription: Subscription = new Subscription({
    connection,
    name: queue,
    prefetch: 10,
    logger: quietLogger,
    prepare: async () => {
      await prepare();
      return queue;
    },
    onDelivery: (delivery) => deliveries.push(delivery),
    onLost: () => {},
  });
  await subscription.start();
  return { subscription, deliveries };
}

/** Something that a test lets happen. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('a subscription', () => {
  it('has one consumer, and takes from it alone, when it was given back and resumed before the broker answered the last resume', async () => {
    const { subscription, deliveries } = await subscribed();
    subscription.pause('spec');
    await eventually(async () => expect(await world.vhost.depth(queue)).toMatchObject({ consumers: 0 }));
    proxy.hold('server-to-client', /^subscriber$/);
    subscription.resume('spec');
    await eventually(async () => expect(await world.vhost.depth(queue)).toMatchObject({ consumers: 1 }));
    subscription.pause('spec');
    const renewed = gate();
    const givenBack = subscription.giveBack(() => renewed.opened);
    subscription.resume('spec');
    proxy.release();
    await eventually(() => expect(subscription.alive).toBe(true), { within: 10_000 });
    // What is given back is still on its channel, and the consumer of that channel is gone already.
    await eventually(async () => expect(await world.vhost.depth(queue)).toMatchObject({ consumers: 1 }));
    await send('for one');
    await eventually(() => expect(deliveries.map(({ message }) => message.content.toString())).toEqual(['for one']));
    expect(deliveries.every((delivery) => subscription.isCurrent(delivery))).toBe(true);
    subscription.acknowledge(deliveries[0]!);
    renewed.open();
    await givenBack;
    expect(await world.vhost.depth(queue)).toEqual({ messages: 0, consumers: 1 });
    await subscription.cancel();
  });

  it('takes nothing while it is paused, though the pause began before its queue was there', async () => {
    const declared = gate();
    let preparing = 0;
    const { subscription, deliveries } = await subscribed(async () => {
      preparing += 1;
      if (preparing > 1) await declared.opened;
    });
    await subscription.giveBack(async () => {});
    subscription.resume('spec');
    await eventually(() => expect(preparing).toBe(2));
    subscription.pause('spec');
    await send('later');
    declared.open();
    // Everything that was asked of the broker before this has been answered after it.
    await eventually(() => expect(subscription['opening']).toBe(false));
    expect(deliveries).toEqual([]);
    subscription.resume('spec');
    await eventually(() => expect(deliveries).toHaveLength(1));
    subscription.acknowledge(deliveries[0]!);
    await subscription.cancel();
  });

  it('holds as many as its prefetch when that is changed, and on the next channel too', async () => {
    const { subscription, deliveries } = await subscribed();
    const held = () => deliveries.filter((delivery) => subscription.isCurrent(delivery)).length;
    for (let n = 0; n < 20; n += 1) await send(String(n));
    await eventually(() => expect(held()).toBe(10));
    subscription.changePrefetch(15);
    await eventually(() => expect(held()).toBe(20));
    // What it held before is still its own, and comes no second time.
    expect(new Set(deliveries.map(({ message }) => message.content.toString())).size).toBe(20);
    subscription.changePrefetch(3);
    await subscription.giveBack(async () => {});
    subscription.resume('nobody');
    await eventually(() => expect(held()).toBe(3));
    await send('one more');
    await eventually(async () => expect(await world.vhost.depth(queue)).toEqual({ messages: 18, consumers: 1 }));
    expect(held()).toBe(3);
    subscription.acknowledge(deliveries.at(-1)!, true);
    await eventually(() => expect(held()).toBe(6));
    await subscription.cancel();
    subscription.end();
  });

  it('comes back after many pauses that cross with lost channels', async () => {
    const { subscription, deliveries } = await subscribed();
    for (let round = 0; round < 20; round += 1) {
      subscription.pause('spec');
      if (round % 2 === 0) subscription.resume('spec');
      if (round % 3 === 0) void subscription.giveBack(async () => {});
      if (round % 4 === 0) subscription['channel']?.close().catch(() => {});
      subscription.pause('spec');
      subscription.resume('spec');
    }
    await eventually(() => expect(subscription.alive).toBe(true), { within: 15_000 });
    await send('after all');
    await eventually(() => expect(deliveries.some(({ message }) => message.content.toString() === 'after all')).toBe(true));
    await eventually(() => expect(deliveries.filter((delivery) => subscription.isCurrent(delivery))).toHaveLength(1));
    subscription.acknowledge(deliveries.at(-1)!);
    await eventually(async () => expect(await world.vhost.depth(queue)).toMatchObject({ messages: 0 }));
    await subscription.cancel();
  });
});
