import { randomUUID } from 'node:crypto';
import { connect, type Options } from 'amqplib';
import { envelopeToHeaders, OrderPlaced, topology } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { request } from '../customer.js';
import { between, shown, type FaultKind, type Stage } from '../fault.js';
import { onChannel } from './broker.js';

/** What others send us. */
export const messageFaults: readonly FaultKind[] = [
  {
    kind: 'poison messages',
    about: 'Messages that nobody can read lie among the others in a work queue: no JSON, of an unknown type, of the wrong shape.',
    draw: (stage) => {
      const queue = stage.random.pick(Object.keys(topology.queues));
      const count = between(stage.random, 5, 20);
      return poisoning(stage, `${count} in ${queue}`, () =>
        Array.from({ length: count }, (_, index) => ({ queue, ...poisons[index % poisons.length]!() })),
      );
    },
  },
  {
    kind: 'a message of 5 MB',
    about: 'A message of five megabytes, of a known type and the wrong shape, lies in a work queue.',
    draw: (stage) => {
      const queue = 'payment.open-payment';
      return poisoning(stage, queue, () => [{ queue, ...known({ orderId: 'x'.repeat(5_000_000) }) }]);
    },
  },
  {
    kind: 'messages replayed twice',
    about: 'What a queue has been given, be it handled, in hand or given up, is given to it twice more, as an operator may do who replays.',
    draw: ({ world, random }) => {
      // Those through which every order goes: something is sure to come.
      const queue = random.pick([
        'order.settle-order',
        'payment.open-payment',
        'payment.capture-payment',
        'notification.notify-customer',
      ] as const);
      const { takes } = topology.queues[queue];
      let replayed = 0;
      return {
        target: queue,
        touches: ['broker'],
        async apply() {
          const connection = await connect(world.brokers.awake[0]!.url, { timeout: 5_000 });
          connection.on('error', () => {});
          const channel = await connection.createConfirmChannel();
          const { queue: tap } = await channel.assertQueue('', { exclusive: true });
          for (const { kind, name } of takes) await channel.bindQueue(tap, topology.exchanges[kind].name, name);
          await channel.consume(
            tap,
            (message) => {
              if (!message) return;
              replayed += 1;
              for (const _ of [1, 2])
                channel.publish(`${topology.delay.name}.deliver`, queue, message.content, { ...message.properties, persistent: true });
            },
            { noAck: true },
          );
          await eventually(() => shown(replayed >= 10, `${replayed} replayed`), { within: 10_000 }).catch(() => {});
          await channel.waitForConfirms();
          await connection.close();
        },
        tookEffect: () => shown(replayed > 0, `${replayed} messages were given to it twice more`),
        heal: () => {},
      };
    },
  },
  {
    kind: 'retry storm of one key',
    about: 'One customer repeats one order a hundred times at once, at both replicas.',
    draw: ({ world, random, ledger }) => {
      const key = randomUUID();
      const customer = `storm-${key.slice(0, 8)}`;
      const answers: (number | null)[] = [];
      const body = JSON.stringify({
        items: [{ sku: 'MUG-STONEWARE', quantity: 1 }],
        email: `${customer}@chaos.example`,
        paymentMethod: 'pm_card_visa',
      });
      return {
        target: '100 requests',
        touches: [],
        lastsMs: 1_000,
        async apply() {
          const replicas = world.replicasOf('order');
          await Promise.all(
            Array.from({ length: 100 }, async () => {
              const entry = await request(random.pick(replicas), {
                act: 'storm',
                path: '/orders',
                text: body,
                key,
                customer,
                headers: { 'x-customer-id': customer },
              });
              ledger.write(entry);
              answers.push(entry.status);
            }),
          );
        },
        tookEffect: () => shown(answers.length === 100, `answered ${tally(answers)}`),
        heal: () => {},
      };
    },
  },
];

interface Poison {
  readonly body: Buffer;
  readonly options: Options.Publish;
}

const poisons: readonly (() => Poison)[] = [
  () => ({ body: Buffer.from('{"half": '), options: withId({}) }),
  () => ({ body: Buffer.from([0, 255, 254, 1]), options: withId({ contentType: 'image/png' }) }),
  () => known({ orderId: 17 }),
  () => ({ ...known({}), options: withId({ headers: { ...known({}).options.headers, cloudEvents_type: 'order.forgotten.v9' } }) }),
];

function withId(options: Options.Publish): Options.Publish {
  return { persistent: true, messageId: randomUUID(), ...options };
}

/** Of a type that exists, with an envelope as it has to be, and this for its data. */
function known(data: object): Poison {
  const id = randomUUID();
  const headers = envelopeToHeaders({
    id,
    type: OrderPlaced.name,
    source: '/chaos',
    subject: id,
    time: new Date().toISOString(),
    correlationId: id,
  });
  return { body: Buffer.from(JSON.stringify(data)), options: withId({ messageId: id, contentType: 'application/json', headers }) };
}

/** Each of them is a dead letter in the end, and stops nobody else. */
function poisoning({ world, poison }: Stage, target: string, make: () => (Poison & { queue: string })[]) {
  const ids: string[] = [];
  return {
    target,
    touches: ['broker'],
    async apply() {
      const connection = await connect(world.brokers.awake[0]!.url, { timeout: 5_000 });
      const channel = await connection.createConfirmChannel();
      for (const { queue, body, options } of make()) {
        ids.push(String(options.messageId));
        poison.add(String(options.messageId));
        channel.sendToQueue(queue, body, options);
      }
      await channel.waitForConfirms();
      await connection.close();
    },
    tookEffect: async () => {
      const { messageCount } = await onChannel(world, (channel) => channel.checkQueue(topology.deadLetters));
      return shown(messageCount >= poison.size, `${ids.length} sent, and all ${poison.size} so far are dead letters`);
    },
    heal: () => {},
  };
}

function tally(statuses: readonly (number | null)[]): string {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(String(status ?? 'nothing'), (counts.get(String(status ?? 'nothing')) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} × ${status}`).join(', ');
}
