import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { register } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing';
import { attemptHeader } from './delivery.js';
import type { Messaging } from './messaging.js';
import { messagingFixture, recordEffects, ThingHappened, wireOptions, type MessagingFixture } from './messaging.spec-support.js';

const queue = 'test.on-thing';
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

/** A service whose handler fails as often as it is told to. */
async function failing(failures: number, options: Parameters<MessagingFixture['service']>[0] = {}) {
  const attempts: number[] = [];
  const service: Messaging = world.service({ retryDelaysSeconds: [3, 3], standingRetries: { sweepMs: 100, graceMs: 500 }, ...options });
  service.handle(queue, async (messages, tx) => {
    attempts.push(...messages.map(({ attempt }) => attempt));
    if (attempts.length <= failures) throw new Error('not yet');
    await recordEffects(queue)(messages, tx);
  });
  service.handle('test.do-thing', recordEffects('test.do-thing'));
  await service.start();
  const said = wireOptions();
  channel.publish('orderly.events', ThingHappened.name, Buffer.from('{"n":7}'), said);
  await channel.waitForConfirms();
  return { attempts, messageId: said.messageId };
}

/** How many messages the delay service holds. */
const delayed = async () => {
  const names = (await world.vhost.queues()).map(({ name }) => name).filter((name) => name.startsWith('orderly.delay'));
  const depths = await Promise.all(names.map((name) => world.vhost.depth(name)));
  return { names, messages: depths.reduce((sum, { messages }) => sum + messages, 0) };
};
const purgeDelays = async () => {
  const { names } = await eventually(async () => {
    const now = await delayed();
    expect(now.messages).toBe(1);
    return now;
  });
  await Promise.all(names.map((name) => world.vhost.purge(name)));
};
const standing = (): Promise<{ message_id: string }[]> => world.dataSource.query('SELECT message_id FROM standing_retries');
const sentAnew = async () =>
  (await register.getSingleMetric('orderly_retries_lost_total')!.get()).values.find(({ labels }) => labels['queue'] === queue)?.value ?? 0;

describe('a message that waits in the delay service to be tried again', () => {
  it('is tried though the delay queues are purged, with its attempts counted on', async () => {
    const before = await sentAnew();
    const { attempts } = await failing(1);
    await purgeDelays();
    await eventually(async () => expect(await world.effects()).toEqual([7]), { within: 15_000 });
    expect(attempts).toEqual([1, 2]);
    expect(await sentAnew()).toBe(before + 1);
    await eventually(async () => expect(await standing()).toEqual([]));
  }, 30_000);

  it('is no longer kept when it was handled, nor when it is a dead letter, and is not sent anew', async () => {
    const before = await sentAnew();
    await failing(1, { retryDelaysSeconds: [1] });
    await eventually(async () => expect(await standing()).toHaveLength(1));
    await eventually(async () => expect(await world.effects()).toEqual([7]), { within: 10_000 });
    await eventually(async () => expect(await standing()).toEqual([]));
    await world.reset();

    await failing(2, { retryDelaysSeconds: [1] });
    await eventually(async () => expect(await world.vhost.depth('orderly.dead-letters')).toMatchObject({ messages: 1 }), {
      within: 10_000,
    });
    await eventually(async () => expect(await standing()).toEqual([]));
    expect(await sentAnew()).toBe(before);
  }, 30_000);

  it('is no longer kept when it comes back as something that cannot be read', async () => {
    const { messageId } = await failing(1, { retryDelaysSeconds: [15] });
    await eventually(async () => expect(await standing()).toEqual([{ message_id: messageId }]));
    await purgeDelays();
    const { headers, ...options } = wireOptions({ id: messageId });
    channel.publish('', queue, Buffer.from('{"n":'), { ...options, headers: { ...headers, [attemptHeader]: 2 } });
    await eventually(async () => expect(await standing()).toEqual([]));
  }, 30_000);

  it('takes effect once when it was only late: what was sent anew and what was delayed are the same to the inbox', async () => {
    const { messageId } = await failing(1);
    await eventually(async () => expect(await standing()).toEqual([{ message_id: messageId }]));
    await world.dataSource.query(`UPDATE standing_retries SET due_at = now() - interval '1 hour'`);
    await eventually(async () => expect(await world.effects()).toEqual([7]));
    await eventually(async () => expect((await delayed()).messages).toBe(0), { within: 10_000 });
    await eventually(async () => expect(await world.vhost.depth(queue)).toMatchObject({ messages: 0 }));
    expect(await world.effects()).toEqual([7]);
    expect(await standing()).toEqual([]);
  }, 30_000);

  it('is sent anew by one of two replicas, not by both', async () => {
    const before = await sentAnew();
    const { messageId } = await failing(1);
    const second = world.service({ standingRetries: { sweepMs: 100, graceMs: 500 } });
    second.handle(queue, recordEffects(queue));
    second.handle('test.do-thing', recordEffects('test.do-thing'));
    await second.start();
    await eventually(async () => expect(await standing()).toEqual([{ message_id: messageId }]));
    await world.dataSource.query(`UPDATE standing_retries SET due_at = now() - interval '1 hour'`);
    await eventually(async () => expect(await world.effects()).toEqual([7]));
    await eventually(async () => expect(await standing()).toEqual([]));
    expect(await sentAnew()).toBe(before + 1);
  }, 30_000);
});
