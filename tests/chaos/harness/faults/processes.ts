import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#libs/testing';
import { between, shown, type FaultKind, type Stage } from '../fault.js';
import { replicated, type Link, type Replica } from '../world.js';

const anyReplica = ({ world, random }: Stage): Replica => random.pick([...world.replicas, world.psp]);
const ourReplica = ({ world, random }: Stage): Replica => random.pick(world.replicas);

/** What happens to processes. */
export const processFaults: readonly FaultKind[] = [
  {
    kind: 'service killed',
    about: 'kill -9 of a service or of the provider; it is started again after a moment.',
    draw: (stage) => {
      const replica = anyReplica(stage);
      return {
        target: replica.name,
        touches: [replica.name],
        lastsMs: between(stage.random, 0, 4_000),
        apply: () => replica.kill(),
        tookEffect: () => shown(replica.process.exit?.signal === 'SIGKILL', 'ended by SIGKILL'),
        heal: () => replica.startAgain(),
      };
    },
  },
  {
    kind: 'both replicas killed',
    about: 'kill -9 of every copy of a service at once: nobody is left to carry on.',
    draw: ({ world, random }) => {
      const service = random.pick(replicated);
      const both = world.replicasOf(service);
      return {
        target: service,
        touches: both.map(({ name }) => name),
        lastsMs: between(random, 0, 3_000),
        apply: () => Promise.all(both.map((replica) => replica.kill())),
        tookEffect: () =>
          shown(
            both.every(({ process }) => process.exit?.signal === 'SIGKILL'),
            'both ended by SIGKILL',
          ),
        heal: () => Promise.all(both.map((replica) => replica.startAgain())),
      };
    },
  },
  {
    kind: 'service frozen',
    about: 'SIGSTOP of a service or of the provider, and SIGCONT: it holds its connections, locks and messages, and says nothing.',
    draw: (stage) => {
      const replica = anyReplica(stage);
      return {
        target: replica.name,
        touches: [replica.name],
        lastsMs: between(stage.random, 3_000, 10_000),
        apply: () => replica.process.pause(),
        tookEffect: async () => shown(!(await answers(replica)), 'takes a connection and does not answer'),
        heal: () => {
          replica.process.resume();
          return replica.startAgain();
        },
      };
    },
  },
  {
    kind: 'rolling restart',
    about: 'SIGTERM of each copy of a service, one after the other, as a deployment does.',
    draw: ({ world, random }) => {
      const service = random.pick(replicated);
      const codes: (number | null | undefined)[] = [];
      return {
        target: service,
        touches: world.replicasOf(service).map(({ name }) => name),
        async apply() {
          for (const replica of world.replicasOf(service)) {
            codes.push(await replica.shutDown());
            await replica.startAgain();
          }
        },
        tookEffect: () => shown(codes.length === 2, `ended by themselves with ${codes.join(' and ')}`),
        heal: () => {},
      };
    },
  },
  {
    kind: 'clock wrong',
    about: 'The clock of a service jumps by ten minutes, forwards or back, and later jumps back.',
    draw: (stage) => {
      const replica = ourReplica(stage);
      const wrongBy = stage.random.pick([-600_000, 600_000]);
      let shows = 0;
      return {
        target: `${replica.name} ${wrongBy > 0 ? '+' : '-'}10 min`,
        touches: [replica.name],
        lastsMs: between(stage.random, 5_000, 10_000),
        apply: async () => void (shows = (await replica.setClock(wrongBy)) - Date.now()),
        tookEffect: () => shown(Math.abs(shows - wrongBy) < 5_000, `its clock is wrong by ${Math.round(shows / 1000)} s`),
        heal: () => replica.setClock(0),
      };
    },
  },
  crashPoint(
    'killed between commit and publish',
    'What a service says to the broker is held back until it has something to publish; then kill -9, and what was held is lost.',
    ({ world, random }) => world.replicasOf(random.pick(['order', 'payment'] as const)),
    [['rabbitmq', 'client-to-server', /:publish$/]],
  ),
  crashPoint(
    'killed between publish and delete',
    "The broker's confirms are held back until there are some; then kill -9: what was published is still in the outbox.",
    ({ world, random }) => world.replicasOf(random.pick(['order', 'payment'] as const)),
    [['rabbitmq', 'server-to-client', /:publish$/]],
  ),
  crashPoint(
    'killed between delivery and commit',
    'What a service tells its database is held back, while messages are delivered to it; then kill -9: nothing of them was committed.',
    ({ world, random }) => world.replicasOf(random.pick(['order', 'payment', 'notification'])),
    [['database', 'client-to-server', undefined]],
    600,
  ),
  crashPoint(
    'killed between commit and ack',
    'Acknowledgements are held back until there are some; then kill -9: what was handled is delivered again.',
    ({ world, random }) => world.replicasOf(random.pick(['order', 'payment', 'notification'])),
    [['rabbitmq', 'client-to-server', /:consume$/]],
  ),
  crashPoint(
    'killed between answer and commit',
    'The provider has answered, and all that the payment service tells its database is held back; then kill -9.',
    ({ world }) => world.replicasOf('payment'),
    [
      ['provider', 'server-to-client', undefined],
      ['database', 'client-to-server', undefined],
    ],
  ),
];

type Hold = readonly [link: Link, direction: 'client-to-server' | 'server-to-client', which: RegExp | undefined];

/**
 * Stops a process at an exact place without a hook in its code: the first line is held until something has been said on it, and then, if
 * there is a second, that one is held and the first let go. With something held on the last one, the process dies.
 */
function crashPoint(
  kind: string,
  about: string,
  candidates: (stage: Stage) => Replica[],
  holds: readonly Hold[],
  // What follows the first bytes of it belongs to the same moment.
  lingerMs = 30,
): FaultKind {
  return {
    kind,
    about,
    draw: (stage) => {
      const replica = stage.random.pick(candidates(stage));
      let heldBytes = 0;
      return {
        target: replica.name,
        touches: [replica.name],
        async apply() {
          for (const [index, [link, direction, which]] of holds.entries()) {
            replica.link(link).hold(direction, which);
            const before = holds[index - 1];
            if (before) replica.link(before[0]).release(before[1]);
            await eventually(() => shown((heldBytes = replica.link(link).heldBytes(direction, which)) > 0, 'something is held'), {
              within: 20_000,
              every: 10,
            });
          }
          await sleep(lingerMs);
          await replica.kill();
          for (const [link] of holds) {
            replica.link(link).cut();
            replica.link(link).restore();
          }
        },
        tookEffect: () =>
          shown(replica.process.exit?.signal === 'SIGKILL' && heldBytes > 0, `ended by SIGKILL with ${heldBytes} bytes unsaid`),
        async heal() {
          for (const [link] of holds) replica.link(link).restore();
          await replica.startAgain();
        },
      };
    },
  };
}

async function answers(replica: Replica): Promise<boolean> {
  try {
    await fetch(`${replica.process.baseUrl}/health/live`, { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  }
}
