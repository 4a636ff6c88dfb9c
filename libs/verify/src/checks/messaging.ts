import { retryDelaysSeconds, topology } from '#libs/contracts';
import { Offenders, type Check } from '../check.js';
import { sqlCheck } from '../sql-check.js';
import type { OpenSystem } from '../system.js';

const services = ['order', 'payment', 'notification'] as const;

/** Whoever has an outbox: the console sends what is replayed. */
const sendersOf = (system: OpenSystem) => (system.has('console') ? ([...services, 'console'] as const) : services);

/** Everything that was said has been heard. */
export const messaging: readonly Check[] = [
  {
    name: 'outboxes-are-drained',
    about: 'Every message that was written has left its outbox.',
    holds: 'at rest',
    needs: services,
    run: async (system) => {
      const offenders = new Offenders();
      const senders = sendersOf(system);
      for (const service of senders) {
        const left = system
          .database(service)
          .stream<{ id: string; type: string; error: string | null }>('SELECT id::text, type, error FROM outbox ORDER BY seq');
        for await (const { id, type, error } of left)
          offenders.add(`${id} (${type}) waits in the outbox of ${service}${error ? `: ${error}` : ''}`);
      }
      return { checked: senders.length, offenders };
    },
  },
  {
    name: 'nothing-is-parked',
    about: 'No message was set aside because the broker would not take it.',
    holds: 'at rest',
    needs: services,
    run: async (system) => {
      const offenders = new Offenders();
      const senders = sendersOf(system);
      for (const service of senders) {
        const parked = system
          .database(service)
          .stream<{ id: string; type: string; error: string }>('SELECT id::text, type, error FROM outbox_parked ORDER BY parked_at');
        for await (const { id, type, error } of parked) offenders.add(`${id} (${type}) is parked by ${service}: ${error}`);
      }
      return { checked: senders.length, offenders };
    },
  },
  {
    name: 'work-queues-are-empty',
    about: 'Every work queue exists, and no message waits in it or is with its consumer.',
    holds: 'at rest',
    needs: ['rabbitmq'],
    async run({ broker }) {
      const offenders = new Offenders();
      const names = Object.keys(topology.queues);
      const depths = new Map((await broker.depths((name) => names.includes(name))).map((depth) => [depth.name, depth]));
      for (const name of names) {
        const depth = depths.get(name);
        if (!depth) offenders.add(`${name} does not exist`);
        else if (depth.ready + depth.inHand > 0) {
          offenders.add(`${name} has ${depth.ready} messages ready and ${depth.inHand} with its consumer`, depth.ready + depth.inHand);
        }
      }
      return { checked: names.length, offenders };
    },
  },
  {
    name: 'delays-are-accounted-for',
    about: 'No more messages wait for their time than there are deadlines, and outcomes to be looked for, ahead.',
    holds: 'at rest',
    needs: ['rabbitmq', 'order', 'payment'],
    async run(system) {
      const offenders = new Offenders();
      const depths = await system.broker.depths((name) => name.startsWith(`${topology.delay.name}.`));
      const expected = topology.delay.lanes.length + topology.delay.levels;
      if (depths.length < expected) offenders.add(`${expected - depths.length} of ${expected} delay queues do not exist`);
      const waiting = depths.reduce((sum, { ready, inHand }) => sum + ready + inHand, 0);
      // A deadline's message waits until then, whatever has become of its order.
      const deadlines = await system.database('order').count(`SELECT count(*) FROM orders WHERE payment_deadline > now() - ${slack}`);
      const looks = await system.database('payment').count(looksAhead, [retryDelaysSeconds]);
      const unaccounted = waiting - deadlines - looks;
      if (unaccounted > 0) {
        const where = depths.flatMap(({ name, ready, inHand }) => (ready + inHand > 0 ? [`${ready + inHand} in ${name}`] : []));
        offenders.add(`${unaccounted} of ${waiting} waiting messages are of no deadline or look ahead (${where.join(', ')})`, unaccounted);
      }
      return { checked: waiting, offenders };
    },
  },
  {
    name: 'no-dead-letters',
    about: 'No message that was given up lies on the broker.',
    holds: 'at rest',
    needs: ['rabbitmq'],
    async run({ broker }) {
      const offenders = new Offenders();
      const [depth] = await broker.depths((name) => name === topology.deadLetters);
      if (!depth) offenders.add(`${topology.deadLetters} does not exist`);
      else if (depth.ready > 0) {
        for (const letter of await broker.peek(depth.name, Math.min(depth.ready, Offenders.mostNamed))) offenders.add(letter);
        offenders.addUnnamed(Math.max(0, depth.ready - offenders.count));
      }
      return { checked: depth?.ready ?? 0, offenders };
    },
  },
  sqlCheck({
    name: 'dead-letters-are-decided',
    about: 'Every dead letter that the console has taken was handled after all, or an operator has discarded it.',
    holds: 'at rest',
    database: 'console',
    counts: 'SELECT count(*) FROM dead_letters',
    offenders: `
      SELECT message_id::text AS id, '(' || coalesce(type, 'of no type') || ') of ' || queue || ' is ' || status || ': ' || error_kind AS why
        FROM dead_letters WHERE status IN ('parked', 'replaying')`,
  }),
];

/** For the whole seconds to which delays are rounded up, and for the way through the cascade. */
const slack = `interval '10 s'`;

/**
 * How many delayed looks for an outcome may still be on their way: one for each open attempt and refund, and one for each that was settled
 * by somebody else before its look came. $1: the delays, in seconds.
 */
const looksAhead = `
  SELECT count(*) FROM (
    SELECT payment_id, lookups AS looks, outcome IN ('pending', 'unknown') AS open FROM attempts WHERE lookups > 0
    UNION ALL
    SELECT payment_id, tries, status = 'pending' FROM refunds WHERE tries > 0
  ) AS planned
   WHERE open OR (SELECT max(at) FROM payment_history WHERE payment_history.payment_id = planned.payment_id)
                 + ($1::int[])[least(looks, cardinality($1::int[]))] * interval '1 s' > now() - ${slack}`;
