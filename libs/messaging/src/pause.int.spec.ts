import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { register } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startRabbitMq } from '#libs/testing';
import type { BatchHandler } from './message-handler.js';
import type { Messaging } from './messaging.js';
import {
  messagingFixture,
  recordEffects,
  smallTopology,
  ThingHappened,
  wireOptions,
  type MessagingFixture,
} from './messaging.spec-support.js';
import { DependencyAway } from './retry-policy.js';

let world: MessagingFixture;
let client: ChannelModel;
let channel: ConfirmChannel;

/** The broker gives a message up when it comes back for the fifth time: every return that is not needed shows soon. */
const topology = { ...smallTopology, deliveryLimit: 4 };
const queue = 'test.on-thing';
const thirty = Array.from({ length: 30 }, (_, n) => n);

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

const send = async (ns: readonly number[]) => {
  for (const n of ns) channel.publish('orderly.events', ThingHappened.name, Buffer.from(JSON.stringify({ n })), wireOptions());
  await channel.waitForConfirms();
};

/** What handlers need, and whether it is there. */
function dependency() {
  const attempts = new Set<number>();
  let looks = 0;
  return {
    away: false,
    attempts,
    get looks() {
      return looks;
    },
    use(messages: Parameters<BatchHandler>[0]) {
      for (const { attempt } of messages) attempts.add(attempt);
      looks += 1;
      if (this.away) throw new DependencyAway('the printer is out of paper');
    },
  };
}

async function consuming(needed: ReturnType<typeof dependency>, pauseGraceMs: number): Promise<Messaging> {
  const service = world.service({ topology, pauseGraceMs });
  service.handle(queue, async (messages, tx) => {
    needed.use(messages);
    await recordEffects(queue)(messages, tx);
  });
  service.handle('test.do-thing', recordEffects('test.do-thing'));
  await service.start();
  return service;
}

const pausedMetric = async () =>
  (await register.getSingleMetric('orderly_consumers_paused')!.get()).values.find(({ labels }) => labels['queue'] === queue)?.value;
const numerically = (one: number, other: number) => one - other;
const allTookEffectOnce = async (ns: readonly number[]) => {
  await eventually(async () => expect((await world.effects()).toSorted(numerically)).toEqual(ns), { within: 20_000 });
  await eventually(async () => expect(await world.vhost.depth(queue)).toMatchObject({ messages: 0 }));
  expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 0 });
};

describe('a consumer whose dependency is away', () => {
  it('takes nothing more, gives back what it holds, looks again and again, says why, and goes on when it is back', async () => {
    const printer = dependency();
    const service = await consuming(printer, 200);
    printer.away = true;
    await send(thirty);
    await eventually(async () => expect(await world.vhost.depth(queue)).toEqual({ messages: 30, consumers: 0 }));
    expect(service.complaints().join()).toMatch(/^test\.on-thing waits: the printer is out of paper \(for \d+ s\)$/);
    expect(await pausedMetric()).toBe(1);
    const looked = printer.looks;
    await eventually(() => expect(printer.looks).toBeGreaterThan(looked + 1), { within: 15_000 });
    expect(await world.vhost.depth(queue)).toEqual({ messages: 30, consumers: 0 });
    printer.away = false;
    await allTookEffectOnce(thirty);
    expect(service.complaints()).toEqual([]);
    expect(await pausedMetric()).toBe(0);
    expect([...printer.attempts]).toEqual([1]);
  });

  it('leaves what it gives back to a replica that can reach it, and takes it for handled when it looks again', async () => {
    const [here, there] = [dependency(), dependency()];
    here.away = true;
    await consuming(here, 200);
    await send(thirty);
    await eventually(async () => expect(await world.vhost.depth(queue)).toEqual({ messages: 30, consumers: 0 }));
    await consuming(there, 200);
    await allTookEffectOnce(thirty);
    here.away = false;
    await eventually(async () => expect(await world.vhost.depth(queue)).toMatchObject({ consumers: 2 }), { within: 15_000 });
    await allTookEffectOnce(thirty);
  });

  it('keeps what it holds when the pause is a short one', async () => {
    const printer = dependency();
    const service = await consuming(printer, 60_000);
    printer.away = true;
    await send([1]);
    await eventually(() => expect(service.complaints()).toHaveLength(1));
    await send([2]);
    // The second waits on the queue, the first is still here.
    await eventually(async () => expect(await world.vhost.depth(queue)).toMatchObject({ messages: 1 }));
    printer.away = false;
    await allTookEffectOnce([1, 2]);
  });

  it('wears out no message, though the dependency goes away more often than a message may be returned', async () => {
    const printer = dependency();
    const service = await consuming(printer, 1);
    for (let outage = 0; outage < 12; outage += 1) {
      printer.away = true;
      if (outage === 0) await send(thirty);
      else await send([30 + outage]);
      await eventually(async () => expect(await world.vhost.depth(queue)).toMatchObject({ consumers: 0 }));
      const looked = printer.looks;
      await eventually(() => expect(printer.looks).toBeGreaterThan(looked));
      // It is back for one message, and gone again with the next.
      printer.away = false;
      await eventually(() => expect(service.complaints()).toEqual([]));
    }
    await eventually(async () => expect(await world.effects()).toHaveLength(41), { within: 20_000 });
    expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 0 });
    expect([...printer.attempts]).toEqual([1]);
  });

  it('wears out no message together with nine replicas that pause with it', async () => {
    const printer = dependency();
    printer.away = true;
    for (let replica = 0; replica < 10; replica += 1) await consuming(printer, 100);
    await send(thirty);
    await eventually(async () => expect(await world.vhost.depth(queue)).toEqual({ messages: 30, consumers: 0 }), { within: 20_000 });
    const looked = printer.looks;
    await eventually(() => expect(printer.looks).toBeGreaterThan(looked + 10), { within: 20_000 });
    printer.away = false;
    await allTookEffectOnce(thirty);
    expect([...printer.attempts]).toEqual([1]);
  });

  it('can be stopped meanwhile, and its messages wait for the next', async () => {
    const printer = dependency();
    const service = await consuming(printer, 60_000);
    printer.away = true;
    await send(thirty);
    await eventually(() => expect(service.complaints()).toHaveLength(1));
    await service.stop();
    await eventually(async () => expect(await world.vhost.depth(queue)).toEqual({ messages: 30, consumers: 0 }));
  });

  it('comes back from a pause in which it has lost its connection as well', async () => {
    const printer = dependency();
    const service = await consuming(printer, 60_000);
    printer.away = true;
    await send(thirty);
    await eventually(() => expect(service.complaints()).toHaveLength(1));
    await world.closeConnections(/^test:.*:consume$/, 1);
    await eventually(async () => expect(await world.vhost.depth(queue)).toEqual({ messages: 30, consumers: 0 }));
    printer.away = false;
    await allTookEffectOnce(thirty);
  });
});

describe('a consumer that cannot hand on a message, because the broker takes none', () => {
  it('gives back what it holds, and takes it again when the broker does', async () => {
    const attempts: number[] = [];
    const service = world.service({ topology, pauseGraceMs: 200, retryDelaysSeconds: [1] });
    service.handle(queue, async (messages, tx) => {
      for (const { data, attempt } of messages) {
        if ((data as { n: number }).n !== 7) continue;
        attempts.push(attempt);
        if (attempt === 1) throw new Error('seven is not ready');
      }
      await recordEffects(queue)(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    service['publishing'].model!.emit('blocked', 'low on memory');
    await send([7]);
    await eventually(() =>
      expect(service.complaints().join('\n')).toMatch(/^test\.on-thing waits: a message cannot be handed on: blocked: low on memory/m),
    );
    await send([8, 9]);
    await eventually(async () => expect(await world.vhost.depth(queue)).toEqual({ messages: 3, consumers: 0 }));
    service['publishing'].model!.emit('unblocked');
    await allTookEffectOnce([7, 8, 9]);
    // The first attempt was made twice, as it was never handed on, and is one attempt.
    expect(attempts.at(-1)).toBe(2);
    expect(service.complaints()).toEqual([]);
  });
});

describe('on a broker that wants everything acknowledged within two seconds', () => {
  it('an outage of many times that makes no dead letter, and uses up no attempt', { timeout: 120_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'orderly-impatient-'));
    const broker = await startRabbitMq({
      dir,
      own: true,
      disposable: true,
      advancedConfig: '[{rabbit, [{consumer_timeout, 2000}, {channel_tick_interval, 200}]}].',
    });
    const impatient = await messagingFixture(broker);
    const raw = await amqplib.connect(impatient.vhost.url);
    try {
      const printer = dependency();
      printer.away = true;
      const service = impatient.service({ topology: { ...topology, deliveryLimit: 2 }, pauseGraceMs: 500 });
      service.handle(queue, async (messages, tx) => {
        printer.use(messages);
        await recordEffects(queue)(messages, tx);
      });
      service.handle('test.do-thing', recordEffects('test.do-thing'));
      await service.start();
      const sender = await raw.createConfirmChannel();
      for (const n of thirty) sender.publish('orderly.events', ThingHappened.name, Buffer.from(JSON.stringify({ n })), wireOptions());
      await sender.waitForConfirms();
      const since = Date.now();
      // Time enough to take each message away more often than it may be returned.
      await eventually(() => expect(Date.now() - since).toBeGreaterThan(12_000), { within: 20_000 });
      expect(await impatient.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 0 });
      expect(await impatient.vhost.depth(queue)).toEqual({ messages: 30, consumers: 0 });
      printer.away = false;
      await eventually(async () => expect((await impatient.effects()).toSorted(numerically)).toEqual(thirty), { within: 20_000 });
      expect([...printer.attempts]).toEqual([1]);
    } finally {
      await raw.close();
      await impatient.drop();
      await broker.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
