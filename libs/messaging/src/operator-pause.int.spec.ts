import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { register } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTracing } from '#libs/service';
import { eventually, SpanCollector } from '#libs/testing';
import type { AskingHandler, Incoming } from './message-handler.js';
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

const queue = 'test.on-thing';

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

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const send = async (ns: readonly number[]) => {
  for (const n of ns) channel.publish('orderly.events', ThingHappened.name, Buffer.from(JSON.stringify({ n })), wireOptions());
  await channel.waitForConfirms();
};
const consumerOf = (service: Messaging) => service['consumers'].get(queue)!;
const effects = async () => (await world.effects()).toSorted((one, other) => one - other);
const pausedMetric = async () =>
  (await register.getSingleMetric('orderly_consumers_paused')!.get()).values.find(({ labels }) => labels['queue'] === queue)?.value;

/** Something that a test lets happen. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('a consumer that an operator pauses', () => {
  it('finishes the batch in hand, gives back the rest, and takes it when it goes on', async () => {
    const [begun, finished] = [gate(), gate()];
    const sizes: number[] = [];
    const service = world.service();
    service.handle(queue, async (messages, tx) => {
      sizes.push(messages.length);
      begun.open();
      await finished.opened;
      await recordEffects(queue)(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    consumerOf(service).setBatch(1);
    await send(upTo(30));
    await begun.opened;
    const paused = consumerOf(service).pauseByOperator();
    finished.open();
    await paused;
    await eventually(async () => expect(await world.vhost.depth(queue)).toEqual({ messages: 29, consumers: 0 }));
    expect(await effects()).toHaveLength(1);
    expect(service.complaints()).toEqual([`${queue} is paused by an operator`]);
    expect(await pausedMetric()).toBe(1);
    consumerOf(service).setBatch(7);
    consumerOf(service).resumeByOperator();
    await eventually(async () => expect(await effects()).toEqual(upTo(30)));
    expect(sizes[0]).toBe(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(7);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(30);
    expect(service.complaints()).toEqual([]);
    expect(await pausedMetric()).toBe(0);
  });

  it('asks nothing more, records what was asked, and asks the rest once when it goes on', async () => {
    const answered = gate();
    const asked: number[] = [];
    const handler: AskingHandler<Incoming, unknown, unknown> = {
      intend: async (messages) => new Map(messages.map((message) => [message, (message.data as { n: number }).n])),
      ask: async (intent) => {
        asked.push(intent as number);
        await answered.opened;
        return intent;
      },
      record: (outcomes, tx) =>
        recordEffects(queue)(
          outcomes.map(({ message }) => message),
          tx,
        ),
    };
    const service = world.service();
    service.handleAsking(queue, handler, 2);
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await send(upTo(10));
    await eventually(() => expect(asked).toHaveLength(2));
    const paused = consumerOf(service).pauseByOperator();
    answered.open();
    await paused;
    await eventually(async () => expect(await world.vhost.depth(queue)).toEqual({ messages: 8, consumers: 0 }));
    expect([asked.length, (await effects()).length]).toEqual([2, 2]);
    consumerOf(service).resumeByOperator();
    await eventually(async () => expect(await effects()).toEqual(upTo(10)));
    expect(asked.toSorted((one, other) => one - other)).toEqual(upTo(10));
  });

  it('holds nothing while it is paused: what it has given back ends there, also in traces', async () => {
    const collector = await SpanCollector.start();
    const endTracing = await startTracing({
      service: 'test',
      instance: 'test-1',
      config: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: 1, OTEL_BSP_SCHEDULE_DELAY: 50 },
    });
    const answered = gate();
    const asked: unknown[] = [];
    let intended = 0;
    const service = world.service();
    service.handleAsking(
      queue,
      {
        intend: async (messages) => {
          intended += messages.length;
          return new Map(messages.map((message) => [message, message.data]));
        },
        ask: async (intent) => {
          asked.push(intent);
          await answered.opened;
        },
        record: async () => {},
      },
      1,
    );
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await send(upTo(4));
    await eventually(() => expect(asked).toHaveLength(1));
    await eventually(() => expect(intended).toBe(4));
    const paused = consumerOf(service).pauseByOperator();
    answered.open();
    await paused;
    const handlings = () => collector.spans.filter(({ name }) => name === `${queue} process`).map(({ failed }) => failed);
    await eventually(() => expect(handlings().toSorted((one, other) => Number(one) - Number(other))).toEqual([false, true, true, true]));
    await endTracing();
    await collector.close();
  });

  it('makes no dead letter of what it has given back more often than the broker allows', async () => {
    const service = world.service();
    const turns: ReturnType<typeof gate>[] = [];
    service.handle(queue, async (messages, tx) => {
      const turn = gate();
      turns.push(turn);
      await turn.opened;
      await recordEffects(queue)(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    const consumer = consumerOf(service);
    consumer.setBatch(1);
    const count = smallTopology.deliveryLimit + 10;
    await send(upTo(count));
    for (let cycle = 1; cycle <= smallTopology.deliveryLimit + 2; cycle += 1) {
      await eventually(() => expect(turns).toHaveLength(cycle));
      const paused = consumer.pauseByOperator();
      turns[cycle - 1]!.open();
      await paused;
      consumer.resumeByOperator();
    }
    consumer.setBatch(count);
    const opening = setInterval(() => turns.forEach(({ open }) => open()), 10);
    await eventually(async () => expect(await effects()).toEqual(upTo(count)));
    clearInterval(opening);
    expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 0 });
  });

  it('stays paused when what it waited for besides is back, and waits for that when it goes on too soon', async () => {
    let isAway = true;
    const service = world.service();
    service.handle(queue, async (messages, tx) => {
      if (isAway) throw new DependencyAway('the printer is out of paper');
      await recordEffects(queue)(messages, tx);
    });
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    await service.start();
    await send([1]);
    await eventually(() => expect(service.complaints().join()).toContain('out of paper'));
    void consumerOf(service).pauseByOperator();
    await send([2]);
    consumerOf(service).resumeByOperator();
    expect(await pausedMetric()).toBe(1);
    expect(service.complaints().join()).toContain('out of paper');
    void consumerOf(service).pauseByOperator();
    isAway = false;
    // The one that looked was in hand.
    await eventually(async () => expect(await effects()).toEqual([1]), { within: 15_000 });
    await eventually(async () => expect(await world.vhost.depth(queue)).toEqual({ messages: 1, consumers: 0 }));
    expect([await pausedMetric(), service.complaints()]).toEqual([1, [`${queue} is paused by an operator`]]);
    consumerOf(service).resumeByOperator();
    await eventually(async () => expect(await effects()).toEqual([1, 2]));
  });

  it('begins with taking nothing when that was said before it started, and can be stopped so', async () => {
    const service = world.service();
    service.handle(queue, recordEffects(queue));
    service.handle('test.do-thing', recordEffects('test.do-thing'));
    void consumerOf(service).pauseByOperator();
    await service.start();
    await send([1]);
    expect(await world.vhost.depth(queue)).toEqual({ messages: 1, consumers: 0 });
    await service.stop();
    expect(await world.vhost.depth(queue)).toEqual({ messages: 1, consumers: 0 });
  });
});
