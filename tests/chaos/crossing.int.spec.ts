import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { topology } from '#libs/contracts';
import { eventually, SeededRandom, startWorld, type World } from '#libs/testing';
import { Customer } from '../journeys/customer.spec-support.js';

/*
 * Money, deadline and cancellation meet on the same orders, within milliseconds of each other, while more than half of all messages are
 * said again up to two seconds later. Whatever wins, the books must add up.
 */

const orders = 80;
const seed = Number(process.env['CROSSING_SEED'] ?? Date.now() % 1_000_000);
process.stdout.write(`CROSSING_SEED=${seed}\n`);
const random = new SeededRandom(seed);
const later = new Set<NodeJS.Timeout>();

let world: World;
let client: ChannelModel;

beforeAll(async () => {
  world = await startWorld({ envOf: { 'psp-simulator': { SLOW_CARD_MS: '2500' } } });
  client = await connect(world.vhost.url, { noDelay: true });
  await sayAgain(await client.createConfirmChannel());
});
afterAll(async () => {
  for (const timer of later) clearTimeout(timer);
  await client.close();
  await world.stop();
});

it('eighty orders that are paid, cancelled and expire at the same time end consistently', { timeout: 90_000 }, async () => {
  const customers = Array.from({ length: orders }, () => new Customer(world));
  await Promise.all(customers.map(live));
  // Every repeat has been said, too.
  await eventually(() => expect(later.size).toBe(0), { within: 15_000 });
  await eventually(
    async () => {
      const ended = await outcomes();
      expect(ended).toHaveLength(orders);
      for (const { order, payment, kept, booked, captures, total } of ended) {
        expect(captures).toBeLessThanOrEqual(1);
        expect(booked).toBe(kept);
        expect([order, payment, kept]).toEqual(rightEnd(order, captures, total));
      }
    },
    { within: 30_000 },
  );
  expect((await world.vhost.depth('orderly.dead-letters')).messages).toBe(0);
});

/** Where an order, its payment and the provider's books may end together. */
function rightEnd(order: string, captures: number, total: number): unknown[] {
  if (order === 'paid') return ['paid', 'captured', total];
  if (order === 'refunded') return ['refunded', captures === 1 ? 'refunded' : 'a payment that was captured once', 0];
  return [expect.stringMatching(/^(cancelled|expired)$/), captures === 1 ? 'refunded' : 'voided', 0];
}

/** One customer's few seconds: an order with the shortest window, and a few attempts to pay and cancel around its deadline. */
async function live(customer: Customer): Promise<void> {
  const [method, ...plan] = [
    random.pick([undefined, 'pm_card_visa', 'pm_card_chargeDeclined', 'pm_card_slow']),
    ...Array.from({ length: 1 + Math.floor(random.next() * 3) }, anAct),
  ];
  await sleep(random.next() * 1500);
  const { id } = await customer.place({ paymentWindowSeconds: 5, ...(method && { paymentMethod: method }) });
  await Promise.all(
    plan.map(async ({ after, act, with: paymentMethod }) => {
      await sleep(after);
      // A conflict is a fine answer: somebody else was first. So is a payment that a busy machine has not opened yet.
      if (act === 'cancel') expectOneOf([200, 409], (await customer.cancel(id)).status);
      else await customer.pay(id, paymentMethod).catch(unlessRefused);
    }),
  );
}

function unlessRefused(error: Error): void {
  if (!/^(409|404) /.test(error.message)) throw error;
}

function expectOneOf(expected: number[], status: number): void {
  if (!expected.includes(status)) throw new Error(`cancelling answered ${status}`);
}

function anAct() {
  const after = random.next() < 0.5 ? random.next() * 6000 : 4700 + random.next() * 600;
  return {
    after,
    act: random.next() < 0.33 ? 'cancel' : 'pay',
    with: random.pick(['pm_card_visa', 'pm_card_chargeDeclined', 'pm_card_slow']),
  };
}

/** Repeats most of what passes the exchanges, a little later, as a sender does that never heard the confirm. */
async function sayAgain(channel: ConfirmChannel): Promise<void> {
  const commands = Object.values(topology.queues).flatMap(({ takes }) =>
    takes.filter(({ kind }) => kind === 'command').map(({ name }) => name),
  );
  for (const [exchange, keys] of [
    [topology.exchanges.event.name, ['#']],
    [topology.exchanges.command.name, commands],
  ] as const) {
    const { queue } = await channel.assertQueue('', { exclusive: true });
    for (const key of keys) await channel.bindQueue(queue, exchange, key);
    await channel.consume(
      queue,
      (message) => {
        if (!message || message.properties.headers?.['again'] || random.next() < 0.4) return;
        const again = () =>
          channel.publish(exchange, message.fields.routingKey, message.content, {
            ...message.properties,
            headers: { ...message.properties.headers, again: true },
          });
        const timer: NodeJS.Timeout = setTimeout(() => {
          later.delete(timer);
          again();
        }, random.next() * 2000);
        later.add(timer);
      },
      { noAck: true },
    );
  }
}

interface Outcome {
  order: string;
  total: number;
  payment: string;
  /** What the provider has kept: captures less refunds, in minor units. */
  kept: number;
  /** The same by our ledger. */
  booked: number;
  captures: number;
}

async function outcomes(): Promise<Outcome[]> {
  const placed = await read<{ id: string; order: string; total: number }>(
    'order',
    'SELECT id, status AS order, total_minor::int AS total FROM orders',
  );
  const paid = await read<Pick<Outcome, 'payment' | 'booked'> & { order_id: string }>(
    'payment',
    `SELECT order_id, status AS payment,
       (SELECT coalesce(sum(amount_minor), 0)::int FROM ledger_entries WHERE payment_id = p.id AND account = 'provider') AS booked
     FROM payments p`,
  );
  const taken = await read<Pick<Outcome, 'kept' | 'captures'> & { order_id: string }>(
    'psp-simulator',
    `SELECT metadata->>'order_id' AS order_id, count(*) FILTER (WHERE status = 'succeeded')::int AS captures,
       sum(amount_received_minor - (SELECT coalesce(sum(amount_minor), 0) FROM refunds
                                    WHERE payment_intent = payment_intents.id AND status <> 'failed'))::int AS kept
     FROM payment_intents GROUP BY 1`,
  );
  const byProvider = new Map(taken.map((order) => [order.order_id, order]));
  const payments = new Map(
    paid.map((payment) => [payment.order_id, { kept: 0, captures: 0, ...byProvider.get(payment.order_id), ...payment }]),
  );
  return placed.flatMap(({ id, ...order }) => (payments.has(id) ? [{ ...payments.get(id)!, ...order }] : []));
}

async function read<Row>(database: 'order' | 'payment' | 'psp-simulator', sql: string): Promise<Row[]> {
  const connection = new Client({ connectionString: world.databaseUrls[database] });
  await connection.connect();
  try {
    return (await connection.query(sql)).rows as Row[];
  } finally {
    await connection.end();
  }
}
