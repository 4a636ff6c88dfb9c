import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { AmqpConnection } from '@golevelup/nestjs-rabbitmq';
import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually, TcpProxy } from '#libs/testing';
import { Connection } from './connection.js';
import {
  messagingFixture,
  quietLogger,
  recordEffects,
  smallTopology,
  ThingHappened,
  wireOptions,
  type MessagingFixture,
} from './messaging.spec-support.js';
import { Publisher, type Outgoing } from './publisher.js';

/*
 * What @golevelup/nestjs-rabbitmq 9, amqp-connection-manager 5 and amqplib 2 do when they are used as they come, and what is done here
 * instead. Where the stock behaviour can be shown without harm to the run it stands beside ours, so that an upgrade which mends it is
 * noticed; a boot that hangs and a rejection nobody handles cannot, and are shown on our side alone.
 */

let world: MessagingFixture;
let client: ChannelModel;
let channel: ConfirmChannel;
const opened: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  world = await messagingFixture();
  client = await amqplib.connect(world.vhost.url);
  channel = await client.createConfirmChannel();
  await (await world.running()).stop();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await world.reset();
});
afterAll(async () => {
  await client.close();
  await world.drop();
});

async function stock(url = world.vhost.url): Promise<AmqpConnection> {
  const connection = new AmqpConnection({
    name: randomUUID(),
    uri: url,
    logger: quietLogger,
    connectionManagerOptions: { reconnectTimeInSeconds: 0.2 },
  });
  await connection.init();
  opened.push({ close: () => connection.managedConnection.close() });
  return connection;
}

async function ours(url = world.vhost.url, confirmTimeoutMs = 10_000): Promise<{ publisher: Publisher; connection: Connection }> {
  const connection = new Connection({
    url,
    tls: undefined,
    name: `traps:${randomUUID()}:publish`,
    connectAttempts: 1,
    logger: quietLogger,
  });
  const publisher = new Publisher(connection, quietLogger, confirmTimeoutMs);
  await connection.start();
  opened.push(connection);
  await eventually(() => expect(publisher.ready).toBe(true));
  return { publisher, connection };
}

const outgoing = (overrides: Partial<Outgoing> = {}): Outgoing => {
  const { messageId, type, headers } = wireOptions();
  return {
    exchange: 'orderly.events',
    routingKey: ThingHappened.name,
    id: messageId,
    type,
    headers,
    body: Buffer.from('{"n":1}'),
    ...overrides,
  };
};

/** Has the first confirms of a channel come as one, for all `messages`, as they may under load: behind every return. */
function confirmTogether(publisher: Publisher, messages: number): void {
  const publishing = publisher['open']!.channel;
  const listeners = publishing.listeners('ack');
  publishing.removeAllListeners('ack');
  const confirmed = new Set<number>();
  publishing.on('ack', ({ deliveryTag, multiple }: { deliveryTag: number; multiple: boolean }) => {
    for (let tag = multiple ? 1 : deliveryTag; tag <= deliveryTag; tag += 1) confirmed.add(tag);
    if (confirmed.size === messages) for (const listener of listeners) listener.call(publishing, { deliveryTag: messages, multiple: true });
  });
}

describe('a message that reaches no queue', () => {
  it('counts as published for the stock library', async () => {
    await expect((await stock()).publish('orderly.events', 'nobody.listens', {}, { mandatory: true })).resolves.toBe(true);
  });

  it('is refused here, and its neighbours are confirmed', async () => {
    const { publisher } = await ours();
    const outcomes = await publisher.send([outgoing(), outgoing({ routingKey: 'nobody.listens' }), outgoing()]);
    expect(outcomes).toEqual([
      { kind: 'confirmed' },
      { kind: 'refused', by: 'return', reason: 'unroutable: NO_ROUTE (orderly.events nobody.listens)' },
      { kind: 'confirmed' },
    ]);
  });

  it('is told here from the same message on its way to another queue', async () => {
    const { publisher } = await ours();
    confirmTogether(publisher, 2);
    const taken = outgoing({ exchange: '', routingKey: 'test.on-thing' });
    const outcomes = await publisher.send([taken, { ...taken, routingKey: 'nobody.listens' }]);
    expect(outcomes).toEqual([{ kind: 'confirmed' }, { kind: 'refused', by: 'return', reason: 'unroutable: NO_ROUTE ( nobody.listens)' }]);
  });

  it('is refused here as often as it was sent', async () => {
    const { publisher } = await ours();
    confirmTogether(publisher, 2);
    const unheard = outgoing({ exchange: '', routingKey: 'nobody.listens' });
    const outcomes = await publisher.send([unheard, unheard]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'refused']);
  });
});

describe('a message for an exchange that does not exist', () => {
  it('takes the whole connection down with the stock library', async () => {
    const connection = await stock();
    const lost = new Promise((resolve) => void connection.managedConnection.once('disconnect', resolve));
    await expect(connection.publish('orderly.nowhere', 'key', {})).rejects.toThrow(/closed/i);
    await lost;
  });

  it('costs one channel here, and the connection goes on', async () => {
    const { publisher, connection } = await ours();
    const { model } = connection;
    const [outcome] = await publisher.send([outgoing({ exchange: 'orderly.nowhere' })]);
    expect(outcome).toMatchObject({ kind: 'unknown', brokeChannel: true, reason: expect.stringContaining('NOT_FOUND') });
    await eventually(async () => expect(await publisher.send([outgoing()])).toEqual([{ kind: 'confirmed' }]));
    expect(connection.model).toBe(model);
  });
});

describe('publishing while the broker is away', () => {
  it('piles up in the memory of the stock library, without a bound', async () => {
    const proxy = await TcpProxy.before(world.vhost.url);
    const connection = await stock(proxy.through(world.vhost.url));
    proxy.refuse();
    proxy.cut();
    await eventually(() => expect(connection.connected).toBe(false));
    const lost = Array.from({ length: 500 }, () => connection.publish('orderly.events', ThingHappened.name, {}).catch(() => 'lost'));
    await eventually(() => expect(connection.managedChannel.queueLength()).toBe(500));
    await connection.managedChannel.close();
    await Promise.all(lost);
    await proxy.close();
  });

  it('is answered at once here, and nothing is held', async () => {
    const proxy = await TcpProxy.before(world.vhost.url);
    const { publisher } = await ours(proxy.through(world.vhost.url));
    proxy.refuse();
    proxy.cut();
    await eventually(() => expect(publisher.ready).toBe(false));
    expect(await publisher.send([outgoing()])).toEqual([{ kind: 'unknown', brokeChannel: false, reason: 'not connected' }]);
    await proxy.close();
  });
});

describe('publishing while the broker has blocked the connection', () => {
  it('is answered at once here, and the broker is sent nothing', async () => {
    const { publisher, connection } = await ours();
    connection.model!.emit('blocked', 'low on memory');
    expect(await publisher.send([outgoing()])).toEqual([{ kind: 'unknown', brokeChannel: false, reason: 'blocked: low on memory' }]);
    connection.model!.emit('unblocked');
    expect(await publisher.send([outgoing()])).toEqual([{ kind: 'confirmed' }]);
    expect(await world.vhost.depth('test.on-thing')).toMatchObject({ messages: 1 });
  });
});

describe('a confirm that never comes', () => {
  it('is an unknown outcome here after the timeout, and the channel starts afresh', async () => {
    const proxy = await TcpProxy.before(world.vhost.url);
    const { publisher } = await ours(proxy.through(world.vhost.url), 300);
    proxy.hold('server-to-client');
    expect(await publisher.send([outgoing()])).toEqual([{ kind: 'unknown', brokeChannel: false, reason: 'no confirm in time' }]);
    proxy.release();
    await eventually(async () => expect(await publisher.send([outgoing()])).toEqual([{ kind: 'confirmed' }]));
    await proxy.close();
  });
});

describe('a message that a full queue rejects', () => {
  it('is refused here', async () => {
    await channel.assertQueue('full', { durable: true, arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
    const { publisher } = await ours();
    const toFull = (): Outgoing => outgoing({ exchange: '', routingKey: 'full' });
    expect(await publisher.send([toFull()])).toEqual([{ kind: 'confirmed' }]);
    expect(await publisher.send([toFull()])).toMatchObject([{ kind: 'refused', by: 'nack' }]);
    await channel.deleteQueue('full');
  });
});

describe('a consumer whose queue is deleted and made again', () => {
  it('is gone for good with the stock library, which still says that it is connected', async () => {
    const connection = await stock();
    await connection.createSubscriber(async () => undefined, { exchange: 'orderly.events', routingKey: 'gone', queue: 'gone' }, 'gone');
    await channel.deleteQueue('gone');
    await channel.assertQueue('gone', { durable: true });
    await sendUntilQueued('gone');
    expect(connection.connected).toBe(true);
    await channel.deleteQueue('gone');
  });

  it('comes back here, and that it was gone is said', async () => {
    const service = await world.running();
    const warned = vi.spyOn(quietLogger, 'warn');
    await channel.deleteQueue('test.do-thing');
    await eventually(() => expect(warned).toHaveBeenCalledWith('the broker cancelled the consumer of test.do-thing'));
    await eventually(async () => expect(await world.vhost.depth('test.do-thing')).toMatchObject({ consumers: 1 }));
    await eventually(() => expect(service.complaints()).toEqual([]));
    warned.mockRestore();
  });
});

describe('a handler that throws', () => {
  it('gets the same message again at once, for ever, with the stock library', async () => {
    const connection = await stock();
    let calls = 0;
    const failing = async () => {
      calls += 1;
      throw new Error('no');
    };
    await channel.assertQueue('hot', { durable: true });
    await connection.createSubscriber(failing, { queue: 'hot', createQueueIfNotExists: false }, 'hot');
    channel.sendToQueue('hot', Buffer.from('{}'));
    await eventually(() => expect(calls).toBeGreaterThan(50));
    await connection.managedConnection.close();
    await channel.deleteQueue('hot');
  });

  it('gets it again here after the pauses of the retry policy', async () => {
    const at: number[] = [];
    const service = world.service({ retryDelaysSeconds: [1] });
    service.handle('test.on-thing', async () => {
      at.push(Date.now());
      throw new Error('no');
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    channel.publish('orderly.events', ThingHappened.name, Buffer.from('{"n":1}'), wireOptions());
    await eventually(async () => expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 1 }), {
      within: 15_000,
    });
    expect(at).toHaveLength(2);
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(990);
  });
});

describe('an error on a channel, such as a second acknowledgement', () => {
  it('ends the connection and all that is on it with the stock library', async () => {
    const connection = await stock();
    const lost = new Promise((resolve) => void connection.managedConnection.once('disconnect', resolve));
    connection.channel.ack({ fields: { deliveryTag: 999 } } as never);
    await expect(lost).resolves.toBeDefined();
  });

  it('costs one consumer its channel here; it comes back, and the connection and the others go on', async () => {
    const service = await world.running();
    const { model } = service['consuming'];
    const channelOf = (queue: string) => service['consumers'].get(queue)!['subscription']['channel'];
    const neighbour = channelOf('test.do-thing');
    const broken = channelOf('test.on-thing');
    broken!.ack({ fields: { deliveryTag: 999 } } as never);
    await eventually(() => expect(channelOf('test.on-thing')).not.toBe(broken));
    await eventually(() => expect(service.complaints()).toEqual([]));
    expect(service['consuming'].model).toBe(model);
    expect(channelOf('test.do-thing')).toBe(neighbour);
  });
});

describe('prefetch', () => {
  it('is what the topology says for each queue, and a batch may be larger than it', async () => {
    const queues = { ...smallTopology.queues, 'test.on-thing': { takes: [ThingHappened], prefetch: 3, batch: 20 } };
    await world.running({ topology: { ...smallTopology, queues } });
    for (let n = 0; n < 10; n += 1)
      channel.publish('orderly.events', ThingHappened.name, Buffer.from(JSON.stringify({ n })), wireOptions());
    await eventually(async () => expect(await world.effects()).toHaveLength(10));
    await eventually(
      async () => {
        const consumers = (await world.vhost.manage('GET', '/api/consumers/{vhost}')) as {
          prefetch_count: number;
          queue: { name: string };
        }[];
        const working = consumers.filter(({ queue }) => queue.name in queues);
        const found = Object.fromEntries(working.map(({ queue, prefetch_count: prefetch }) => [queue.name, prefetch]));
        expect(found).toEqual({ 'test.on-thing': 3, 'test.do-thing': 100 });
      },
      { within: 15_000 },
    );
  });
});

describe('a header that amqplib reads and cannot write', () => {
  it('cannot be published as it is', async () => {
    const { publisher } = await ours();
    const [outcome] = await publisher.send([outgoing({ headers: { big: -1e20 } })]);
    expect(outcome).toMatchObject({ kind: 'refused', by: 'form', reason: expect.stringMatching(/^cannot be encoded/) });
  });
});

describe('headers as large as a frame may be', () => {
  it('cannot keep a message that is given up from the dead letters', async () => {
    await world.running();
    const { headers, ...options } = wireOptions({ type: 'thing.unheard.v1' });
    channel.publish('orderly.events', ThingHappened.name, Buffer.from('{"n":1}'), {
      ...options,
      headers: { ...headers, ballast: 'x'.repeat(60_000) },
    });
    await eventually(async () => expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 1 }));
    const letter = await world.vhost.take('orderly.dead-letters');
    expect(letter?.properties.headers).toMatchObject({ 'orderly-reason': 'unknown-type', cloudEvents_type: 'thing.unheard.v1' });
    expect(letter?.properties.headers).not.toHaveProperty('ballast');
  });
});

describe('a connection', () => {
  it('sends small frames at once (TCP_NODELAY), which amqplib does not unless told to', async () => {
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    await ours();
    expect(setNoDelay).toHaveBeenCalledWith(true);
    setNoDelay.mockRestore();
  });

  it('gives up at start after its attempts, with exit code 69', async () => {
    const proxy = await TcpProxy.before(world.vhost.url);
    proxy.refuse();
    proxy.cut();
    const connection = new Connection({
      url: proxy.through(world.vhost.url),
      tls: undefined,
      name: 'traps',
      connectAttempts: 2,
      logger: quietLogger,
    });
    await expect(connection.start()).rejects.toMatchObject({ exitCode: 69, message: expect.stringContaining('after 2 attempts') });
    await proxy.close();
  });
});

/** Puts one message in and sees that nobody takes it. */
async function sendUntilQueued(queue: string): Promise<void> {
  channel.sendToQueue(queue, Buffer.from('{}'));
  await channel.waitForConfirms();
  const { consumerCount, messageCount } = await channel.checkQueue(queue);
  expect({ consumerCount, messageCount }).toEqual({ consumerCount: 0, messageCount: 1 });
}
