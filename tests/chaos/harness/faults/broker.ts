import { connect, type Channel } from 'amqplib';
import { topology } from '#libs/contracts';
import { eventually, type RabbitMqNode } from '#libs/testing';
import { between, shown, type FaultKind, type Stage } from '../fault.js';
import type { ChaosWorld } from '../world.js';

const everyNode = ({ brokers }: ChaosWorld) => brokers.nodes;

/** What happens to the broker. */
export const brokerFaults: readonly FaultKind[] = [
  {
    kind: 'broker restarted',
    about: 'A node of the broker is told to end (SIGTERM), and started again.',
    draw: ({ world, random }) => ofNode(random.pick(everyNode(world)), (node) => node.shutDown()),
  },
  {
    kind: 'broker killed',
    about: 'kill -9 of a node of the broker, and a start on the same data.',
    draw: ({ world, random }) => ofNode(random.pick(everyNode(world)), (node) => node.kill()),
  },
  {
    kind: 'leader killed',
    about: 'kill -9 of the node that leads a work queue.',
    profile: 'cluster',
    draw: ({ world, random }) => {
      const queue = random.pick(Object.keys(topology.queues));
      let leader: RabbitMqNode | undefined;
      return {
        target: queue,
        touches: ['broker'],
        lastsMs: between(random, 1_000, 4_000),
        async apply() {
          const { leader: name } = (await world.brokers.manage('GET', `/api/queues/%2F/${queue}`)) as { leader?: string };
          leader = everyNode(world).find((node) => node.name === name);
          await leader?.kill();
        },
        async tookEffect() {
          const now = (await world.brokers.manage('GET', `/api/queues/%2F/${queue}`)) as { leader?: string };
          return shown(
            leader !== undefined && typeof now.leader === 'string' && now.leader !== leader.name,
            `${now.leader} leads it instead of ${leader?.name}`,
          );
        },
        heal: () => leader?.start(),
      };
    },
  },
  {
    kind: 'minority of nodes frozen',
    about: 'SIGSTOP of one node of three: the others have to carry on.',
    profile: 'cluster',
    draw: (stage) => frozen(stage, 1),
  },
  {
    kind: 'majority of nodes frozen',
    about: 'SIGSTOP of two nodes of three: no queue can take or give anything.',
    profile: 'cluster',
    draw: (stage) => frozen(stage, 2),
  },
  {
    kind: 'disk alarm',
    about: 'The broker believes that its disk is nearly full, and blocks whoever publishes.',
    draw: (stage) => alarm(stage, 'disk', ['set_disk_free_limit', '100000GB'], ['set_disk_free_limit', '200MB']),
  },
  {
    kind: 'memory alarm',
    about: 'The broker believes that its memory is used up, and blocks whoever publishes.',
    draw: (stage) => alarm(stage, 'memory', ['set_vm_memory_high_watermark', '0.0001'], ['set_vm_memory_high_watermark', '0.4']),
  },
  {
    kind: 'queue deleted',
    about: 'An operator deletes a work queue with all that is in it: one whose messages are hints, which a sweeper stands in for.',
    draw: ({ world, random }) => {
      const queue = random.pick(['order.expire-order', 'payment.reconcile-payments']);
      let before = 0;
      return {
        target: queue,
        touches: ['broker'],
        apply: async () => {
          before = await cancellationsSaid(world, queue);
          await onChannel(world, (channel) => channel.deleteQueue(queue));
        },
        tookEffect: async () => shown((await cancellationsSaid(world, queue)) > before, 'its consumers say that they were cancelled'),
        heal: () =>
          eventually(
            async () => {
              const { consumerCount } = await onChannel(world, (channel) => channel.checkQueue(queue));
              shown(consumerCount > 0, 'somebody has declared and consumes it again');
            },
            { within: 60_000, every: 250 },
          ),
      };
    },
  },
  {
    kind: 'connection closed by the operator',
    about: 'Somebody closes a connection of a service in the management console.',
    draw: ({ world, random }) => {
      const replica = random.pick(world.replicas);
      const role = random.pick(['publish', 'consume']);
      const name = `${replica.service}:${replica.name}:${role}`;
      let closed: string[] = [];
      return {
        target: name,
        touches: ['broker', replica.name],
        async apply() {
          closed = await eventually(async () => {
            const found = await connectionsNamed(world, name);
            shown(found.length > 0, `${name} is connected`);
            return found;
          });
          for (const id of closed) await world.brokers.manage('DELETE', `/api/connections/${encodeURIComponent(id)}`);
        },
        tookEffect: async () => {
          const left = await connectionsNamed(world, name);
          return shown(!left.some((id) => closed.includes(id)), `${closed.join(', ')} is gone`);
        },
        heal: () =>
          eventually(async () => shown((await connectionsNamed(world, name)).length > 0, 'it is connected again'), {
            within: 60_000,
            every: 500,
          }),
      };
    },
  },
  {
    kind: 'consumer cancelled by the broker',
    about: 'The broker tells a consumer that it is one no longer (basic.cancel), though its queue is there.',
    draw: ({ world, random }) => {
      const queue = random.pick(Object.keys(topology.queues));
      let before = 0;
      return {
        target: queue,
        touches: ['broker'],
        async apply() {
          before = await cancellationsSaid(world, queue);
          await world.brokers.awake[0]!.control('eval', cancelConsumersOf(queue));
        },
        tookEffect: async () => shown((await cancellationsSaid(world, queue)) > before, 'its consumers say that they were cancelled'),
        heal: () =>
          eventually(
            async () => shown((await onChannel(world, (channel) => channel.checkQueue(queue))).consumerCount > 0, 'it is consumed again'),
            { within: 60_000, every: 250 },
          ),
      };
    },
  },
  {
    kind: 'delay queues purged',
    about: 'An operator purges every queue of the delay service: no deadline and no planned look for an outcome is announced any more.',
    draw: ({ world }) => {
      let purged = 0;
      return {
        target: 'orderly.delay.*',
        touches: ['broker'],
        async apply() {
          const queues = (await world.brokers.manage('GET', '/api/queues/%2F?columns=name')) as { name: string }[];
          for (const { name } of queues.filter((queue) => queue.name.startsWith(`${topology.delay.name}.`)))
            purged += (await onChannel(world, (channel) => channel.purgeQueue(name))).messageCount;
        },
        tookEffect: () => shown(purged > 0, `${purged} messages are gone`),
        heal: () => {},
      };
    },
  },
];

function ofNode(node: RabbitMqNode, end: (node: RabbitMqNode) => Promise<void>) {
  return {
    target: node.name.split('@')[0]!,
    touches: ['broker'],
    lastsMs: 500,
    apply: () => end(node),
    tookEffect: () => shown(!node.runs, 'its process has ended'),
    heal: () => node.start(),
  };
}

function frozen({ world, random }: Stage, count: number) {
  const nodes = random.shuffled(everyNode(world)).slice(0, count);
  return {
    target: nodes.map(({ name }) => name.split('@')[0]).join(' and '),
    touches: ['broker'],
    lastsMs: between(random, 5_000, 12_000),
    apply: () => nodes.forEach((node) => node.freeze()),
    async tookEffect() {
      const outcomes = await Promise.allSettled(
        nodes.map(({ managementUrl }) => fetch(new URL(managementUrl).origin, { signal: AbortSignal.timeout(1_000) })),
      );
      return shown(
        outcomes.every(({ status }) => status === 'rejected'),
        'takes a connection and does not answer',
      );
    },
    async heal() {
      for (const node of nodes) node.thaw();
      await eventually(
        async () => {
          for (const { managementUrl } of nodes) await fetch(new URL(managementUrl).origin, { signal: AbortSignal.timeout(2_000) });
        },
        { within: 60_000, every: 500 },
      );
    },
  };
}

function alarm({ world, random }: Stage, what: 'disk' | 'memory', raise: string[], clear: string[]) {
  const publishersBlocked = async () => {
    const outcomes = await Promise.all(
      world.replicas.map(async ({ process }) => {
        const response = await fetch(`${process.baseUrl}/health/ready`, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined);
        return (await response?.text())?.includes('publishing is blocked') ? 1 : 0;
      }),
    );
    return outcomes.reduce<number>((sum, blocked) => sum + blocked, 0);
  };
  return {
    target: `${what} of the broker`,
    touches: ['broker'],
    lastsMs: between(random, 2_000, 8_000),
    apply: () => world.brokers.awake[0]!.control(...raise),
    async tookEffect() {
      const blocked = await publishersBlocked();
      return shown(blocked > 0, `readiness of ${blocked} services says that publishing is blocked`);
    },
    heal: () => world.brokers.awake[0]!.control(...clear),
  };
}

/** How often the services have said in their logs that the broker cancelled a consumer. */
async function cancellationsSaid(world: ChaosWorld, queue: string): Promise<number> {
  return world.replicas.reduce(
    (sum, { process }) => sum + process.output.split(`the broker cancelled the consumer of ${queue}`).length - 1,
    0,
  );
}

async function connectionsNamed(world: ChaosWorld, name: string): Promise<string[]> {
  const all = (await world.brokers.manage('GET', '/api/connections?columns=name,client_properties')) as {
    name: string;
    client_properties?: { connection_name?: string };
  }[];
  return all.filter((connection) => connection.client_properties?.connection_name === name).map((connection) => connection.name);
}

/** What a channel says when a queue of its has gone: RabbitMQ has no command that makes it say so while the queue is there. */
function cancelConsumersOf(queue: string): string {
  return `
    {ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"${queue}">>)),
    [rabbit_channel:send_command(element(1, Consumer), {'basic.cancel', element(2, Consumer), true}) || Consumer <- rabbit_amqqueue:consumers(Q)].`;
}

export async function onChannel<T>(world: ChaosWorld, work: (channel: Channel) => Promise<T>): Promise<T> {
  const [node] = world.brokers.awake;
  if (!node) throw new Error('no node is awake');
  const connection = await connect(node.url, { timeout: 5_000, clientProperties: { connection_name: 'chaos' } });
  connection.on('error', () => {});
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    return await work(channel);
  } finally {
    await connection.close().catch(() => {});
  }
}
