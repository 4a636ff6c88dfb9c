import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing';
import type { AskingHandler, Incoming } from './message-handler.js';
import { messagingFixture, recordEffects, ThingHappened, wireOptions, type MessagingFixture } from './messaging.spec-support.js';
import type { Messaging, MessagingSettings } from './messaging.js';
import { messagesHandled } from './metrics.js';
import { DependencyAway } from './retry-policy.js';

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

const numberOf = (message: Incoming): number => (message.data as { n: number }).n;
const send = (ns: readonly number[], options = wireOptions) => {
  for (const n of ns) channel.publish('orderly.events', ThingHappened.name, Buffer.from(JSON.stringify({ n })), options());
  return channel.waitForConfirms();
};

/** Asks `answerTo` about each number, and records what it answered. */
async function asking(
  answerTo: (n: number, message: Incoming) => Promise<number>,
  askAtOnce = 10,
  overrides: Partial<AskingHandler<Incoming, unknown, unknown>> = {},
  settings: Partial<MessagingSettings> = {},
) {
  const intended: number[] = [];
  const handler: AskingHandler<Incoming, unknown, unknown> = {
    intend: async (messages) => {
      intended.push(...messages.map(numberOf));
      return new Map(messages.map((message) => [message, numberOf(message)]));
    },
    ask: (intent, message) => answerTo(intent as number, message),
    record: (answered, tx) =>
      recordEffects('test.on-thing')(
        answered.map(({ message, answer }) => ({ ...message, data: { n: answer } })),
        tx,
      ),
    ...overrides,
  };
  const service = world.service({ retryDelaysSeconds: [1], ...settings });
  service.handleAsking('test.on-thing', handler, askAtOnce);
  service.handle('test.do-thing', recordEffects('test.do-thing'));
  await service.start();
  return { service, intended };
}

/** Deliveries that are not acknowledged yet. */
const held = (service: Messaging) => service['consumers'].get('test.on-thing')!['subscription']['held'].size;

async function handledSoFar(outcome: 'done' | 'duplicate'): Promise<number> {
  const { values } = await messagesHandled.get();
  return values.find(({ labels }) => labels.queue === 'test.on-thing' && labels.outcome === outcome)?.value ?? 0;
}

/** A question that is answered when the test says so. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('asking', () => {
  it('records a quick answer while a slow one is out', async () => {
    const slow = gate();
    await asking(async (n) => {
      if (n === 1) await slow.opened;
      return n * 10;
    });
    await send([1, 2, 3]);
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([20, 30]));
    slow.open();
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([10, 20, 30]));
    await eventually(async () => expect(await world.vhost.depth('test.on-thing')).toMatchObject({ messages: 0 }));
  });

  it('asks no more at once than it may', async () => {
    let underWay = 0;
    let most = 0;
    const all = gate();
    await asking(async (n) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await all.opened;
      underWay -= 1;
      return n;
    }, 3);
    await send([1, 2, 3, 4, 5, 6, 7]);
    await eventually(() => expect(underWay).toBe(3));
    all.open();
    await eventually(async () => expect(await world.effects()).toHaveLength(7));
    expect(most).toBe(3);
  });

  it('records the outcome of a message that comes twice once', async () => {
    await asking(async (n) => n);
    const options = wireOptions();
    await send([1, 1], () => options);
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    await send([1], () => options);
    await send([2]);
    await eventually(async () => expect(await world.effects()).toEqual([1, 2]));
    expect(await world.count('inbox')).toBe(2);
  });

  it('acknowledges a copy that came in the same batch no earlier than the first, and counts on one answer for both', async () => {
    const first = gate();
    const begun = gate();
    const asked: number[] = [];
    const { service } = await asking(
      async (n) => {
        asked.push(n);
        if (n === 1) await first.opened;
        return n;
      },
      10,
      {
        intend: async (messages) => {
          // The others have come by the time this is done, so that they make one batch.
          if (numberOf(messages[0]!) === 0) await begun.opened;
          return new Map(messages.map((message) => [message, numberOf(message)]));
        },
      },
    );
    await send([0]);
    const options = wireOptions();
    await send([1, 1], () => options);
    await send([2]);
    await eventually(() => expect(held(service)).toBe(4));
    begun.open();
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([0, 2]));
    await eventually(() => expect(held(service)).toBe(2));
    first.open();
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([0, 1, 2]));
    await eventually(() => expect(held(service)).toBe(0));
    expect(asked.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  it('asks about a copy that came in the same batch when the question about the first has failed', async () => {
    const begun = gate();
    const asked: number[] = [];
    const { service } = await asking(
      async (n) => {
        asked.push(n);
        if (n === 1 && asked.filter((one) => one === 1).length === 1) throw new Error('no answer');
        return n;
      },
      10,
      {
        intend: async (messages) => {
          if (numberOf(messages[0]!) === 0) await begun.opened;
          return new Map(messages.map((message) => [message, numberOf(message)]));
        },
      },
      { retryDelaysSeconds: [] },
    );
    await send([0]);
    const options = wireOptions();
    await send([1, 1], () => options);
    await eventually(() => expect(held(service)).toBe(3));
    begun.open();
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([0, 1]));
    await eventually(async () => expect(await world.vhost.depth('test.on-thing')).toMatchObject({ messages: 0 }));
    // The first was given up, and its copy was not.
    expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 1 });
  });

  it('asks again after a pause when the question fails, with the attempt counted', async () => {
    const attempts: number[] = [];
    await asking(async (n, { attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('no answer');
      return n;
    });
    await send([1]);
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    expect(attempts).toEqual([1, 2]);
  });

  it('keeps asking, and uses up no attempt, while whom it asks is away', async () => {
    const attempts: number[] = [];
    await asking(async (n, { attempt }) => {
      attempts.push(attempt);
      if (attempts.length < 4) throw new DependencyAway('nobody home');
      return n;
    });
    await send([1]);
    await eventually(async () => expect(await world.effects()).toEqual([1]), { within: 15_000 });
    expect(attempts).toEqual([1, 1, 1, 1]);
  });

  it('asks only one question again and again while whom it asks is away; the others under way come to their end', async () => {
    const slow = gate();
    let away = true;
    const asked = new Map<number, number>();
    const { service } = await asking(
      async (n) => {
        asked.set(n, (asked.get(n) ?? 0) + 1);
        if (n === 1) await slow.opened;
        else if (away) throw new DependencyAway('nobody home');
        return n;
      },
      3,
      {},
      { pauseGraceMs: 300 },
    );
    await send([1, 2, 3, 4, 5, 6]);
    // All but the slow one, which is still out: the others have gone back.
    await eventually(async () => expect(await world.vhost.depth('test.on-thing')).toEqual({ messages: 6, consumers: 0 }));
    expect(service.complaints().join()).toMatch(/^test\.on-thing waits: nobody home/);
    slow.open();
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    const looks = [...asked.values()].reduce((sum, times) => sum + times, 0);
    await eventually(() => expect([...asked.values()].reduce((sum, times) => sum + times, 0)).toBeGreaterThan(looks + 1), {
      within: 15_000,
    });
    expect([...asked.values()].filter((times) => times > 1)).toHaveLength(1);
    expect(await world.vhost.depth('test.on-thing')).toEqual({ messages: 6, consumers: 0 });
    away = false;
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]), { within: 15_000 });
    await eventually(async () => expect(await world.vhost.depth('test.on-thing')).toEqual({ messages: 0, consumers: 1 }));
    expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 0 });
  });

  it('looks again before it asks on behalf of a message that it has given back: another replica may have settled it', async () => {
    let away = true;
    let askedHere = 0;
    const { service } = await asking(
      async (n) => {
        askedHere += 1;
        if (away) throw new DependencyAway('nobody home');
        return n;
      },
      1,
      {},
      { pauseGraceMs: 100 },
    );
    await send([1]);
    await eventually(async () => expect(await world.vhost.depth('test.on-thing')).toEqual({ messages: 1, consumers: 0 }));
    await asking(async (n) => n);
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    const askedBefore = askedHere;
    away = false;
    await eventually(() => expect(service.complaints()).toEqual([]), { within: 15_000 });
    expect(askedHere).toBe(askedBefore);
    expect(await world.effects()).toEqual([1]);
  });

  it('is done with a message that needs no question', async () => {
    let asked = 0;
    await asking(
      async (n) => {
        asked += 1;
        return n;
      },
      10,
      {
        intend: async (messages) =>
          new Map(messages.filter((message) => numberOf(message) !== 1).map((message) => [message, numberOf(message)])),
      },
    );
    await send([1, 2]);
    await eventually(async () => expect(await world.count('inbox')).toBe(2));
    expect(await world.effects()).toEqual([2]);
    expect(asked).toBe(1);
  });

  it('is done once with a message that needs no question, though two replicas have a copy of it in hand at once', async () => {
    const both = gate();
    let looking = 0;
    const handled = () => Promise.all((['done', 'duplicate'] as const).map((outcome) => handledSoFar(outcome)));
    const [doneBefore = 0, duplicatesBefore = 0] = await handled();
    const needsNoQuestion: Partial<AskingHandler<Incoming, unknown, unknown>> = {
      intend: async (messages, tx) => {
        // It has looked into the inbox, and found nothing.
        looking += 1;
        await both.opened;
        await recordEffects('test.on-thing')(messages, tx);
        return new Map();
      },
    };
    const replicas = [await asking(async (n) => n, 10, needsNoQuestion), await asking(async (n) => n, 10, needsNoQuestion)].map(
      ({ service }) => service,
    );
    const options = wireOptions();
    await send([1, 1], () => options);
    await eventually(() => expect(looking).toBe(2));
    both.open();
    await eventually(() => expect(replicas.map(held)).toEqual([0, 0]));
    expect(await world.effects()).toEqual([1]);
    expect(await handled()).toEqual([doneBefore + 1, duplicatesBefore + 1]);
  });

  it('lets one outcome that cannot be recorded hurt only itself', async () => {
    await asking(async (n) => n, 10, {
      record: async (answered, tx) => {
        if (answered.some(({ answer }) => answer === 2)) throw new Error('two is poison');
        await recordEffects('test.on-thing')(
          answered.map(({ message }) => message),
          tx,
        );
      },
    });
    await send([1, 2, 3]);
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([1, 3]));
    await eventually(async () => expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 1 }), {
      within: 10_000,
    });
    expect(await world.count('inbox')).toBe(2);
  });

  it('records what was already asked before it stops, and leaves the rest', async () => {
    const first = gate();
    const asked: number[] = [];
    const { service } = await asking(async (n) => {
      asked.push(n);
      await first.opened;
      return n;
    }, 1);
    await send([1, 2, 3]);
    await eventually(() => expect(asked).toEqual([1]));
    const stopped = service.stop();
    first.open();
    await stopped;
    expect(await world.effects()).toEqual([1]);
    await eventually(async () => expect(await world.vhost.depth('test.on-thing')).toMatchObject({ messages: 2 }));
  });

  it('records once what was asked again, because its connection was lost while the question was out', async () => {
    const first = gate();
    let asked = 0;
    await asking(async (n) => {
      asked += 1;
      if (asked === 1) await first.opened;
      return n;
    });
    await send([1]);
    await eventually(() => expect(asked).toBe(1));
    await world.closeConnections(/^test:.*:consume$/, 1);
    await eventually(() => expect(asked).toBe(2), { within: 15_000 });
    first.open();
    await eventually(async () => expect(await world.vhost.depth('test.on-thing')).toMatchObject({ messages: 0, consumers: 1 }));
    await send([2]);
    await eventually(async () => expect(await world.effects()).toEqual([1, 2]));
  });
});
