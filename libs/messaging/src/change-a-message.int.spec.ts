import { randomUUID } from 'node:crypto';
import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Customer, event, Money, OrderPlaced, type DataOf, type MessageType, type Topology } from '#libs/contracts';
import { eventually, testDatabase, testVhost, type TestDatabase, type TestVhost } from '#libs/testing';
import { messagingMigrations } from './messaging-tables.js';
import type { Incoming } from './message-handler.js';
import { quietLogger, smallTopology } from './messaging.spec-support.js';
import { Messaging } from './messaging.js';

/*
 * docs/how-to/change-a-message.md, worked through: `order.placed.v1` becomes `order.placed.v2` while both are in flight. Services of the
 * old and of the new version share queues and databases, as they do while replicas are replaced one by one. The contracts and handlers of
 * the new version exist in this file alone.
 */

/** What v1 calls `total` are two amounts now, and the sum is nowhere: who reads only v1 can make nothing of it. */
const OrderPlacedV2 = event('order.placed.v2', {
  schema: z.object({ orderId: z.uuid(), customer: Customer, goods: Money, delivery: Money, paymentDeadline: z.iso.datetime() }),
  example: {
    orderId: '0199b3a0-0000-7000-8000-000000000001',
    customer: { id: 'alice', email: 'alice@example.com' },
    goods: { amountMinor: 2598, currency: 'EUR' },
    delivery: { amountMinor: 490, currency: 'EUR' },
    paymentDeadline: '2026-11-22T12:15:00.000Z',
  },
});

const openPayment = 'payment.open-payment';
const notifyCustomer = 'notification.notify-customer';

/** The map of a version of the code, by what it understands. All services share it: whoever starts first declares it for all. */
const taking = (...takes: MessageType[]): Topology => ({
  ...smallTopology,
  queues: { [openPayment]: { takes, prefetch: 100, batch: 20 }, [notifyCustomer]: { takes, prefetch: 100, batch: 20 } },
});
const oldMap = taking(OrderPlaced);
const bothMap = taking(OrderPlaced, OrderPlacedV2);
const newMap = taking(OrderPlacedV2);

type Placed = Incoming<typeof OrderPlaced> | Incoming<typeof OrderPlacedV2>;

/** The one place that knows both versions. What is decided afterwards does not ask which it was. */
function amountOf(message: Placed): number {
  return message.type === 'order.placed.v1'
    ? message.data.total.amountMinor
    : message.data.goods.amountMinor + message.data.delivery.amountMinor;
}

let vhost: TestVhost;
let databases: Record<'order' | 'payment' | 'notification', TestDatabase>;
let broker: ChannelModel;
let channel: ConfirmChannel;
const running = new Set<Messaging>();
/** The handlers of the payment service throw while this is set. */
let hindered = false;

beforeAll(async () => {
  vhost = await testVhost('versions');
  const [order, payment, notification] = await Promise.all(
    Array.from({ length: 3 }, () => testDatabase({ migrations: messagingMigrations })),
  );
  databases = { order: order!, payment: payment!, notification: notification! };
  await payment!.dataSource.query('CREATE TABLE payments (order_id uuid PRIMARY KEY, amount_minor int NOT NULL)');
  // The message's own id would not do here: v1 and v2 of one fact are two messages.
  await notification!.dataSource.query('CREATE TABLE notices (order_id uuid, sequence int, PRIMARY KEY (order_id, sequence))');
  await notification!.dataSource.query('CREATE TABLE heard (message_id uuid)');
  broker = await amqplib.connect(vhost.url);
  channel = await broker.createConfirmChannel();
});
afterEach(async () => {
  hindered = false;
  await Promise.all([...running].map(stop));
  for (const { name } of await vhost.queues()) await vhost.deleteQueue(name);
  for (const { name } of Object.values(smallTopology.exchanges)) await channel.deleteExchange(name);
  await databases.order.dataSource.query('TRUNCATE outbox, outbox_parked');
  await databases.payment.dataSource.query('TRUNCATE inbox, payments');
  await databases.notification.dataSource.query('TRUNCATE inbox, notices, heard');
});
afterAll(async () => {
  await broker.close();
  await Promise.all(Object.values(databases).map((database) => database.drop()));
  await vhost.drop();
});

describe('order.placed.v1 becomes order.placed.v2', () => {
  it('step by step, with old and new replicas side by side: one effect for each order, and nothing dies', async () => {
    const oldOrder = await orderService(oldMap);
    const [firstOld, secondOld] = [await paymentService(oldMap), await paymentService(oldMap)];
    const oldNotification = await notificationService(oldMap);
    const placed: string[] = [];
    const place = async (...sellers: Seller[]) => {
      for (const seller of sellers) for (let n = 0; n < 20; n += 1) placed.push(await seller());
    };
    await place(oldOrder.sayV1);

    // 1. Receivers learn v2, replica by replica. It is bound from now on, and nobody says it.
    await stop(firstOld);
    const firstBoth = await paymentService(bothMap);
    await place(oldOrder.sayV1);
    await Promise.all([stop(secondOld), stop(oldNotification)]);
    const secondBoth = await paymentService(bothMap);
    const bothNotification = await notificationService(bothMap);

    // 2. The sender says both; its old replica still says v1 alone. A few fail, and wait for their second try in either version.
    const newOrder = await orderService(bothMap);
    hindered = true;
    await place(oldOrder.sayV1, newOrder.sayBoth);
    await eventually(async () => expect((await vhost.depth('orderly.delay.lane-1')).messages).toBeGreaterThan(0));
    hindered = false;
    await stop(oldOrder.messaging);
    await place(newOrder.sayBoth);

    // 3. The sender says v2 alone, beside a replica that still says both.
    const newest = await orderService(bothMap);
    await place(newOrder.sayBoth, newest.sayV2);
    await stop(newOrder.messaging);
    await effectsOf(placed);

    // 4. Nothing of v1 is left anywhere: the code for it goes, replica by replica.
    expect(await inFlight()).toBe(0);
    await Promise.all([stop(firstBoth), stop(bothNotification)]);
    await Promise.all([paymentService(newMap), notificationService(newMap)]);
    await place(newest.sayV2);
    await stop(secondBoth);
    await place(newest.sayV2);

    await effectsOf(placed);
    expect(await deadLetters()).toEqual([]);
    // Without the shared identity of a fact, its customer would have been told twice.
    const [{ heard }] = (await databases.notification.dataSource.query('SELECT count(*)::int AS heard FROM heard')) as [{ heard: number }];
    expect(heard).toBeGreaterThan(placed.length);
  }, 60_000);

  it('the sender first: its start binds v2 for receivers that cannot read it; each v2 dies with its reason, v1 keeps the work going, and a later replay changes nothing', async () => {
    const oldPayment = await paymentService(oldMap);
    const oldNotification = await notificationService(oldMap);
    const order = await orderService(bothMap);
    const placed = await several(order.sayBoth);
    await effectsOf(placed);
    await eventually(async () => expect((await vhost.depth('orderly.dead-letters')).messages).toBe(2 * placed.length));

    await Promise.all([stop(oldPayment), stop(oldNotification)]);
    await Promise.all([paymentService(bothMap), notificationService(bothMap)]);
    const dead = await replayAll();
    expect(new Set(dead.map(({ reason, type }) => `${reason} ${type}`))).toEqual(new Set(['unknown-type order.placed.v2']));
    expect(dead[0]!.error).toBe('Unreadable: order.placed.v2 is not taken here');
    await settled(2 * placed.length);
    await effectsOf(placed);
    expect(await deadLetters()).toEqual([]);
  }, 60_000);

  it('the sender first, with v2 alone: the orders have no payment until the receivers are new and the dead letters are replayed', async () => {
    const oldPayment = await paymentService(oldMap);
    const oldNotification = await notificationService(oldMap);
    const order = await orderService(bothMap);
    const placed = await several(order.sayV2);
    await eventually(async () => expect((await vhost.depth('orderly.dead-letters')).messages).toBe(2 * placed.length));
    expect(await payments()).toEqual([]);

    await Promise.all([stop(oldPayment), stop(oldNotification)]);
    await Promise.all([paymentService(bothMap), notificationService(bothMap)]);
    expect(await payments()).toEqual([]);
    await replayAll();
    await effectsOf(placed);
  }, 60_000);

  it('v1 is forgotten too early: what still waited for its second try dies, and a receiver that reads both repairs it', async () => {
    const both = await paymentService(bothMap);
    const notification = await notificationService(bothMap);
    const order = await orderService(bothMap);
    hindered = true;
    const placed = await several(order.sayV1);
    await eventually(async () => expect((await vhost.depth('orderly.delay.lane-1')).messages).toBeGreaterThan(0));
    await stop(both);
    hindered = false;
    const forgetful = await paymentService(newMap);
    await eventually(async () => expect((await vhost.depth('orderly.dead-letters')).messages).toBe(placed.length));
    expect(await payments()).toEqual([]);

    await stop(forgetful);
    await paymentService(bothMap);
    const dead = await replayAll();
    expect(new Set(dead.map(({ reason, type }) => `${reason} ${type}`))).toEqual(new Set(['unknown-type order.placed.v1']));
    await effectsOf(placed);
    await stop(notification);
  }, 60_000);
});

/** Places an order and gives back its id. */
type Seller = () => Promise<string>;

async function orderService(topology: Topology) {
  const messaging = await started('order', topology, {});
  const customer = { id: 'alice', email: 'alice@example.com' };
  const paymentDeadline = new Date(Date.now() + 900_000).toISOString();
  const euros = (amountMinor: number): Money => ({ amountMinor, currency: 'EUR' });
  const say =
    (...versions: (1 | 2)[]): Seller =>
    () =>
      messaging.transactions.run(async (tx) => {
        const orderId = randomUUID();
        // One fact has one subject and one sequence, in however many versions it is said.
        const about = { subject: orderId, sequence: 1 };
        const v1: DataOf<typeof OrderPlaced> = { orderId, customer, total: euros(3088), paymentDeadline };
        const v2: DataOf<typeof OrderPlacedV2> = { orderId, customer, goods: euros(2598), delivery: euros(490), paymentDeadline };
        if (versions.includes(1)) tx.publish(OrderPlaced, v1, about);
        if (versions.includes(2)) tx.publish(OrderPlacedV2, v2, about);
        return orderId;
      });
  return { messaging, sayV1: say(1), sayBoth: say(1, 2), sayV2: say(2) };
}

/** Opens the one payment of an order: its unique key makes the second version of the same fact boring. */
function paymentService(topology: Topology): Promise<Messaging> {
  return started('payment', topology, {
    [openPayment]: async (messages, tx) => {
      if (hindered) throw new Error('hindered');
      for (const message of messages as readonly Placed[])
        await tx.manager.query('INSERT INTO payments VALUES ($1, $2) ON CONFLICT DO NOTHING', [message.data.orderId, amountOf(message)]);
    },
  });
}

/** Tells the customer, by what both versions of a fact have in common. */
function notificationService(topology: Topology): Promise<Messaging> {
  return started('notification', topology, {
    [notifyCustomer]: async (messages, tx) => {
      for (const { id, subject, sequence } of messages) {
        await tx.manager.query('INSERT INTO heard VALUES ($1)', [id]);
        await tx.manager.query('INSERT INTO notices VALUES ($1, $2) ON CONFLICT DO NOTHING', [subject, sequence]);
      }
    },
  });
}

async function started(
  service: 'order' | 'payment' | 'notification',
  topology: Topology,
  handlers: Readonly<Record<string, Parameters<Messaging['handle']>[1]>>,
): Promise<Messaging> {
  const messaging = new Messaging(
    {
      service,
      instance: randomUUID().slice(0, 8),
      rabbitmqUrl: vhost.url,
      rabbitmqTls: undefined,
      connectAttempts: 3,
      drainDeadlineMs: 10_000,
      topology,
      relay: { pollMs: 200, graceMs: 2_000 },
      retryDelaysSeconds: [1, 1, 1],
    },
    databases[service].dataSource,
    quietLogger,
  );
  for (const [queue, handler] of Object.entries(handlers)) messaging.handle(queue, handler);
  await messaging.start();
  running.add(messaging);
  return messaging;
}

async function stop(messaging: Messaging): Promise<void> {
  running.delete(messaging);
  await messaging.stop();
}

async function several(place: Seller): Promise<string[]> {
  return [await place(), await place(), await place()];
}

async function payments(): Promise<{ order_id: string; amount_minor: number }[]> {
  return databases.payment.dataSource.query('SELECT * FROM payments ORDER BY order_id');
}

/** Waits until each order has its payment, over the right amount, and its notice. That there is one of each is what the keys say. */
async function effectsOf(placed: readonly string[]): Promise<void> {
  const orders = placed.toSorted();
  await eventually(
    async () => {
      expect(await payments()).toEqual(orders.map((order_id) => ({ order_id, amount_minor: 3088 })));
      const notices = await databases.notification.dataSource.query('SELECT order_id FROM notices ORDER BY order_id');
      expect(notices).toEqual(orders.map((order_id) => ({ order_id })));
      expect(await inFlight()).toBe(0);
    },
    { within: 15_000 },
  );
}

/** What has not arrived, in the outbox and on the broker, dead letters apart. */
async function inFlight(): Promise<number> {
  const [outbox] = (await databases.order.dataSource.query('SELECT count(*)::int AS rows FROM outbox')) as { rows: number }[];
  const queues = [openPayment, notifyCustomer, 'orderly.delay.lane-1'];
  const depths = await Promise.all(queues.map((queue) => vhost.depth(queue)));
  return outbox!.rows + depths.reduce((sum, { messages }) => sum + messages, 0);
}

interface DeadLetter {
  readonly queue: string;
  readonly reason: string;
  readonly type: string;
  readonly error: string;
}

async function deadLetters(then?: (message: amqplib.GetMessage, queue: string) => void): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  for (let message = await channel.get('orderly.dead-letters'); message; message = await channel.get('orderly.dead-letters')) {
    const headers = message.properties.headers ?? {};
    const [queue, reason, type, error] = ['orderly-queue', 'orderly-reason', 'cloudEvents_type', 'orderly-error'].map((name) =>
      String(headers[name]),
    ) as [string, string, string, string];
    then?.(message, queue);
    channel.ack(message);
    found.push({ queue, reason, type, error });
  }
  return found;
}

/** What an operator does: each to the one queue that failed. */
async function replayAll(): Promise<DeadLetter[]> {
  const replayed = await deadLetters((message, queue) =>
    channel.publish('orderly.delay.deliver', queue, message.content, message.properties),
  );
  await channel.waitForConfirms();
  return replayed;
}

/** Waits until the receivers have registered so many v2 besides as many v1. */
async function settled(replayed: number): Promise<void> {
  await eventually(async () => {
    const counts = await Promise.all(
      [databases.payment, databases.notification].map(({ dataSource }): Promise<{ rows: number }[]> =>
        dataSource.query('SELECT count(*)::int AS rows FROM inbox'),
      ),
    );
    expect(counts.reduce((sum, [row]) => sum + row!.rows, 0)).toBe(2 * replayed);
  });
}
