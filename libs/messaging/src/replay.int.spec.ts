import { randomUUID } from 'node:crypto';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeadLetterReplayed, shortestInboxDays, type Topology } from '#libs/contracts';
import { Retention } from '#libs/service';
import { eventually, MessageProbe } from '#libs/testing';
import { forReplay, readDeadLetter, type DeadLetter } from './dead-letters.js';
import { inboxKept } from './messaging-tables.js';
import { PermanentFailure } from './retry-policy.js';
import {
  messagingFixture,
  recordEffects,
  smallTopology,
  ThingHappened,
  wireOptions,
  type MessagingFixture,
} from './messaging.spec-support.js';

/** With somebody who takes the outcomes, and a second queue that takes the same event. */
const topology: Topology = {
  ...smallTopology,
  queues: {
    ...smallTopology.queues,
    'other.on-thing': { takes: [ThingHappened], prefetch: 100, batch: 20 },
    'other.settle-replays': { takes: [DeadLetterReplayed], prefetch: 100, batch: 20 },
  },
};

let world: MessagingFixture;
let client: ChannelModel;
let channel: ConfirmChannel;
let outcomes: MessageProbe;

beforeAll(async () => {
  world = await messagingFixture();
  client = await connect(world.vhost.url);
  channel = await client.createConfirmChannel();
  const declaring = world.service({ topology });
  declaring.handle('test.on-thing', recordEffects('test.on-thing'));
  declaring.handle('test.do-thing', recordEffects('test.do-thing'));
  await declaring.start();
  await world.reset();
});
beforeEach(async () => {
  outcomes = await MessageProbe.listen(world.vhost.url, 'orderly.events', DeadLetterReplayed.name);
});
afterEach(async () => {
  await outcomes.close();
  await world.reset();
});
afterAll(async () => {
  await client.close();
  await world.drop();
});

const replayed = (id: string, queue: string, replayId: string, body = '{"n":1}') => ({
  id,
  type: ThingHappened.name,
  headers: forReplay({ ...wireOptions({ id }).headers, 'orderly-attempt': 6, 'orderly-error': 'Error: once' }, replayId),
  body,
  queue,
});

async function saysOutcomes(...expected: object[]): Promise<void> {
  await eventually(() => expect(outcomes.messages.map(({ body }) => body)).toEqual(expected.map((one) => expect.objectContaining(one))), {
    within: 10_000,
  });
}

describe('a message that is sent again', () => {
  it('goes to its one queue and no other, under its own id, as its first attempt', async () => {
    const service = await world.running({ topology });
    const [id, replayId] = [randomUUID(), randomUUID()];
    await service.transactions.run((tx) => tx.redeliver([replayed(id, 'other.on-thing', replayId)]));
    await eventually(async () => expect(await world.vhost.depth('other.on-thing')).toMatchObject({ messages: 1 }));
    const taken = await world.vhost.take('other.on-thing');
    expect(taken?.properties).toMatchObject({ messageId: id, headers: { cloudEvents_id: id, 'orderly-replay': replayId } });
    expect(Object.keys(taken?.properties.headers ?? {})).not.toContain('orderly-attempt');
    expect(taken?.content.toString()).toBe('{"n":1}');
    expect(await world.effects()).toEqual([]);
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
  });

  it('is not sent when its transaction rolls back', async () => {
    const service = await world.running({ topology });
    const work = service.transactions.run(async (tx) => {
      await tx.redeliver([replayed(randomUUID(), 'other.on-thing', randomUUID())]);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await world.count('outbox')).toBe(0);
  });

  it('may go to two queues at once, of which one is not there: the other has it, and nothing is lost', async () => {
    const service = await world.running({ topology });
    const id = randomUUID();
    await service.transactions.run((tx) =>
      tx.redeliver([replayed(id, 'other.nobody', randomUUID()), replayed(id, 'other.on-thing', randomUUID())]),
    );
    await eventually(async () => expect(await world.vhost.depth('other.on-thing')).toMatchObject({ messages: 1 }));
    await eventually(async () => {
      const rows: { queue: string; error: string }[] = await world.dataSource.query('SELECT queue, error FROM outbox');
      expect(rows).toEqual([{ queue: 'other.nobody', error: expect.stringContaining('unroutable') }]);
    });
  });
});

describe('the queue that is given a message again', () => {
  it('says that it is done, in the transaction that handled it, and of each copy that it was a duplicate', async () => {
    const service = await world.running({ topology });
    const [id, first, second] = [randomUUID(), randomUUID(), randomUUID()];
    await service.transactions.run((tx) => tx.redeliver([replayed(id, 'test.on-thing', first)]));
    await saysOutcomes({ replayId: first, messageId: id, queue: 'test.on-thing', outcome: 'done' });
    await service.transactions.run((tx) => tx.redeliver([replayed(id, 'test.on-thing', second)]));
    await saysOutcomes({ replayId: first, outcome: 'done' }, { replayId: second, messageId: id, outcome: 'duplicate' });
    expect(await world.effects()).toEqual([1]);
  });

  it('knows what it has handled for longer than a dead letter may be replayed', async () => {
    const service = await world.running({ topology });
    const [id, first, second] = [randomUUID(), randomUUID(), randomUUID()];
    await service.transactions.run((tx) => tx.redeliver([replayed(id, 'test.on-thing', first)]));
    await saysOutcomes({ replayId: first, outcome: 'done' });
    const handled = (ago: string) =>
      world.dataSource.query('UPDATE inbox SET handled_at = now() - $2::interval WHERE message_id = $1', [id, ago]);
    const retention = new Retention(world.dataSource, [inboxKept(shortestInboxDays)]);
    await handled(`${shortestInboxDays * 24 * 60 - 1} minutes`);
    expect(await retention.forget()).toEqual({ inbox: 0 });
    await service.transactions.run((tx) => tx.redeliver([replayed(id, 'test.on-thing', second)]));
    await saysOutcomes({ replayId: first, outcome: 'done' }, { replayId: second, outcome: 'duplicate' });
    expect(await world.effects()).toEqual([1]);
    await handled(`${shortestInboxDays * 24 * 60 + 1} minutes`);
    expect(await retention.forget()).toEqual({ inbox: 1 });
  });

  it('says nothing of a message that was not replayed', async () => {
    await world.running({ topology });
    channel.publish('orderly.events', ThingHappened.name, Buffer.from('{"n":1}'), wireOptions());
    await channel.waitForConfirms();
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    expect(outcomes.messages).toEqual([]);
  });

  it('says it once it has succeeded, though it failed at first', async () => {
    let failures = 1;
    const service = world.service({ topology, retryDelaysSeconds: [1] });
    service.handle('test.on-thing', async (messages, tx) => {
      if (failures-- > 0) throw new Error('not yet');
      await recordEffects('test.on-thing')(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    const [id, replayId] = [randomUUID(), randomUUID()];
    await service.transactions.run((tx) => tx.redeliver([replayed(id, 'test.on-thing', replayId)]));
    await saysOutcomes({ replayId, outcome: 'done' });
    expect(await world.effects()).toEqual([1]);
  });

  it('says it of what it asks about when the outcome is committed, and of what needs no question at once', async () => {
    const service = world.service({ topology });
    let answer = () => {};
    const asked = new Promise<void>((resolve) => (answer = resolve));
    service.handleAsking(
      'test.on-thing',
      {
        intend: async (messages) => new Map(messages.filter(({ data }) => (data as { n: number }).n > 1).map((one) => [one, undefined])),
        ask: () => asked,
        record: async () => {},
      },
      10,
    );
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    const [quick, slow] = [randomUUID(), randomUUID()];
    await service.transactions.run((tx) =>
      tx.redeliver([replayed(randomUUID(), 'test.on-thing', slow, '{"n":2}'), replayed(randomUUID(), 'test.on-thing', quick, '{"n":1}')]),
    );
    await saysOutcomes({ replayId: quick, outcome: 'done' });
    expect(await world.count('inbox')).toBe(1);
    answer();
    await saysOutcomes({ replayId: quick, outcome: 'done' }, { replayId: slow, outcome: 'done' });
  });

  it('says nothing of one that dies again: it is a dead letter with the replay that it has died of', async () => {
    const service = world.service({ topology });
    service.handle('test.on-thing', async () => {
      throw new PermanentFailure('still broken');
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    const letters: DeadLetter[] = [];
    service.collectDeadLetters(async (found) => void letters.push(...found));
    await service.start();
    const [id, replayId] = [randomUUID(), randomUUID()];
    await service.transactions.run((tx) => tx.redeliver([replayed(id, 'test.on-thing', replayId)]));
    await eventually(() => expect(letters).toMatchObject([{ messageId: id, queue: 'test.on-thing', replayId, attempts: 1 }]));
    expect(letters[0]).toMatchObject({ reason: 'permanent', error: 'PermanentFailure: still broken' });
    expect(outcomes.messages).toEqual([]);
  });
});

describe('the collector of dead letters', () => {
  const park = async (content: string | Buffer, options: object = {}, queue = 'test.on-thing') => {
    channel.publish('orderly.dead-letters', queue, Buffer.from(content), options);
    await channel.waitForConfirms();
  };

  it('keeps each before it acknowledges it, tries one that cannot be kept alone, and lets the others pass', async () => {
    const service = world.service({ topology });
    service.handle('test.on-thing', recordEffects('test.on-thing'));
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    let full = true;
    const kept: string[] = [];
    service.collectDeadLetters(async (letters) => {
      if (full && letters.some(({ body }) => body.toString() === 'large')) throw new Error('too large');
      kept.push(...letters.map(({ body }) => body.toString()));
    });
    for (const body of ['one', 'large', 'two']) await park(body);
    await service.start();
    await eventually(() => expect(kept.toSorted()).toEqual(['one', 'two']));
    expect(service.complaints()).toEqual([expect.stringContaining('too large')]);
    full = false;
    await eventually(() => expect(kept.toSorted()).toEqual(['large', 'one', 'two']));
    await eventually(() => expect(service.complaints()).toEqual([]));
    await service.stop();
    expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 0 });
  });

  it('is given again what it had not kept when it died', async () => {
    const service = world.service({ topology, drainDeadlineMs: 100 });
    service.handle('test.on-thing', recordEffects('test.on-thing'));
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    let begun = false;
    service.collectDeadLetters(() => {
      begun = true;
      return new Promise(() => {});
    });
    await park('one');
    await service.start();
    await eventually(() => expect(begun).toBe(true));
    await service.stop();
    await eventually(async () => expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 1 }));
  });

  it('makes an id of the bytes of a message that has none, the same each time, and reads what the broker says', async () => {
    const read = async () => readDeadLetter((await world.vhost.take('orderly.dead-letters'))! as never, topology);
    await park('no JSON');
    await park('no JSON');
    await park('other');
    const [one, two, other] = [await read(), await read(), await read()];
    expect(one).toMatchObject({ queue: 'test.on-thing', reason: 'unknown', type: undefined, subject: undefined, attempts: 1 });
    expect(two.messageId).toBe(one.messageId);
    expect(other.messageId).not.toBe(one.messageId);
    const lane = { queue: 'orderly.delay.lane-1', reason: 'expired' };
    await park('{}', {
      messageId: 'no uuid',
      headers: {
        'x-first-death-queue': lane.queue,
        'x-first-death-reason': 'expired',
        'x-last-death-reason': 'delivery_limit',
        nul: 'a\0b',
      },
    });
    expect(await read()).toMatchObject({ queue: 'test.on-thing', reason: 'delivery-limit', headers: { nul: 'ab' } });
  });
});
