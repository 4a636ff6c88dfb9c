import { createHash, randomBytes } from 'node:crypto';
import { DeadLetterReplayed } from './dead-letter.messages.js';
import type { Topology } from './topology.js';

/**
 * What a user may do on the broker, as regular expressions over names: declare it (`configure`), publish to it or bind something to it
 * (`write`), consume it or bind something from it (`read`).
 *
 * @see https://www.rabbitmq.com/docs/access-control#authorisation
 */
export interface Privileges {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
  /** On a topic exchange also by routing key: with which ones it may publish, and bind. */
  readonly topics: readonly { readonly exchange: string; readonly write: string; readonly read: string }[];
}

const escaped = (name: string): string => name.replaceAll('.', '\\.');
const oneOf = (names: readonly string[]): string => names.map(escaped).join('|');
/** RabbitMQ takes an empty expression for one that matches nothing; this says so. */
const only = (...alternatives: readonly string[]): string => {
  const wanted = alternatives.filter((alternative) => alternative !== '');
  return wanted.length === 0 ? '^$' : `^(${wanted.join('|')})$`;
};

/** The queues that a replica declares for itself, and that go with it: for answers, and for what it shows live. */
export const replicaQueue = (service: string, what: 'answers' | 'live', instance: string): string => `${service}.${what}.${instance}`;

/**
 * What the user of a service needs, and no more: it says what it says and nothing else, hands its own messages to the delay service and the dead
 * letters, and takes from its own queues. It declares nothing that outlives it, and has no right to the default exchange, which reaches every queue.
 */
export function privilegesOf(service: string, topology: Topology): Privileges {
  const { exchanges, delay, deadLetters, auditTrail, activity, queryExchange } = topology;
  const { says = [], asks = [], hears = [], repairs = false } = topology.services[service] ?? {};
  const isOwn = (name: string) => name.startsWith(`${service}.`);
  const queues = Object.entries(topology.queues);
  const own = queues.map(([name]) => name).filter(isOwn);
  const answered = topology.queries.map(({ name }) => name).filter(isOwn);
  const ofReplicas = `${escaped(service)}\\.(answers|live)\\..+`;

  // Whoever handles messages says what became of one that was sent again.
  const said = [...says, ...(own.length > 0 ? [DeadLetterReplayed] : [])];
  // What it says may be due later, for whoever takes it; what it failed at is tried again by itself; what died is sent back by whoever repairs it.
  const delayedFor = queues
    .filter(([name, { takes }]) => repairs || isOwn(name) || takes.some((type) => type.kind === 'command' && says.includes(type)))
    .map(([name]) => name);
  const kinds = new Set(said.map(({ kind }) => kind));
  const heard = new Set(hears.map(({ kind }) => kind));
  const delays = `${escaped(delay.name)}(\\..+)?`;

  return {
    configure: only(ofReplicas),
    write: only(
      ofReplicas,
      oneOf([...kinds].map((kind) => exchanges[kind].name)),
      escaped(activity.exchange),
      asks.length + answered.length > 0 ? escaped(queryExchange) : '',
      own.length > 0 ? escaped(deadLetters) : '',
      delayedFor.length > 0 ? delays : '',
    ),
    read: only(
      ofReplicas,
      oneOf([...own, ...answered]),
      oneOf([queryExchange, ...[...heard].map((kind) => exchanges[kind].name)]),
      oneOf([auditTrail.queue, activity.queue].filter(isOwn)),
      repairs ? escaped(deadLetters) : '',
    ),
    topics: [
      ...Object.values(exchanges)
        .filter(({ type }) => type === 'topic')
        .map(({ name }) => {
          const keys = (types: readonly { kind: keyof typeof exchanges; name: string }[]) =>
            oneOf(types.filter(({ kind }) => exchanges[kind].name === name).map((type) => type.name));
          return { exchange: name, write: only(keys(said)), read: only(keys(hears)) };
        }),
      {
        exchange: queryExchange,
        write: only(oneOf(asks.map(({ name }) => name)), answered.length > 0 ? '.+\\.answers\\..+' : ''),
        read: only(`${escaped(service)}\\.answers\\..+`),
      },
      { exchange: deadLetters, write: only(oneOf(own)), read: only() },
      ...[delay.name, `${delay.name}.deliver`, ...Array.from({ length: delay.levels }, (_, level) => levelName(delay, level))].map(
        // The receiver comes last, behind the lane or the digits of the delay.
        (exchange) => ({ exchange, write: delayedFor.length === 0 ? only() : `^(.+\\.)?(${oneOf(delayedFor)})$`, read: only() }),
      ),
    ],
  };
}

/** What the user that declares the topology needs: all that is called after the system or one of its services, and nothing of the broker's own. */
export function privilegesToDeploy(topology: Topology): Privileges {
  const firstWords = new Set(
    [topology.deadLetters, topology.delay.name, ...Object.keys(topology.queues), ...topology.queries.map(({ name }) => name)].map(
      (name) => name.split('.')[0]!,
    ),
  );
  const all = only(`(${oneOf([...firstWords])})\\..+`);
  return { configure: all, write: all, read: all, topics: [] };
}

export interface BrokerLogin {
  readonly name: string;
  readonly password: string;
}

/**
 * Definitions that RabbitMQ imports (`load_definitions`, `POST /api/definitions`): the vhost, a user for each service and one to deploy, with
 * what they may do. Passwords are in it as hashes.
 * @param logins of each service of the topology, and of `deploy`
 * @see https://www.rabbitmq.com/docs/definitions
 */
export function brokerDefinitions(topology: Topology, vhost: string, logins: Readonly<Record<string, BrokerLogin>>): object {
  const privileges = Object.entries(logins).map(([service, { name, password }]) => ({
    user: name,
    password,
    ...(service === 'deploy' ? privilegesToDeploy(topology) : privilegesOf(service, topology)),
  }));
  return {
    vhosts: [{ name: vhost }],
    users: privileges.map(({ user, password }) => brokerUser({ name: user, password })),
    permissions: privileges.map(({ user, configure, write, read }) => ({ user, vhost, configure, write, read })),
    topic_permissions: privileges.flatMap(({ user, topics }) => topics.map((topic) => ({ user, vhost, ...topic }))),
  };
}

/** A user as definitions have it. https://www.rabbitmq.com/docs/passwords#computing-password-hash */
export function brokerUser({ name, password }: BrokerLogin, tags: readonly string[] = []): object {
  const salt = randomBytes(4);
  const hash = createHash('sha256').update(salt).update(password).digest();
  return {
    name,
    password_hash: Buffer.concat([salt, hash]).toString('base64'),
    hashing_algorithm: 'rabbit_password_hashing_sha256',
    // RabbitMQ before 4.0 reads them as a text.
    tags: tags.join(','),
  };
}

const levelName = (delay: Topology['delay'], level: number): string => `${delay.name}.${String(level).padStart(2, '0')}`;
