import { randomUUID } from 'node:crypto';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topology, type ServiceDeclaration } from '#libs/contracts';
import { forgetStatement } from '#libs/service';
import { asCustomer, asOperator, eventually, ServiceProcess, startWorld, type World } from '#libs/testing';
import { Customer } from '../journeys/customer.spec-support.js';
import { services as keptBy, type ServiceName } from '../retention/kept.spec-support.js';

const services = ['order', 'payment', 'notification', 'psp-simulator', 'console'] as const;
const keepers = Object.keys(keptBy) as ServiceName[];
type Service = (typeof services)[number];
const onTheBroker = ['order', 'payment', 'notification', 'console'] as const;

let world: World;
const connections = new Map<string, ChannelModel>();
const logins = new Map<Service, Client>();

beforeAll(async () => {
  world = await startWorld({ console: true });
  const deployer = world.environmentOf('order')['RABBITMQ_DEPLOY_URL']!;
  const urls = new Map(onTheBroker.map((service) => [service as string, world.environmentOf(service)['RABBITMQ_URL']!]));
  for (const [name, url] of urls.set('deploy', deployer)) connections.set(name, await connect(url));
  for (const service of services) logins.set(service, await enter(service));
});
afterAll(async () => {
  await Promise.all([...connections.values()].map((connection) => connection.close()));
  await Promise.all([...logins.values()].map((login) => login.end()));
  await world?.stop();
});

/** A database of the world, as whom a service works. */
async function enter(service: Service, database: Service = service): Promise<Client> {
  const url = new URL(world.environmentOf(service)['DATABASE_URL']!);
  url.pathname = new URL(world.databaseUrls[database]!).pathname;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  return client;
}

/** What the role of a running service gets to hear in its database. */
async function asked(service: Service, statement: string): Promise<string> {
  return logins
    .get(service)!
    .query(statement)
    .then(
      () => 'done',
      (error: Error) => error.message,
    );
}

describe.each(services)('the role that the %s service works as', (service) => {
  it.each([
    'CREATE TABLE mine ()',
    'CREATE TEMPORARY TABLE mine ()',
    'CREATE SCHEMA mine',
    'CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'CREATE ROLE mine',
    'CREATE DATABASE mine',
  ])('may not %s', async (statement) => {
    expect(await asked(service, statement)).toMatch(/permission denied/);
  });

  it('may neither change, drop, empty nor own any table', async () => {
    const client = new Client({ connectionString: world.databaseUrls[service]! });
    await client.connect();
    const { rows } = await client.query<{ table: string }>(
      `SELECT format('%I', tablename) AS table FROM pg_tables WHERE schemaname = 'public'`,
    );
    await client.end();
    expect(rows.length).toBeGreaterThan(1);
    for (const { table } of rows) {
      expect(await asked(service, `ALTER TABLE ${table} ADD COLUMN mine int`)).toBe(`must be owner of table ${table}`);
      expect(await asked(service, `DROP TABLE ${table}`)).toBe(`must be owner of table ${table}`);
      expect(await asked(service, `TRUNCATE ${table}`)).toBe(`permission denied for table ${table}`);
    }
  });

  it('may not say that something was migrated', async () => {
    expect(await asked(service, 'SELECT FROM migrations')).toBe('done');
    expect(await asked(service, `INSERT INTO migrations (timestamp, name) VALUES (1, 'x')`)).toBe('permission denied for table migrations');
    expect(await asked(service, 'DELETE FROM migrations')).toBe('permission denied for table migrations');
  });

  it.each(services.filter((other) => other !== service))('cannot connect to the database of the %s service', async (other) => {
    const name = new URL(world.databaseUrls[other]!).pathname.slice(1);
    await expect(enter(service, other)).rejects.toThrow(`permission denied for database "${name}"`);
  });
});

describe('what happened', () => {
  it.each([
    ['payment', 'ledger_entries'],
    ['payment', 'payment_history'],
    ['order', 'order_history'],
    ['console', 'audit'],
    ['console', 'audit_trail'],
    ['console', 'dead_letter_history'],
    ['notification', 'webhook_attempts'],
    ['console', 'activity'],
    ...onTheBroker.map((service) => [service, 'setting_changes'] as const),
  ] as const)('can be read by the %s service in %s, and neither changed nor removed', async (service, table) => {
    expect(await asked(service, `SELECT FROM ${table}`)).toBe('done');
    for (const statement of [`UPDATE ${table} SET at = now()`, `DELETE FROM ${table}`, `SELECT FROM ${table} FOR UPDATE`])
      expect(await asked(service, statement.replace('at =', table === 'audit_trail' ? 'said_at =' : 'at ='))).toBe(
        `permission denied for table ${table}`,
      );
  });

  it('is neither changed nor removed by a partition, which is reached through its table alone', async () => {
    const partitions: string[] = [];
    for (const service of services) {
      const { rows } = await logins
        .get(service)!
        .query<{ name: string }>(`SELECT oid::regclass::text AS name FROM pg_class WHERE relispartition AND relkind = 'r'`);
      for (const { name } of rows) {
        partitions.push(name);
        for (const statement of [`DELETE FROM ${name}`, `UPDATE ${name} SET at = now()`, `INSERT INTO ${name} DEFAULT VALUES`])
          expect(await asked(service, statement)).toMatch(/^permission denied for table/);
      }
    }
    expect(partitions.length).toBeGreaterThan(0);
  });

  it.each(keepers)('is forgotten by the %s service where it is kept for a time', async (service) => {
    for (const kept of keptBy[service].kept) {
      const statement = forgetStatement(kept).replace('$1', '0').replaceAll('$2', `'100 years'`);
      expect(`${kept.table}: ${await asked(service, statement)}`).toBe(`${kept.table}: done`);
    }
  });

  it('is not forgotten by the console within a week, whatever it asks for', async () => {
    const client = new Client({ connectionString: world.databaseUrls.console! });
    await client.connect();
    await client.query(
      `INSERT INTO audit_trail (message_id, exchange, type, said_at, size_bytes, recorded_at)
       VALUES (gen_random_uuid(), 'orderly.events', 'six.days.old', now(), 0, now() - interval '6 days'),
              (gen_random_uuid(), 'orderly.events', 'eight.days.old', now(), 0, now() - interval '8 days')`,
    );
    expect(await asked('console', `SELECT forget_audit_trail(1000000, interval '0')`)).toBe('done');
    const { rows } = await client.query(`SELECT type FROM audit_trail WHERE type LIKE '%.days.old'`);
    await client.end();
    expect(rows).toEqual([{ type: 'six.days.old' }]);
  });
});

type Act = (channel: ConfirmChannel) => Promise<unknown>;

/** Whether the broker lets a user do that; anything else than a yes or a refusal is thrown. */
async function lets(user: string, act: Act): Promise<boolean> {
  const channel = await connections.get(user)!.createConfirmChannel();
  const ended = new Promise<Error>((resolve) => channel.once('error', resolve));
  const refused = await Promise.race([ended, acts(channel, act).catch(() => ended)]);
  if (!refused) return true;
  expect(refused.message).toMatch(/ACCESS_REFUSED/);
  return false;
}

async function acts(channel: ConfirmChannel, act: Act): Promise<void> {
  await act(channel);
  await channel.waitForConfirms();
  await channel.close();
}

/** Those of the acts that the broker lets a user do. */
async function allowed(user: string, wanted: readonly (readonly [what: string, act: Act])[]): Promise<string[]> {
  const answers = await Promise.all(wanted.map(async ([what, act]) => ((await lets(user, act)) ? [what] : [])));
  return answers.flat();
}

const publish = (exchange: string, key = ''): readonly [string, Act] => [
  `publish ${key} to ${exchange}`,
  // It expires where it arrives.
  async (channel) => void channel.publish(exchange, key, Buffer.from('{}'), { expiration: '0' }),
];
const listen = (service: string, exchange: string, key: string): readonly [string, Act] => [
  `listen to ${exchange} ${key}`,
  async (channel) => {
    const { queue } = await channel.assertQueue(`${service}.live.${randomUUID()}`, { exclusive: true, autoDelete: true, durable: false });
    await channel.bindQueue(queue, exchange, key);
  },
];
const everyQueue = [
  ...Object.keys(topology.queues),
  ...topology.queries.map(({ name }) => name),
  topology.auditTrail.queue,
  topology.activity.queue,
  topology.deadLetters,
  'orderly.delay.03',
  'orderly.delay.lane-5',
];
const everyExchange = [...Object.values(topology.exchanges).map(({ name }) => name), topology.queryExchange, topology.deadLetters];
const declared: Readonly<Record<string, ServiceDeclaration>> = topology.services;

describe.each(onTheBroker)('the user that the %s service is on the broker', (service) => {
  it('takes from its own queues and no others, nor looks into what waits', async () => {
    const isOwn = (queue: string) => queue.startsWith(`${service}.`) || (service === 'console' && queue === topology.deadLetters);
    const wanted = everyQueue.flatMap((queue): [string, Act][] => [
      [`consume ${queue}`, async (channel) => channel.cancel((await channel.consume(queue, () => {})).consumerTag)],
      ...(isOwn(queue)
        ? []
        : ([
            [`get ${queue}`, (channel) => channel.get(queue)],
            [`purge ${queue}`, (channel) => channel.purgeQueue(queue)],
          ] as [string, Act][])),
    ]);
    expect(await allowed(service, wanted)).toEqual(everyQueue.filter(isOwn).map((queue) => `consume ${queue}`));
  });

  it('reaches no queue past the exchanges', async () => {
    const others = ['amq.direct', 'amq.topic', 'amq.fanout', 'amq.headers'].map((exchange) => publish(exchange, 'order.placed.v1'));
    expect(await allowed(service, [...everyQueue.map((queue) => publish('', queue)), ...others])).toEqual([]);
  });

  it('may not say what others say', async () => {
    const own = declared[service]?.says ?? [];
    const foreign = Object.values(declared).flatMap(({ says = [] }) => says.filter((type) => !own.includes(type)));
    const wanted = foreign.flatMap(({ kind, name }) =>
      // Who says one command says any: only a topic exchange looks at the key.
      kind !== 'event' && own.some((type) => type.kind === kind) ? [] : [publish(topology.exchanges[kind].name, name)],
    );
    expect(wanted.length).toBeGreaterThan(2);
    expect(await allowed(service, wanted)).toEqual([]);
  });

  it('can neither give up nor send back what is for others, nor ask and answer for them', async () => {
    const queues = Object.keys(topology.queues).filter((queue) => !queue.startsWith(`${service}.`));
    expect(
      await allowed(service, [...queues.map((queue) => publish(topology.deadLetters, queue)), publish(topology.queryExchange, '#')]),
    ).toEqual([]);
    // What it says may be due later; and the console sends anything to the queue that gave it up.
    const mayDelayFor = (queue: string) => service === 'console' || (service === 'order' && queue === 'payment.refund-payment');
    const delays = queues
      .filter((queue) => !mayDelayFor(queue))
      .flatMap((queue) => [
        publish('orderly.delay', `lane-5.${queue}`),
        publish('orderly.delay.02', `${'0.'.repeat(17)}1.0.1.${queue}`),
        publish('orderly.delay.deliver', queue),
      ]);
    expect(await allowed(service, delays)).toEqual([]);
  });

  it('may neither declare nor delete what stays, and hears live what it shows', async () => {
    const wanted: [string, Act][] = [
      ['declare a queue', (channel) => channel.assertQueue(`${service}.mine`, { durable: true })],
      ['declare an exchange', (channel) => channel.assertExchange(`${service}.mine`, 'topic')],
      ...everyQueue.map((queue): [string, Act] => [`delete ${queue}`, (channel) => channel.deleteQueue(queue)]),
      ...everyExchange.map((exchange): [string, Act] => [`delete ${exchange}`, (channel) => channel.deleteExchange(exchange)]),
    ];
    const hearing = [['orderly.events', '#'] as const, ['orderly.queries', 'payment.view'] as const, ['orderly.notices', ''] as const];
    expect(await allowed(service, [...wanted, ...hearing.map(([exchange, key]) => listen(service, exchange, key))])).toEqual(
      service === 'notification' ? ['listen to orderly.notices '] : [],
    );
  });

  it('cannot enter another vhost', async () => {
    const url = new URL(world.environmentOf(service)['RABBITMQ_URL']!);
    await (await connect(url.href)).close();
    url.pathname = '/%2F';
    await expect(connect(url.href)).rejects.toThrow('ConnectionClose');
  });
});

it('whoever deploys reaches no queue past the exchanges either', async () => {
  expect(
    await allowed(
      'deploy',
      everyQueue.map((queue) => publish('', queue)),
    ),
  ).toEqual([]);
});

describe('with these roles and users', () => {
  it('an order goes from placed to told, and is seen with its payment, live and in its conversation', async () => {
    const alice = new Customer(world);
    const live = new AbortController();
    const stream = await fetch(`${world.notification.baseUrl}/events`, { headers: asCustomer(alice.id), signal: live.signal });
    const seen = readAll(stream);
    const placed = await alice.place({ paymentMethod: 'pm_card_visa' });
    await alice.sees(placed.id, 'paid');
    await alice.isTold(/We have your order/, /Your order is paid/);
    await eventually(() => expect(seen()).toContain('order-paid'));
    live.abort();
    const order = await fetch(`${world.order.baseUrl}/orders/${placed.id}?expand=payment`, { headers: asCustomer(alice.id) });
    expect(await order.json()).toMatchObject({ payment: { status: 'captured' } });
    const conversation = await fetch(`${world.console.baseUrl}/conversations/${placed.id}`, { headers: asOperator('olga') });
    expect(await conversation.json()).toMatchObject({ gaps: [] });
  });

  it.each(['order', 'console'] as const)(
    'the %s service starts without the owner and without whoever deploys, once they were there',
    async (name) => {
      const { DATABASE_MIGRATIONS_URL: _, RABBITMQ_DEPLOY_URL: __, HTTP_PORT: ___, ...rest } = world.environmentOf(name);
      const service = await ServiceProcess.start(name, rest);
      await service.ready();
      expect(await (await fetch(`${service.baseUrl}/health/ready`)).text()).not.toContain('degraded');
      expect(await service.stop()).toEqual({ code: 0, signal: null });
    },
  );

  it('no service was refused anything by a server', async () => {
    for (const service of [world.order, world.payment, world.notification, world.psp, world.console]) {
      const health = await (await fetch(`${service.baseUrl}/health/ready`)).text();
      expect(health).not.toContain('degraded');
      expect(service.output).not.toMatch(/ACCESS_REFUSED|permission denied/);
    }
  });
});

/** What a stream has said so far. */
function readAll(response: Response): () => string {
  let text = '';
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) text += decoder.decode(chunk as Uint8Array, { stream: true });
  })().catch(() => {});
  return () => text;
}
