import { randomUUID } from 'node:crypto';
import { connect, type Options } from 'amqplib';
import { envelopeToHeaders, OrderPlaced, topology } from '#libs/contracts';
import { asCustomer, eventually } from '#libs/testing';
import { request } from '../customer.js';
import { between, shown, type FaultKind, type Stage } from '../fault.js';
import { decide, readDeadLetters, type DeadLetter } from '../witnesses.js';
import type { ChaosWorld } from '../world.js';

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
    kind: 'dead letters replayed twice',
    about: 'Two operators replay the same dead letters at the same moment, each at another copy of the console.',
    draw: ({ world, poison }) => {
      const answers: number[] = [];
      let letters: DeadLetter[] = [];
      return {
        target: 'console',
        touches: ['broker', 'postgres', ...world.replicasOf('console').map(({ name }) => name)],
        async apply() {
          letters = await someParked(world, poison);
          const asked = letters.flatMap(({ id }) => world.replicasOf('console').map((console) => decide(console, id, 'replay')));
          answers.push(...(await Promise.all(asked)));
        },
        async tookEffect() {
          const once = answers.filter((status) => status === 202).length === letters.length;
          const again = await collected(
            world,
            letters.map(({ messageId }) => messageId),
          );
          return shown(
            once && again.every(({ status }) => status === 'parked'),
            `answered ${tally(answers)}; each went once, and is dead again`,
          );
        },
        heal: () => {},
      };
    },
  },
  {
    kind: 'killed during a replay',
    about: 'A dead letter is replayed; with the replay committed and not yet published, the console dies by kill -9.',
    draw: ({ world, random, poison }) => {
      const console = random.pick(world.replicasOf('console'));
      const line = console.link('rabbitmq');
      let heldBytes = 0;
      let letters: DeadLetter[] = [];
      return {
        target: console.name,
        touches: ['broker', 'postgres', console.name],
        async apply() {
          letters = await someParked(world, poison);
          line.hold('client-to-server', /:publish$/);
          await decide(console, letters[0]!.id, 'replay');
          await eventually(() => shown((heldBytes = line.heldBytes('client-to-server', /:publish$/)) > 0, 'something is held'), {
            within: 10_000,
          });
          await console.kill();
          line.cut();
          line.restore();
        },
        tookEffect: () =>
          shown(console.process.exit?.signal === 'SIGKILL' && heldBytes > 0, `ended by SIGKILL with ${heldBytes} bytes unsaid`),
        async heal() {
          line.restore();
          await console.startAgain();
          await eventually(
            async () => {
              const [letter] = (await collected(world, [letters[0]!.messageId])).filter(({ status }) => status === 'parked');
              shown(letter !== undefined, 'the replay has gone out, and the letter is dead again');
            },
            { within: 60_000, every: 500 },
          );
        },
      };
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
                headers: asCustomer(customer),
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
  () => {
    const { body, options } = known({});
    return { body, options: { ...options, headers: { ...options.headers, cloudEvents_type: 'order.forgotten.v9' } } };
  },
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
  let ids: string[] = [];
  return {
    target,
    touches: ['broker'],
    apply: async () => void (ids = await send(world, poison, make())),
    tookEffect: async () =>
      shown((await collected(world, ids)).length === ids.length, `${ids.length} sent, and the console has ${ids.length} as dead letters`),
    heal: () => {},
  };
}

/** Puts them on record before they are sent. @returns their message ids */
async function send(world: ChaosWorld, poison: Set<string>, messages: readonly (Poison & { queue: string })[]): Promise<string[]> {
  const connection = await connect(world.brokers.awake[0]!.url, { timeout: 5_000 });
  connection.on('error', () => {});
  const channel = await connection.createConfirmChannel();
  const ids = messages.map(({ queue, body, options }) => {
    const id = String(options.messageId);
    poison.add(id);
    channel.sendToQueue(queue, body, options);
    return id;
  });
  await channel.waitForConfirms();
  await connection.close();
  return ids;
}

async function collected(world: ChaosWorld, ids: readonly string[]): Promise<DeadLetter[]> {
  return (await readDeadLetters(world)).filter(({ messageId }) => ids.includes(messageId));
}

/** A few dead letters that an operator could replay. */
async function someParked(world: ChaosWorld, poison: Set<string>): Promise<DeadLetter[]> {
  const ids = await send(
    world,
    poison,
    Array.from({ length: 3 }, () => ({ queue: 'payment.open-payment', ...known({ orderId: 17 }) })),
  );
  return eventually(
    async () => {
      const parked = (await collected(world, ids)).filter(({ status }) => status === 'parked');
      shown(parked.length === ids.length, 'the console has them');
      return parked;
    },
    { within: 30_000, every: 250 },
  );
}

function tally(statuses: readonly (number | null)[]): string {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(String(status ?? 'nothing'), (counts.get(String(status ?? 'nothing')) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} × ${status}`).join(', ');
}
