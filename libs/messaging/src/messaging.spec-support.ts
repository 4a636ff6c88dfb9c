import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { command, envelopeToHeaders, event, notice, type QueryType, type Topology } from '#libs/contracts';
import { expect } from 'vitest';
import { eventually, testDatabase, testVhost } from '#libs/testing';
import { messagingMigrations } from './messaging-tables.js';
import { Messaging, type MessagingSettings } from './messaging.js';

/** Messages of no business at all, so that these specs are about delivery alone. */
export const ThingHappened = event('thing.happened.v1', { schema: z.object({ n: z.int() }), example: { n: 1 } });
export const DoThing = command('thing.do.v1', { schema: z.object({ n: z.int() }), example: { n: 1 } });
/** A question of no business either. */
export const AskThing: QueryType<'test.ask', { n: number }, { n: number }> = {
  name: 'test.ask',
  question: z.object({ n: z.int() }),
  answer: z.object({ n: z.int() }),
};
export const ThingTold = notice('thing.told.v1', { schema: z.object({ n: z.int() }), example: { n: 1 } });

/** Two queues of the service `test`, one of somebody else, and a delay service of a few levels. */
export const smallTopology: Topology = {
  exchanges: {
    event: { name: 'orderly.events', type: 'topic' },
    command: { name: 'orderly.commands', type: 'direct' },
    notice: { name: 'orderly.notices', type: 'fanout' },
    signal: { name: 'orderly.settings', type: 'fanout' },
  },
  queues: {
    'test.on-thing': { takes: [ThingHappened], prefetch: 100, batch: 20 },
    'test.do-thing': { takes: [DoThing], prefetch: 100, batch: 20 },
    'other.tell-thing': { takes: [ThingTold], prefetch: 100, batch: 20 },
  },
  services: { test: { says: [ThingHappened, DoThing, ThingTold], hears: [ThingHappened] }, other: { asks: [AskThing], repairs: true } },
  queries: [AskThing],
  queryExchange: 'orderly.queries',
  deadLetters: 'orderly.dead-letters',
  activity: { exchange: 'test.activity', queue: 'other.activity', maxLength: 3 },
  auditTrail: { queue: 'other.audit-trail', maxLength: 100 },
  delay: { name: 'orderly.delay', lanes: [1], levels: 4 },
  maxLength: 20_000,
  deliveryLimit: 20,
};

/** A vhost and a database of one's own, and as many services on them as a story needs. */
export async function messagingFixture(broker?: Parameters<typeof testVhost>[1]) {
  const [vhost, database] = await Promise.all([testVhost('test', broker), testDatabase({ migrations: messagingMigrations })]);
  await database.dataSource.query('CREATE TABLE effects (queue text, n int, at timestamptz DEFAULT clock_timestamp())');
  const started: Messaging[] = [];
  return {
    vhost,
    database,
    dataSource: database.dataSource,
    /** A service `test`, not started; handlers that are not given record an effect row for each message. */
    service(options: Partial<MessagingSettings> & { dataSource?: DataSource } = {}): Messaging {
      const { dataSource = database.dataSource, ...settings } = options;
      const messaging = new Messaging(
        {
          service: 'test',
          instance: randomUUID().slice(0, 8),
          rabbitmqUrl: vhost.url,
          rabbitmqTls: undefined,
          connectAttempts: 3,
          drainDeadlineMs: 10_000,
          topology: smallTopology,
          relay: { pollMs: 200, graceMs: 2_000, headStartMs: 500 },
          retryDelaysSeconds: [1, 1],
          ...settings,
        },
        dataSource,
        quietLogger,
      );
      started.push(messaging);
      return messaging;
    },
    /** The service with both its queues recording effects, running. */
    async running(options: Partial<MessagingSettings> & { dataSource?: DataSource } = {}): Promise<Messaging> {
      const messaging = this.service(options);
      messaging.handle('test.on-thing', recordEffects('test.on-thing'));
      messaging.handle('test.do-thing', recordEffects('test.do-thing'));
      await messaging.start();
      return messaging;
    },
    async effects(): Promise<number[]> {
      const rows: { n: number }[] = await database.dataSource.query('SELECT n FROM effects ORDER BY at');
      return rows.map(({ n }) => n);
    },
    async count(table: 'outbox' | 'outbox_parked' | 'inbox' | 'effects'): Promise<number> {
      const [row]: { count: number }[] = await database.dataSource.query(`SELECT count(*)::int AS count FROM ${table}`);
      return row!.count;
    },
    /** What an operator does in the management page: closes the connections whose names match. */
    async closeConnections(named: RegExp, atLeast = 2): Promise<void> {
      const matching = await eventually(
        async () => {
          const all = (await vhost.manage('GET', '/api/vhosts/{vhost}/connections')) as {
            name: string;
            client_properties?: { connection_name?: string };
          }[];
          const found = all.filter(({ client_properties: client }) => named.test(client?.connection_name ?? ''));
          expect(found.length).toBeGreaterThanOrEqual(atLeast);
          return found;
        },
        { within: 20_000 },
      );
      for (const { name } of matching) await vhost.manage('DELETE', `/api/connections/${encodeURIComponent(name)}`);
    },
    /** Ends the services of one story, and its rows. */
    async reset(): Promise<void> {
      await Promise.all(started.splice(0).map((messaging) => messaging.stop()));
      await database.dataSource.query('TRUNCATE outbox, outbox_parked, inbox, standing_retries, effects');
      for (const { name, durable } of await vhost.queues()) if (durable) await vhost.purge(name);
    },
    async drop(): Promise<void> {
      await Promise.all(started.splice(0).map((messaging) => messaging.stop()));
      await Promise.all([vhost.drop(), database.drop()]);
    },
  };
}

export type MessagingFixture = Awaited<ReturnType<typeof messagingFixture>>;

/** A handler that leaves one row for each message. */
export function recordEffects(queue: string): Parameters<Messaging['handle']>[1] {
  return async (messages, tx) => {
    await tx.manager.query('INSERT INTO effects (queue, n) SELECT $1, n FROM unnest($2::int[]) AS n', [
      queue,
      messages.map(({ data }) => (data as { n: number }).n),
    ]);
  };
}

/** Publishing options of a raw AMQP client that says {@link ThingHappened} the way a service does. */
export function wireOptions(overrides: { id?: string; type?: string; subject?: string } = {}) {
  const id = overrides.id ?? randomUUID();
  const type = overrides.type ?? ThingHappened.name;
  const headers = envelopeToHeaders({
    id,
    type,
    source: '/test',
    subject: overrides.subject ?? 's',
    time: new Date().toISOString(),
    correlationId: 'c',
  });
  return { persistent: true, messageId: id, type, headers };
}

export const quietLogger = Object.assign(new Logger('test'), { log: noop, warn: noop, error: noop, debug: noop });
function noop(): void {}
