import { setMaxListeners } from 'node:events';
import type { Channel, ChannelModel } from 'amqplib';
import type { Topology } from '#libs/contracts';
import { StartFailure } from '#libs/service';
import { deliverName, digitPattern, laneName, levelName } from './delay.js';

interface Declarations {
  readonly exchanges: readonly { readonly name: string; readonly type: string }[];
  readonly queues: readonly { readonly name: string; readonly arguments: Readonly<Record<string, string | number>> }[];
  /** `to` is a queue, or an exchange when `exchange` is true. */
  readonly bindings: readonly { readonly from: string; readonly to: string; readonly pattern: string; readonly exchange?: boolean }[];
}

/** What the map means on the broker: every exchange, queue and binding, dead letters first because the others point at them. */
export function declarationsOf(topology: Topology): Declarations {
  const { delay, deadLetters, exchanges, queryExchange, activity } = topology;
  const levels = Array.from({ length: delay.levels }, (_, level) => level);
  // Dead-lettering is at most once by default; all four of these together make it at least once.
  // https://www.rabbitmq.com/docs/quorum-queues#activating-at-least-once-dead-lettering
  const quorum = {
    'x-queue-type': 'quorum',
    'x-overflow': 'reject-publish',
    'x-max-length': topology.maxLength,
    // From RabbitMQ 4.0 the default is 20: looking at a dead letter that often, and requeuing it, would throw it away.
    'x-delivery-limit': 2 ** 31 - 1,
  };
  // A question is worth nothing later, so it is delivered once and the oldest go first: the reverse of a message.
  // Durable, because RabbitMQ 4.3 refuses queues that are neither durable nor exclusive.
  const questions = { 'x-queue-type': 'quorum', 'x-max-length': 1000, 'x-message-ttl': 10_000, 'x-delivery-limit': 0 };
  const handsOnTo = (exchange: string) => ({ ...quorum, 'x-dead-letter-exchange': exchange, 'x-dead-letter-strategy': 'at-least-once' });
  const waits = (name: string, seconds: number, next: string) => ({
    name,
    arguments: { ...handsOnTo(next), 'x-message-ttl': seconds * 1000 },
  });
  const after = (level: number) => (level === 0 ? deliverName(delay) : levelName(delay, level - 1));
  const queues = Object.entries(topology.queues);
  return {
    exchanges: [
      { name: deadLetters, type: 'topic' },
      { name: deliverName(delay), type: 'topic' },
      ...levels.map((level) => ({ name: levelName(delay, level), type: 'topic' })),
      { name: delay.name, type: 'topic' },
      ...Object.values(exchanges),
      { name: queryExchange, type: 'topic' },
      { name: activity.exchange, type: 'fanout' },
    ],
    queues: [
      { name: deadLetters, arguments: quorum },
      ...queues.map(([name]) => ({
        name,
        arguments: { ...handsOnTo(deadLetters), 'x-dead-letter-routing-key': name, 'x-delivery-limit': topology.deliveryLimit },
      })),
      ...topology.queries.map(({ name }) => ({ name, arguments: questions })),
      ...delay.lanes.map((seconds) => waits(laneName(delay, seconds), seconds, deliverName(delay))),
      ...levels.map((level) => waits(levelName(delay, level), 2 ** level, after(level))),
    ],
    bindings: [
      { from: deadLetters, to: deadLetters, pattern: '#' },
      ...queues.flatMap(([name, { takes }]) => [
        ...takes.map((type) => ({
          from: exchanges[type.kind].name,
          to: name,
          pattern: exchanges[type.kind].type === 'fanout' ? '' : type.name,
        })),
        { from: deliverName(delay), to: name, pattern: `#.${name}` },
      ]),
      ...topology.queries.map(({ name }) => ({ from: queryExchange, to: name, pattern: name })),
      ...delay.lanes.map((seconds) => ({ from: delay.name, to: laneName(delay, seconds), pattern: `lane-${seconds}.#` })),
      ...levels.flatMap((level) => [
        { from: levelName(delay, level), to: levelName(delay, level), pattern: digitPattern(level, 1, delay) },
        { from: levelName(delay, level), to: after(level), pattern: digitPattern(level, 0, delay), exchange: true },
      ]),
    ],
  };
}

/**
 * The queues of the audit trail, bound to everything, and of what callers do. They drop their oldest messages when they are full: what nobody
 * collects may lose its beginning, and must never have the broker refuse what services say.
 */
function declarationsOfCollections({ auditTrail, activity, exchanges }: Topology): Declarations {
  const { queue, maxLength } = auditTrail;
  return {
    exchanges: [],
    queues: [
      {
        name: queue,
        arguments: {
          'x-queue-type': 'quorum',
          'x-overflow': 'drop-head',
          'x-max-length': maxLength,
          'x-delivery-limit': 2 ** 31 - 1,
        },
      },
      // On one node and in its memory, as what lies there may be lost.
      {
        name: activity.queue,
        arguments: { 'x-queue-type': 'classic', 'x-overflow': 'drop-head', 'x-max-length': activity.maxLength },
      },
    ],
    bindings: [
      { from: activity.exchange, to: activity.queue, pattern: '' },
      { from: exchanges.event.name, to: queue, pattern: '#' },
      { from: exchanges.notice.name, to: queue, pattern: '' },
      { from: exchanges.signal.name, to: queue, pattern: '' },
    ],
  };
}

/** The broker has something of ours with other arguments. Nothing was changed: it may be in use by a newer or older version. */
export class TopologyDrift extends StartFailure {
  constructor(readonly differences: readonly string[]) {
    super(
      `the broker differs from the topology:\n${differences.map((line) => `  ${line}`).join('\n')}\n` +
        'Nothing was changed. Give the queue a new name in libs/contracts/src/topology.ts, or drain and delete the old one.',
      78,
    );
  }
}

type Step = (channel: Channel) => Promise<unknown>;

/**
 * Declares everything, which is how it is also checked: declaring what exists changes nothing, and with other arguments is refused. A user who
 * may not declare only looks whether all of it is there.
 * @param options.withCollections the queues of the audit trail and of activity, too, which are declared by whoever collects them
 * @throws TopologyDrift with every difference, readable
 * @throws Error when the broker has answered nothing for that long: under load, the many steps of a cluster may take longer together
 */
export async function declareTopology(
  model: ChannelModel,
  topology: Topology,
  { withCollections = false, silenceMs = 30_000 }: { readonly withCollections?: boolean; readonly silenceMs?: number } = {},
): Promise<void> {
  const all = [declarationsOf(topology), ...(withCollections ? [declarationsOfCollections(topology)] : [])];
  const exchanges = all.flatMap((declarations) => declarations.exchanges);
  const queues = all.flatMap((declarations) => declarations.queues);
  const bindings = all.flatMap((declarations) => declarations.bindings);
  const steps: Step[] = [
    ...exchanges.map(
      ({ name, type }): Step =>
        (channel) =>
          channel.assertExchange(name, type, { durable: true }),
    ),
    ...queues.map(
      (queue): Step =>
        (channel) =>
          channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments }),
    ),
    ...bindings.map(
      ({ from, to, pattern, exchange }): Step =>
        (channel) =>
          exchange ? channel.bindExchange(to, from, pattern) : channel.bindQueue(to, from, pattern),
    ),
  ];
  const looks: Step[] = [
    ...exchanges.map(
      ({ name }): Step =>
        (channel) =>
          channel.checkExchange(name),
    ),
    ...queues.map(
      ({ name }): Step =>
        (channel) =>
          channel.checkQueue(name),
    ),
  ];
  const late = new AbortController();
  // Each channel that a difference costs has a successor that listens to it.
  setMaxListeners(0, late.signal);
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late.abort();
      reject(new Error(`the topology is not declared: the broker has answered nothing for ${silenceMs} ms`));
    }, silenceMs);
  });
  const answered = () => void timer?.refresh();
  try {
    const differences = await Promise.race([
      runSteps(model, steps, answered, late.signal).catch((error: Error) => {
        if (!/ACCESS.REFUSED/.test(error.message)) throw error;
        return runSteps(model, looks, answered, late.signal);
      }),
      silence,
    ]);
    if (differences.length > 0) throw new TopologyDrift(differences);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs all steps on one channel; a refused step costs the channel, so the rest go on with the next one. */
async function runSteps(model: ChannelModel, steps: readonly Step[], answered: () => void, late: AbortSignal): Promise<string[]> {
  const differences: string[] = [];
  let rest = [...steps];
  while (rest.length > 0 && !late.aborted) {
    const channel = await model.createChannel();
    answered();
    late.addEventListener('abort', () => void channel.close().catch(() => {}));
    let refusal: Error | undefined;
    channel.on('error', (error: Error) => (refusal = error));
    const results = await Promise.allSettled(
      rest.map((step) =>
        Promise.resolve()
          .then(() => step(channel))
          .finally(answered),
      ),
    );
    const failed = results.findIndex(({ status }) => status === 'rejected');
    if (failed === -1) {
      await channel.close();
      break;
    }
    const reason = refusal ?? ((results[failed] as PromiseRejectedResult).reason as Error);
    if (!/PRECONDITION.FAILED|406|NOT_FOUND|404/.test(reason.message)) throw reason;
    differences.push(readable(reason.message));
    rest = rest.slice(failed + 1);
  }
  return differences;
}

/** "inequivalent arg 'x' for queue 'q' in vhost '/': received the value '1' of type 'int' but current is …" in our own order of words. */
function readable(refusal: string): string {
  const found = /inequivalent arg '([^']+)' for (queue|exchange) '([^']+)'.*?: received (.*?) but current is (.*?)"?$/.exec(refusal);
  if (!found) return refusal;
  const [, argument, kind, name, ours, theirs] = found;
  const plain = (value: string | undefined) =>
    (value ?? '')
      .replace(/^the value /, '')
      .replace(/ of type '[^']*'$/, '')
      .replaceAll("'", '');
  return `${kind} ${name}: ${argument} is ${plain(theirs)} on the broker, ${plain(ours)} in the topology`;
}
