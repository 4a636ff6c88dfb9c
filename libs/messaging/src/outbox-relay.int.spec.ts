import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { event } from '#libs/contracts';
import { eventually, MessageProbe, TcpProxy, testDatabase } from '#libs/testing';
import { DoThing, messagingFixture, smallTopology, ThingHappened, ThingTold, type MessagingFixture } from './messaging.spec-support.js';
import { messagingMigrations } from './messaging-tables.js';
import type { Messaging } from './messaging.js';
import type { Transaction } from './outbox.js';

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

const say = (service: Messaging, ...ns: number[]) =>
  service.transactions.run(async (tx) => {
    for (const n of ns) tx.publish(ThingHappened, { n }, { subject: 'a-thing' });
  });

/** A row that no process here knows of. $1: its type. */
const rowOfNobody = `INSERT INTO outbox (id, type, headers, body) SELECT gen_random_uuid(), $1, json_build_object(
  'cloudEvents_id', gen_random_uuid(), 'cloudEvents_type', $1::text, 'cloudEvents_source', '/s', 'cloudEvents_subject', 's', 'cloudEvents_time', 'now'), '{"n":1}'`;

describe('what a transaction publishes', () => {
  it('is sent when it commits', async () => {
    const service = await world.running();
    await say(service, 1, 2, 3);
    await eventually(async () => expect(await world.effects()).toEqual([1, 2, 3]));
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
  });

  it('takes the rest with it when it cannot be written, though the commit was sent along', async () => {
    const service = await world.running();
    const withoutOutbox = service.transactions.run(async (tx) => {
      await tx.manager.query(`INSERT INTO effects (queue, n) VALUES ('none', 666)`);
      await tx.manager.query('ALTER TABLE outbox RENAME TO hidden');
      tx.publish(ThingHappened, { n: 666 }, { subject: 'a-thing' });
    });
    await expect(withoutOutbox).rejects.toThrow('relation "outbox" does not exist');
    await say(service, 1);
    await eventually(async () => expect(await world.effects()).toEqual([1]));
  });

  it.each([
    ['is not sent', true],
    ['is not needed for a failure to be seen', false],
  ])('%s, and nothing is kept, when a statement fails that travels with the COMMIT', async (_, publishes) => {
    const service = await world.running();
    const told: string[] = [];
    const failing = service.transactions.run(async (tx) => {
      if (publishes) tx.publish(ThingHappened, { n: 666 }, { subject: 'a-thing' });
      tx.afterCommit(() => told.push('committed'));
      tx.withCommit(
        tx.manager.query(`INSERT INTO effects (queue, n) VALUES ('none', 666)`),
        tx.manager.query(`INSERT INTO effects (queue, n) VALUES ('none', $1)`, ['no number']),
      );
    });
    // What it says, and not that the transaction is aborted, as the outbox behind it is told.
    await expect(failing).rejects.toThrow('invalid input syntax');
    await say(service, 1);
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    expect(told).toEqual([]);
  });

  it('runs again at once after a conflict in a statement that travels with the COMMIT, though others came behind it', async () => {
    const service = await world.running();
    let runs = 0;
    await service.transactions.run(async (tx) => {
      runs += 1;
      tx.publish(ThingHappened, { n: runs }, { subject: 'a-thing' });
      if (runs < 3) tx.withCommit(tx.manager.query(`DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '40P01'; END $$`));
      await tx.manager.query('SELECT 1');
    });
    await eventually(async () => expect(await world.effects()).toEqual([3]));
  });

  it.each([
    ['publishes something', true],
    ['publishes nothing', false],
  ])(
    'keeps nothing when a statement has failed and the work swallows that and %s: a COMMIT would be answered with ROLLBACK',
    async (_, publishes) => {
      const service = await world.running();
      const told: string[] = [];
      const swallowing = service.transactions.run(async (tx) => {
        if (publishes) tx.publish(ThingHappened, { n: 666 }, { subject: 'a-thing' });
        tx.afterCommit(() => told.push('committed'));
        await tx.manager.query(`INSERT INTO effects (queue, n) VALUES ('none', 666)`);
        await tx.manager.query('SELECT 1 / 0').catch(() => {});
      });
      await expect(swallowing).rejects.toThrow('current transaction is aborted');
      expect(told).toEqual([]);
      expect(await world.effects()).toEqual([]);
    },
  );

  it('is refused when its transaction is over, as nothing would send it', async () => {
    const service = await world.running();
    let kept: Transaction | undefined;
    await service.transactions.run(async (tx) => void (kept = tx));
    expect(() => kept!.publish(ThingHappened, { n: 1 }, { subject: 'a-thing' })).toThrow('the transaction is over');
    expect(() => kept!.withCommit(Promise.resolve())).toThrow('the transaction is over');
    expect(() => kept!.afterCommit(() => {})).toThrow('the transaction is over');
    await expect(kept!.redeliver([])).rejects.toThrow('the transaction is over');
  });

  it('is never sent when it rolls back', async () => {
    const service = await world.running();
    const rollback = service.transactions.run(async (tx) => {
      tx.publish(ThingHappened, { n: 666 }, { subject: 'a-thing' });
      throw new Error('changed my mind');
    });
    await expect(rollback).rejects.toThrow('changed my mind');
    await say(service, 1);
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
  });

  it('is refused there and then when it is not what its schema says', async () => {
    const service = await world.running();
    const wrong = service.transactions.run(async (tx) => tx.publish(ThingHappened, { n: 1.5 }, { subject: 'a-thing' }));
    await expect(wrong).rejects.toThrow(/expected int/i);
  });

  it('runs again at once after a deadlock, and is sent once', async () => {
    const service = await world.running();
    let runs = 0;
    await service.transactions.run(async (tx) => {
      runs += 1;
      tx.publish(ThingHappened, { n: runs }, { subject: 'a-thing' });
      if (runs < 3) await tx.manager.query(`DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '40P01'; END $$`);
    });
    await eventually(async () => expect(await world.effects()).toEqual([3]));
  });

  it('arrives when it is due and not before, by the lane and by the cascade', async () => {
    const service = await world.running();
    const started = Date.now();
    await service.transactions.run(async (tx) => {
      for (const seconds of [3, 1, 2]) {
        tx.publish(DoThing, { n: seconds }, { subject: 'a-thing', due: new Date(started + seconds * 1000) });
      }
    });
    await eventually(async () => expect(await world.effects()).toEqual([1, 2, 3]), { within: 10_000 });
    const rows: { n: number; late: number }[] = await world.dataSource.query(
      'SELECT n, (extract(epoch FROM at) - $1 - n)::float8 AS late FROM effects',
      [started / 1000],
    );
    for (const { late } of rows) {
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(2);
    }
  });

  it('may not be due later than the longest delay', async () => {
    const service = await world.running();
    const due = new Date(Date.now() + 17_000);
    const delayed = service.transactions.run(async (tx) => tx.publish(DoThing, { n: 1 }, { subject: 's', due }));
    await expect(delayed).rejects.toThrow('thing.do.v1 is due in more than 15 s, the longest delay');
  });

  it('may be delayed only when it has one receiver', async () => {
    const service = await world.running();
    const delayed = service.transactions.run(async (tx) => tx.publish(ThingHappened, { n: 1 }, { subject: 's', due: new Date() }));
    await expect(delayed).rejects.toThrow('thing.happened.v1 is no command, so it cannot be delayed');
  });
});

describe('the relay', () => {
  it('keeps a message that no queue takes, though the broker confirms it, and sends it when one does', async () => {
    const service = await world.running();
    await channel.unbindQueue('test.on-thing', 'orderly.events', ThingHappened.name);
    await say(service, 1);
    await eventually(async () => {
      const [row] = await world.dataSource.query('SELECT error FROM outbox');
      expect(row?.error).toMatch(/unroutable: NO_ROUTE \(orderly\.events thing\.happened\.v1\)/);
    });
    await channel.bindQueue('test.on-thing', 'orderly.events', ThingHappened.name);
    await eventually(async () => expect(await world.effects()).toEqual([1]), { within: 15_000 });
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
  });

  it('parks a row that alone keeps being refused, with its reason, while others pass', async () => {
    const service = await world.running({ relay: { pollMs: 200, graceMs: 2_000, parkAfter: 2 } });
    const Unheard = event('thing.unheard.v1', { schema: ThingHappened.schema, example: { n: 1 } });
    await service.transactions.run(async (tx) => {
      tx.publish(ThingHappened, { n: 1 }, { subject: 's' });
      tx.publish(Unheard, { n: 2 }, { subject: 's' });
      tx.publish(ThingHappened, { n: 3 }, { subject: 's' });
    });
    await eventually(async () => expect(await world.effects()).toEqual([1, 3]));
    await eventually(async () => expect(await world.count('outbox_parked')).toBe(1), { within: 15_000 });
    const [parked] = await world.dataSource.query('SELECT type, attempts, error FROM outbox_parked');
    expect(parked).toEqual({ type: 'thing.unheard.v1', attempts: 2, error: 'the topology has nobody who takes thing.unheard.v1' });
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
  });

  it('holds nothing against a row that a full queue refuses, and sends it when there is room', async () => {
    const service = await world.running({ relay: { pollMs: 100, graceMs: 2_000, parkAfter: 2 } });
    await channel.assertQueue('full', { durable: true, arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
    await channel.bindQueue('full', 'orderly.notices', '');
    const tell = (n: number) => service.transactions.run(async (tx) => tx.publish(ThingTold, { n }, { subject: 's' }));
    await tell(1);
    await eventually(async () => expect(await world.vhost.depth('full')).toMatchObject({ messages: 1 }));
    await tell(2);
    await eventually(async () => {
      const [row] = await world.dataSource.query(
        "SELECT strikes, error, retry_at - clock_timestamp() > interval '1 second' AS pause_grows FROM outbox",
      );
      expect(row).toEqual({ strikes: 0, error: 'nacked by orderly.notices', pause_grows: true });
    });
    await world.vhost.purge('full');
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
    expect(await world.count('outbox_parked')).toBe(0);
    await world.vhost.deleteQueue('full');
  });

  it('finds the one row that breaks the channel, and lets the rest of its batch and the consumers go on', async () => {
    const elsewhere = {
      ...smallTopology,
      exchanges: { ...smallTopology.exchanges, command: { name: 'orderly.lost', type: 'direct' as const } },
    };
    const service = await world.running({ topology: elsewhere, relay: { pollMs: 200, graceMs: 2_000, parkAfter: 2 } });
    await channel.deleteExchange('orderly.lost');
    await service.transactions.run(async (tx) => {
      for (const n of [1, 2, 3]) tx.publish(ThingHappened, { n }, { subject: 's' });
      tx.publish(DoThing, { n: 4 }, { subject: 's' });
      for (const n of [5, 6]) tx.publish(ThingHappened, { n }, { subject: 's' });
    });
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 5, 6]), { within: 15_000 });
    await eventually(async () => expect(await world.count('outbox_parked')).toBe(1), { within: 15_000 });
    const [parked] = await world.dataSource.query('SELECT type, error FROM outbox_parked');
    expect(parked.type).toBe('thing.do.v1');
    expect(parked.error).toMatch(/NOT_FOUND.*orderly\.lost/);
    expect(service.complaints()).toEqual([]);
  });

  it('sends again what was published when its confirm is lost, and the receiver takes it once', async () => {
    const proxy = await TcpProxy.before(world.vhost.url);
    const sender = world.service({ service: 'sender', rabbitmqUrl: proxy.through(world.vhost.url) });
    await sender.start();
    await world.running();
    proxy.hold('server-to-client', /:publish$/);
    await say(sender, 1);
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    expect(await world.count('outbox')).toBe(1);
    proxy.cut(/:publish$/);
    proxy.release();
    await eventually(async () => expect(await world.count('outbox')).toBe(0), { within: 20_000 });
    await say(sender, 2);
    await eventually(async () => expect(await world.effects()).toEqual([1, 2]));
    await sender.stop();
    await proxy.close();
  });

  it('reads nothing while the broker is away: the outbox grows, and everything goes out when it is back', async () => {
    const proxy = await TcpProxy.before(world.vhost.url);
    // A database of its own: no other replica may help out.
    const own = await testDatabase({ migrations: messagingMigrations });
    const sender = world.service({ service: 'sender', rabbitmqUrl: proxy.through(world.vhost.url), dataSource: own.dataSource });
    await sender.start();
    await world.running();
    proxy.refuse();
    proxy.cut();
    await eventually(() => expect(sender.complaints()).toContain('not connected to publish'));
    for (let n = 1; n <= 20; n += 1) await say(sender, n);
    expect(await own.dataSource.query('SELECT count(*)::int AS waiting FROM outbox')).toEqual([{ waiting: 20 }]);
    expect(await world.effects()).toEqual([]);
    proxy.restore();
    await eventually(async () => expect(await world.effects()).toHaveLength(20), { within: 30_000 });
    await sender.stop();
    await proxy.close();
    await own.drop();
  });

  it('reads nothing while the broker has blocked the connection, says so, and goes on when it is unblocked', async () => {
    const service = await world.running();
    const connection = service['publishing'].model!;
    connection.emit('blocked', 'low on disk');
    expect(service.complaints()).toEqual(['publishing is blocked: low on disk']);
    const looks = vi.spyOn(service['relay'] as unknown as { wake(): void }, 'wake');
    await say(service, 1);
    await world.dataSource.query("SELECT pg_notify('outbox', '')");
    // Woken by the commit and by the notice, it has gone by and left the row where it is.
    await eventually(() => expect(looks.mock.calls.length).toBeGreaterThanOrEqual(2));
    await world.dataSource.query('SELECT pg_sleep(0.5)');
    expect(await world.count('outbox')).toBe(1);
    connection.emit('unblocked');
    await eventually(async () => expect(await world.effects()).toEqual([1]));
  });

  it('sleeps while the broker is away, instead of asking all the time whether it is back', async () => {
    const service = await world.running({ relay: { pollMs: 200, graceMs: 2_000, headStartMs: 300 } });
    service['publishing'].model!.emit('blocked', 'low on disk');
    const turns = vi.spyOn(service['relay'] as unknown as { pause(ms: number): Promise<void> }, 'pause');
    await world.dataSource.query('SELECT pg_sleep(1)');
    expect(turns.mock.calls.length).toBeLessThan(20);
    await say(service, 1);
    service['publishing'].model!.emit('unblocked');
    await eventually(async () => expect(await world.effects()).toEqual([1]));
  });

  it('is one of several, and each row goes out once', async () => {
    // By time alone a replica tells what another has forgotten from what that is about to delete: on a busy machine it would be wrong.
    const relay = { pollMs: 200, graceMs: 60_000, headStartMs: 60_000 };
    const services = [await world.running({ relay }), await world.running({ relay })];
    const probe = await MessageProbe.listen(world.vhost.url, 'orderly.events');
    const ns = Array.from({ length: 400 }, (_, n) => n);
    await Promise.all(ns.map((n) => say(services[n % 2]!, n)));
    await eventually(async () => expect(await world.effects()).toHaveLength(400), { within: 15_000 });
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
    // On the wire, where no inbox hides a repeat.
    await eventually(() => expect(probe.messages).toHaveLength(400));
    await probe.close();
  });

  it('leaves to a replica what that has just sent and not yet deleted, when it starts', async () => {
    const service = await world.running();
    const probe = await MessageProbe.listen(world.vhost.url, 'orderly.events');
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const relay = service['relay'] as unknown as { deleteSent(): Promise<void> };
    const deleteSent = relay.deleteSent.bind(relay);
    vi.spyOn(relay, 'deleteSent').mockImplementation(async () => {
      await held;
      await deleteSent();
    });
    await say(service, 1, 2, 3);
    await eventually(() => expect(probe.messages).toHaveLength(3));
    const other = await world.running({ relay: { pollMs: 20, headStartMs: 60_000 } });
    await eventually(() => expect(other['relay']['behind']).toBe(false));
    letGo();
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
    await say(other, 4);
    await eventually(() => expect(probe.messages.length).toBeGreaterThan(3));
    expect(probe.messages).toHaveLength(4);
    await probe.close();
  });

  it('sends what another process had just committed when that died, as soon as its head start is over', async () => {
    // Nobody offers it to a relay.
    await world.dataSource.query(rowOfNobody, [ThingHappened.name]);
    const probe = await MessageProbe.listen(world.vhost.url, 'orderly.events');
    await world.running({ relay: { pollMs: 3_600_000, graceMs: 3_600_000, headStartMs: 1_000 } });
    await eventually(() => expect(probe.messages).toHaveLength(1), { within: 2_500 });
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
    await probe.close();
  });

  it('needs no head start over itself: what was committed here while the broker took nothing goes out when it does', async () => {
    const service = await world.running({ relay: { pollMs: 3_600_000, graceMs: 3_600_000, headStartMs: 3_600_000 } });
    service['publishing'].model!.emit('blocked', 'low on disk');
    await say(service, 1, 2);
    service['publishing'].model!.emit('unblocked');
    await say(service, 3);
    await eventually(async () => expect((await world.effects()).toSorted((a, b) => a - b)).toEqual([1, 2, 3]));
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
  });

  it('does not take its own rows for forgotten ones when they have to wait for their turn', async () => {
    const service = await world.running({ relay: { pollMs: 20, graceMs: 200, batch: 1 } });
    const probe = await MessageProbe.listen(world.vhost.url, 'orderly.events');
    const publisher = service['publisher'];
    const send = publisher.send.bind(publisher);
    // A broker that takes its time with each: the last one waits far longer than the grace.
    vi.spyOn(publisher, 'send').mockImplementation(async (messages) => {
      await world.dataSource.query('SELECT pg_sleep(0.03)');
      return send(messages);
    });
    await say(service, ...Array.from({ length: 30 }, (_, n) => n));
    await eventually(async () => expect(await world.effects()).toHaveLength(30), { within: 15_000 });
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
    expect(probe.messages).toHaveLength(30);
    await probe.close();
  });

  it('does not read back what it has in hand, though its transaction took longer than the grace', async () => {
    const service = await world.running({ relay: { pollMs: 20, graceMs: 500, headStartMs: 500, batch: 1 } });
    const probe = await MessageProbe.listen(world.vhost.url, 'orderly.events');
    await service.transactions.run(async (tx) => {
      for (let n = 0; n < 100; n += 1) tx.publish(ThingHappened, { n }, { subject: 'a-thing' });
      await tx.manager.query('SELECT pg_sleep(0.6)');
    });
    await eventually(async () => expect(await world.effects()).toHaveLength(100), { within: 15_000 });
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
    expect(probe.messages).toHaveLength(100);
    await probe.close();
  });

  it('does not send again what it has read back before it was told that it had committed it', async () => {
    const service = await world.running({ relay: { pollMs: 20, graceMs: 500, headStartMs: 500 } });
    const probe = await MessageProbe.listen(world.vhost.url, 'orderly.events');
    const { relay } = service as unknown as { relay: { offer(rows: unknown): void } };
    const offer = relay.offer.bind(relay);
    const late: (() => void)[] = [];
    vi.spyOn(relay, 'offer').mockImplementationOnce((rows) => void late.push(() => offer(rows)));
    await service.transactions.run(async (tx) => {
      tx.publish(ThingHappened, { n: 1 }, { subject: 'a-thing' });
      await tx.manager.query('SELECT pg_sleep(0.6)');
    });
    await eventually(() => expect(probe.messages).toHaveLength(1));
    late[0]!();
    await say(service, 2);
    await eventually(async () => expect(await world.effects()).toEqual([1, 2]));
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
    expect(probe.messages).toHaveLength(2);
    await probe.close();
  });

  it('sends what was committed here before it stops, and leaves nothing for another replica to find', async () => {
    const service = await world.running({ relay: { pollMs: 20, graceMs: 60_000, batch: 1 } });
    await say(service, ...Array.from({ length: 20 }, (_, n) => n));
    await service.stop();
    expect(await world.count('outbox')).toBe(0);
  });

  it('is stopped at the deadline though the broker has frozen, and what it had is sent by the next', async () => {
    const proxy = await TcpProxy.before(world.vhost.url);
    const sender = world.service({ service: 'sender', rabbitmqUrl: proxy.through(world.vhost.url), drainDeadlineMs: 500 });
    await sender.start();
    proxy.hold('client-to-server');
    proxy.hold('server-to-client');
    await say(sender, 1);
    const since = performance.now();
    await sender.stop();
    // The deadline, and what two connections wait for the broker's goodbye.
    expect(performance.now() - since).toBeLessThan(3_500);
    await proxy.close();
    await world.running();
    await eventually(async () => expect(await world.effects()).toEqual([1]));
  });

  it.each([
    ['reads back', 'blocked', []],
    ['deletes what it has sent', 'ready', [1]],
  ])('is stopped at the deadline though the outbox is locked while it %s', async (_, publishing, sentBefore) => {
    const service = await world.running({ drainDeadlineMs: 500 });
    if (publishing === 'blocked') service['publishing'].model!.emit('blocked', 'low on disk');
    await say(service, 1);
    await eventually(async () => expect(await world.effects()).toEqual(sentBefore));
    const locker = world.dataSource.createQueryRunner();
    await locker.startTransaction();
    await locker.query('LOCK TABLE outbox');
    service['publishing'].model!.emit('unblocked');
    const since = performance.now();
    await service.stop();
    expect(performance.now() - since).toBeLessThan(3_500);
    await locker.commitTransaction();
    await locker.release();
    await world.running();
    await eventually(async () => expect(await world.count('outbox')).toBe(0));
    await eventually(async () => expect(await world.effects()).toEqual([1]));
  });

  it('does not overlook a transaction that took its place early and committed late', async () => {
    const service = await world.running();
    const runner = world.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(rowOfNobody, [ThingHappened.name]);
    await say(service, 2);
    await eventually(async () => expect(await world.effects()).toEqual([2]));
    await runner.commitTransaction();
    await runner.release();
    await eventually(async () => expect(await world.effects()).toEqual([2, 1]));
  });

  it('is woken on another replica when the one that committed cannot send', async () => {
    const proxy = await TcpProxy.before(world.vhost.url);
    const sender = world.service({ service: 'sender', rabbitmqUrl: proxy.through(world.vhost.url) });
    await sender.start();
    await world.running({ relay: { pollMs: 3_600_000, graceMs: 2_000 } });
    proxy.refuse();
    proxy.cut();
    await eventually(() => expect(sender.complaints()).toContain('not connected to publish'));
    await say(sender, 1);
    // The other replica's own poll is an hour away.
    await eventually(async () => expect(await world.effects()).toEqual([1]));
    await sender.stop();
    await proxy.close();
  });
});
