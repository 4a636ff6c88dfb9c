import { randomUUID } from 'node:crypto';
import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, TcpProxy } from '#libs/testing';
import {
  messagingFixture,
  recordEffects,
  smallTopology,
  ThingHappened,
  wireOptions,
  type MessagingFixture,
} from './messaging.spec-support.js';
import { DependencyAway, PermanentFailure } from './retry-policy.js';

let world: MessagingFixture;
let client: ChannelModel;
let channel: ConfirmChannel;

beforeAll(async () => {
  world = await messagingFixture();
  client = await amqplib.connect(world.vhost.url);
  channel = await client.createConfirmChannel();
});
afterEach(() => world.reset());
afterAll(async () => {
  await client.close();
  await world.drop();
});

const send = (body: string | Buffer, options = wireOptions()) => {
  channel.publish('orderly.events', ThingHappened.name, Buffer.from(body), options);
  return channel.waitForConfirms();
};
const sendAll = async (ns: readonly number[], subject = 's') => {
  for (const n of ns) channel.publish('orderly.events', ThingHappened.name, Buffer.from(JSON.stringify({ n })), wireOptions({ subject }));
  await channel.waitForConfirms();
};
const deadLetters = async () => {
  const found: Record<string, unknown>[] = [];
  for (let message = await channel.get('orderly.dead-letters'); message; message = await channel.get('orderly.dead-letters')) {
    channel.ack(message);
    found.push({ ...message.properties.headers, body: message.content, key: message.fields.routingKey });
  }
  return found;
};
const ready = async (queue: string) => (await world.vhost.depth(queue)).messages;

describe('a batch', () => {
  it('is one transaction for what arrived together, in the order of arrival', async () => {
    const batches: number[][] = [];
    const service = world.service();
    const first = withResolvers();
    service.handle('test.on-thing', async (messages, tx) => {
      batches.push(messages.map(({ data }) => (data as { n: number }).n));
      if (batches.length === 1) await first.promise;
      await recordEffects('test.on-thing')(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await sendAll([0]);
    await eventually(() => expect(batches).toHaveLength(1));
    await sendAll([1, 2, 3, 4, 5]);
    // None is ready on the broker any more, so all have been sent here.
    await eventually(async () => expect(await ready('test.on-thing')).toBe(0));
    first.resolve();
    await eventually(async () => expect(await world.effects()).toHaveLength(6));
    expect(batches).toEqual([[0], [1, 2, 3, 4, 5]]);
  });

  it('takes a message that comes twice once, together or apart', async () => {
    const service = world.service();
    const sizes: number[] = [];
    service.handle('test.on-thing', async (messages, tx) => {
      sizes.push(messages.length);
      await recordEffects('test.on-thing')(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    const options = wireOptions();
    await declareFirst();
    await send('{"n":1}', options);
    await send('{"n":1}', options);
    await service.start();
    await eventually(async () => expect(await ready('test.on-thing')).toBe(0));
    await send('{"n":1}', options);
    await sendAll([2]);
    await eventually(async () => expect(await world.effects()).toEqual([1, 2]));
    expect(sizes).toEqual([1, 1]);
    expect(await world.count('inbox')).toBe(2);
  });

  it('handles a message whose id is written in capitals, once', async () => {
    const service = world.service();
    service.handle('test.on-thing', recordEffects('test.on-thing'));
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    const { messageId } = wireOptions();
    await send('{"n":1}', wireOptions({ id: messageId.toUpperCase() }));
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    await send('{"n":1}', wireOptions({ id: messageId }));
    await sendAll([2]);
    await eventually(async () => expect(await world.effects()).toEqual([1, 2]));
  });

  it('leaves neither effect nor inbox row nor message when its handler throws, and gives the others their turn', async () => {
    const service = world.service({ retryDelaysSeconds: [] });
    service.handle('test.on-thing', async (messages, tx) => {
      await recordEffects('test.on-thing')(messages, tx);
      if (messages.some(({ data }) => (data as { n: number }).n === 3)) throw new Error('three is poison');
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await sendAllBeforeStart(service, [1, 2, 3, 4, 5]);
    await eventually(async () => expect(await world.effects()).toEqual([1, 2, 4, 5]));
    const [dead] = await eventually(async () => {
      const found = await deadLetters();
      expect(found).toHaveLength(1);
      return found;
    });
    expect(dead).toMatchObject({
      key: 'test.on-thing',
      'orderly-queue': 'test.on-thing',
      'orderly-reason': 'attempts-exhausted',
      'orderly-error': 'Error: three is poison',
      'orderly-attempt': 1,
    });
    expect(await world.count('inbox')).toBe(4);
  });
});

describe('what can never be handled', () => {
  it.each([
    ['malformed', 'a body that is no JSON', '{"n":', wireOptions()],
    ['malformed', 'bytes that are no text', Buffer.from([0xff, 0x00, 0xfe]), wireOptions()],
    ['malformed', 'headers that say nothing', '{"n":1}', { persistent: true } as ReturnType<typeof wireOptions>],
    ['malformed', 'an id that is no UUID', '{"n":1}', wireOptions({ id: 'one' })],
    ['unknown-type', 'a type that is not taken here', '{"n":1}', wireOptions({ type: 'thing.unheard.v1' })],
    ['schema-violation', 'data that breaks its schema', '{"n":"one"}', wireOptions()],
  ])('is a dead letter at once, for the reason %s: %s; its neighbours go through', async (reason, _, body, options) => {
    await world.running();
    channel.publish('orderly.events', ThingHappened.name, Buffer.from('{"n":1}'), wireOptions());
    channel.publish('orderly.events', ThingHappened.name, Buffer.from(body), options);
    channel.publish('orderly.events', ThingHappened.name, Buffer.from('{"n":2}'), wireOptions());
    await channel.waitForConfirms();
    await eventually(async () => expect(await world.effects()).toEqual([1, 2]));
    const found = await eventually(async () => {
      const letters = await deadLetters();
      expect(letters).toHaveLength(1);
      return letters;
    });
    expect(found[0]).toMatchObject({ 'orderly-reason': reason, 'orderly-queue': 'test.on-thing', body: Buffer.from(body) });
  });
});

describe('a message that fails', () => {
  it('comes back to the one queue that failed, after each pause, with its attempts counted, and is a dead letter after the last', async () => {
    const attempts: number[] = [];
    const service = world.service({ retryDelaysSeconds: [1, 1] });
    service.handle('test.on-thing', async ([message]) => {
      attempts.push(message!.attempt);
      throw new Error('never');
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await sendAll([1]);
    await eventually(() => expect(attempts).toEqual([1, 2, 3]), { within: 10_000 });
    const [dead] = await eventually(async () => {
      const letters = await deadLetters();
      expect(letters).toHaveLength(1);
      return letters;
    });
    expect(dead).toMatchObject({ 'orderly-reason': 'attempts-exhausted', 'orderly-attempt': 3 });
    // RabbitMQ up to 3.13 would take a copied x-death for its own and drop the message in the second round.
    expect(Object.keys(dead!).filter((name) => /^x-.*death/.test(name))).toEqual([]);
  });

  it('is a dead letter at once when its handler says that it is permanent', async () => {
    const service = world.service();
    service.handle('test.on-thing', async () => {
      throw new PermanentFailure('the amounts differ');
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await sendAll([1]);
    await eventually(async () => expect(await deadLetters()).toMatchObject([{ 'orderly-reason': 'permanent', 'orderly-attempt': 1 }]));
  });

  it('waits with its whole queue, and uses up no attempt, while what it depends on is away', async () => {
    let away = true;
    const attempts: number[] = [];
    const service = world.service({ retryDelaysSeconds: [] });
    service.handle('test.on-thing', async (messages, tx) => {
      attempts.push(...messages.map(({ attempt }) => attempt));
      if (away) throw new DependencyAway('gone fishing');
      await recordEffects('test.on-thing')(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await sendAll([1, 2, 3]);
    await eventually(() => expect(attempts.length).toBeGreaterThan(4));
    away = false;
    await eventually(async () => expect(await world.effects()).toEqual([1, 2, 3]), { within: 15_000 });
    expect(new Set(attempts)).toEqual(new Set([1]));
    expect(await deadLetters()).toEqual([]);
  });
});

describe('a message whose consumer dies on it', () => {
  /** Takes all that is on the queue and goes away without an answer, as a process does that is killed. */
  const dieOnAll = async (expected: number) => {
    const doomed = await client.createChannel();
    for (let taken = 0; taken < expected; taken += 1) {
      await eventually(async () => expect(await doomed.get('test.on-thing')).toBeTruthy());
    }
    await doomed.close();
  };

  it('is handled alone when it has come back twice, so that it can take no other message of its batch along', async () => {
    const sizes: number[] = [];
    const service = world.service();
    service.handle('test.on-thing', async (messages, tx) => {
      sizes.push(messages.length);
      await recordEffects('test.on-thing')(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await declareFirst();
    await sendAll([1, 2, 3]);
    for (const _ of ['first', 'second']) await dieOnAll(3);
    await service.start();
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([1, 2, 3]));
    expect(sizes).toEqual([1, 1, 1]);
  });

  it('is a dead letter of the broker when its deliveries are used up', async () => {
    await declareFirst();
    await sendAll([1]);
    for (let delivery = 0; delivery <= smallTopology.deliveryLimit; delivery += 1) await dieOnAll(1);
    await eventually(async () => expect(await ready('orderly.dead-letters')).toBe(1));
    expect(await deadLetters()).toMatchObject([{ key: 'test.on-thing', 'x-first-death-reason': 'delivery_limit' }]);
  });
});

describe('a consumer', () => {
  it('comes back after the broker has cancelled it, because its queue was deleted', async () => {
    const service = await world.running();
    await sendAll([1]);
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    await world.vhost.deleteQueue('test.on-thing');
    await eventually(async () => expect(await world.vhost.depth('test.on-thing')).toMatchObject({ consumers: 1 }));
    expect(service.complaints()).toEqual([]);
    await sendAll([2]);
    await eventually(async () => expect(await world.effects()).toEqual([1, 2]));
  });

  it('comes back after an operator has closed its connections, and takes again what it had in hand, once', async () => {
    const service = world.service();
    const gate = withResolvers();
    let calls = 0;
    service.handle('test.on-thing', async (messages, tx) => {
      calls += 1;
      if (calls === 1) await gate.promise;
      await recordEffects('test.on-thing')(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await sendAll([1]);
    await eventually(() => expect(calls).toBe(1));
    await world.closeConnections(/^test:/);
    gate.resolve();
    await sendAll([2]);
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([1, 2]), { within: 15_000 });
    await eventually(async () => expect(await ready('test.on-thing')).toBe(0), { within: 15_000 });
    expect(await world.effects()).toHaveLength(2);
  });

  it('has one effect when its acknowledgement is lost after the commit', async () => {
    const proxy = await TcpProxy.before(world.vhost.url);
    const service = await world.running({ rabbitmqUrl: proxy.through(world.vhost.url) });
    proxy.hold('client-to-server', /:consume$/);
    await sendAll([1]);
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    proxy.cut(/:consume$/);
    proxy.release();
    await eventually(async () => expect(await ready('test.on-thing')).toBe(0), { within: 20_000 });
    expect(await world.effects()).toEqual([1]);
    await service.stop();
    await proxy.close();
  });

  it('stops with what it has in hand finished and the rest left on the queue, and rejects nothing unhandled', async () => {
    const service = world.service({
      topology: {
        ...smallTopology,
        queues: { ...smallTopology.queues, 'test.on-thing': { takes: [ThingHappened], prefetch: 100, batch: 1 } },
      },
    });
    const begun: number[] = [];
    const gate = withResolvers();
    service.handle('test.on-thing', async (messages, tx) => {
      begun.push(...messages.map(({ data }) => (data as { n: number }).n));
      await gate.promise;
      await recordEffects('test.on-thing')(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await sendAll([1, 2, 3]);
    await eventually(() => expect(begun).toEqual([1]));
    const stopped = service.stop();
    gate.resolve();
    await stopped;
    expect(await world.effects()).toEqual([1]);
    expect(begun).toEqual([1]);
    await eventually(async () => expect(await ready('test.on-thing')).toBe(2));
  });

  it('does not acknowledge, with the batch behind it, what it could not park before it stopped', async () => {
    const proxy = await TcpProxy.before(world.vhost.url);
    const service = world.service({ rabbitmqUrl: proxy.through(world.vhost.url) });
    const gate = withResolvers();
    let begun = 0;
    service.handle('test.on-thing', async (messages, tx) => {
      begun += 1;
      if (begun === 1) await gate.promise;
      await recordEffects('test.on-thing')(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await sendAll([1]);
    await eventually(() => expect(begun).toBe(1));
    await send('no json');
    await sendAll([2, 3]);
    await eventually(async () => expect(await ready('test.on-thing')).toBe(0));
    proxy.refuse();
    proxy.cut(/:publish$/);
    gate.resolve();
    await eventually(() => expect(service.complaints().join()).toMatch(/test\.on-thing waits: a message cannot be handed on/));
    await service.stop();
    await proxy.close();
    await eventually(async () => expect(await ready('test.on-thing')).toBe(3));
    await world.running();
    await eventually(async () => expect(await world.effects()).toEqual([1, 2, 3]));
    await eventually(async () => expect(await deadLetters()).toMatchObject([{ 'orderly-reason': 'malformed' }]));
  });

  it('hands on a message whose headers amqplib reads but cannot write, and keeps its envelope', async () => {
    const { headers, ...options } = wireOptions({ type: 'thing.unheard.v1' });
    await world.running();
    await send('{"n":1}', { ...options, headers: { ...headers, odd: { '!': 'timestamp', value: 2 ** 60 } } } as never);
    await eventually(async () =>
      expect(await deadLetters()).toMatchObject([{ 'orderly-reason': 'unknown-type', cloudEvents_type: 'thing.unheard.v1' }]),
    );
  });

  it('is there once after a reconnection to a broker that has lost everything', async () => {
    const service = await world.running();
    for (const { name, durable } of await world.vhost.queues()) if (durable) await world.vhost.deleteQueue(name);
    await channel.deleteExchange('orderly.events');
    await world.closeConnections(/^test:/);
    await eventually(() => expect(service.complaints()).toEqual([]), { within: 15_000 });
    await eventually(async () => expect(await world.vhost.depth('test.on-thing')).toMatchObject({ consumers: 1 }));
    await sendAll([1]);
    await eventually(async () => expect(await world.effects()).toEqual([1]));
  });

  it('stops at its deadline though a handler hangs, and the message is delivered again', async () => {
    const service = world.service({ drainDeadlineMs: 300 });
    const gate = withResolvers();
    const begun: number[] = [];
    service.handle('test.on-thing', async (messages) => {
      begun.push(messages.length);
      await gate.promise;
      throw new Error('too late');
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await sendAll([1]);
    await eventually(() => expect(begun).toHaveLength(1));
    await service.stop();
    // In a service the process ends here, and its transaction with it.
    gate.resolve();
    await world.running();
    await eventually(async () => expect(await world.effects()).toEqual([1]));
  });
});

/** Queues, before anybody consumes them. */
async function declareFirst(): Promise<void> {
  const declarer = await world.running();
  await declarer.stop();
}

/** Messages that wait on the queue when the consumer starts, so that they make one batch. */
async function sendAllBeforeStart(service: ReturnType<MessagingFixture['service']>, ns: readonly number[]): Promise<void> {
  await declareFirst();
  await sendAll(ns, randomUUID());
  await service.start();
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
