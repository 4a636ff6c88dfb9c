import { describe, expect, it } from 'vitest';
import { brokerDefinitions, privilegesOf, privilegesToDeploy } from './privileges.js';
import { messageTypes } from './schemas.js';
import { topology, type Topology } from './topology.js';

const services = ['order', 'payment', 'notification', 'console'] as const;
const privileges = Object.fromEntries(services.map((service) => [service, privilegesOf(service, topology)]));
const may = (pattern: string | undefined, name: string) => new RegExp(pattern ?? '^$').test(name);
const mayPublish = (service: string, exchange: string, key = '') => {
  const { write, topics } = privileges[service]!;
  const topic = topics.find((one) => one.exchange === exchange);
  return may(write, exchange) && (topic === undefined || may(topic.write, key));
};
const those = (allowed: (service: string) => boolean) => services.filter(allowed);

describe('who does what', () => {
  it('names somebody who says each message, and only messages that somebody takes or hears', () => {
    const taken = new Set(messageTypes.map(({ name }) => name));
    const said = new Set(
      Object.values(topology.services).flatMap((service) => ('says' in service ? service.says.map(({ name }) => name) : [])),
    );
    expect(new Set<string>([...said, 'dead-letter.replayed.v1'])).toEqual(taken);
  });
});

describe('what a user of the broker may publish', () => {
  it.each([
    ['orderly.events', 'order.placed.v1', ['order']],
    ['orderly.events', 'payment.captured.v1', ['payment']],
    ['orderly.events', 'dead-letter.replayed.v1', services],
    ['orderly.events', 'order.placed.v12', []],
    ['orderly.events', 'orderXplaced.v1', []],
    ['orderly.notices', '', ['notification']],
    ['orderly.activity', '', services],
    ['orderly.queries', 'payment.view', ['order', 'console']],
    ['orderly.queries', 'order.view', ['console']],
    ['orderly.queries', 'console.answers.host-1.0a1b2c3d', ['order', 'payment', 'notification']],
    ['orderly.dead-letters', 'order.settle-order', ['order']],
    ['orderly.delay', 'lane-5.order.settle-order', ['order', 'console']],
    ['orderly.delay', 'lane-900.order.expire-order', ['order', 'console']],
    ['orderly.delay.03', '0.1.0.0.payment.capture-payment', ['payment', 'console']],
    ['orderly.delay.deliver', 'notification.email', ['notification', 'console']],
    ['orderly.delay.deliver', 'console.settle-replays', ['console']],
    // Reaches every queue.
    ['amq.default', 'payment.capture-payment', []],
    ['amq.topic', 'order.placed.v1', []],
  ])('by %s with %j: %j', (exchange, key, allowed) => {
    expect(those((service) => mayPublish(service, exchange, key))).toEqual(allowed);
  });
});

it('may publish any command when it says one: a direct exchange knows no senders', () => {
  const says = (service: string) =>
    ((topology.services as Topology['services'])[service]?.says ?? []).some(({ kind }) => kind === 'command');
  expect(those((service) => mayPublish(service, 'orderly.commands'))).toEqual(those(says));
});

describe('what it may take', () => {
  it.each([
    ...Object.keys(topology.queues),
    ...topology.queries.map(({ name }) => name),
    topology.auditTrail.queue,
    topology.activity.queue,
  ])('from %s only whose it is', (queue) => {
    expect(those((service) => may(privileges[service]!.read, queue))).toEqual([queue.split('.')[0]]);
  });

  it('of the dead letters, for whoever repairs them', () => {
    expect(those((service) => may(privileges[service]!.read, topology.deadLetters))).toEqual(['console']);
  });

  it('of what is said live, by exchanges that it hears', () => {
    expect(those((service) => may(privileges[service]!.read, 'orderly.notices'))).toEqual(['notification']);
    expect(those((service) => may(privileges[service]!.read, 'orderly.events'))).toEqual(['order']);
    const { read } = privileges['order']!.topics.find(({ exchange }) => exchange === 'orderly.events')!;
    expect(may(read, 'product.repriced.v1')).toBe(true);
    expect(may(read, 'order.placed.v1') || may(read, '#') || may(read, 'product.*')).toBe(false);
  });

  it('of answers, its own', () => {
    const { read } = privileges['order']!.topics.find(({ exchange }) => exchange === 'orderly.queries')!;
    expect(may(read, 'order.answers.host-1.0a1b2c3d')).toBe(true);
    expect(may(read, 'console.answers.host-1.0a1b2c3d')).toBe(false);
    expect(may(read, 'order.view')).toBe(false);
  });
});

it('may declare nothing but the queues that a replica takes along', () => {
  for (const service of services) {
    const { configure } = privileges[service]!;
    expect(may(configure, `${service}.live.host-1.x`) && may(configure, `${service}.answers.host-1.x`)).toBe(true);
    for (const name of ['order.settle-order', 'orderly.events', 'orderly.delay.03', 'other.live.x', `${service}.mine`])
      expect(may(configure, name)).toBe(false);
  }
});

it('lets whoever deploys declare all of it, and leaves the own exchanges of the broker alone', () => {
  const { configure, write, read } = privilegesToDeploy(topology);
  for (const pattern of [configure, write, read]) {
    for (const name of [
      ...Object.keys(topology.queues),
      'orderly.events',
      'orderly.delay',
      'orderly.delay.19',
      'console.audit-trail',
      'order.view',
    ])
      expect(may(pattern, name)).toBe(true);
    for (const name of ['amq.default', 'amq.topic', 'another.queue']) expect(may(pattern, name)).toBe(false);
  }
});

it('says all of it in definitions without passwords', () => {
  const login = (name: string) => ({ name, password: `hush-${name}` });
  const logins = Object.fromEntries([...services, 'deploy'].map((name) => [name, login(name)]));
  const definitions = brokerDefinitions(topology, 'orderly', logins);
  expect(JSON.stringify(definitions)).not.toContain('hush');
  expect(definitions).toMatchObject({
    vhosts: [{ name: 'orderly' }],
    users: [...services, 'deploy'].map((name) => ({ name, tags: '', password_hash: expect.stringMatching(/^[\w+/]{48}$/) })),
  });
});
