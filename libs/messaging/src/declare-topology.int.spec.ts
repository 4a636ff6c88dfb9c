import amqplib, { type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topology } from '#libs/contracts';
import { giveUsers, TcpProxy, testVhost } from '#libs/testing';
import { declarationsOf, declareTopology, TopologyDrift } from './declare-topology.js';
import { smallTopology } from './messaging.spec-support.js';

let vhost: Awaited<ReturnType<typeof testVhost>>;
let model: ChannelModel;

beforeAll(async () => {
  vhost = await testVhost();
  model = await amqplib.connect(vhost.url);
});
afterAll(async () => {
  await model.close();
  await vhost.drop();
});

describe('declaring the topology', () => {
  it('declares the whole map, and changes nothing the second time', async () => {
    await declareTopology(model, topology);
    await declareTopology(model, topology);
    const names = (await vhost.queues()).map(({ name }) => name).toSorted();
    expect(names).toEqual(
      declarationsOf(topology)
        .queues.map(({ name }) => name)
        .toSorted(),
    );
  });

  it('reports every difference in words, with exit code 78, and touches nothing', async () => {
    const changed = {
      ...smallTopology,
      queues: { ...topology.queues },
      delay: topology.delay,
      deliveryLimit: 7,
      exchanges: { ...topology.exchanges, notice: { name: 'orderly.notices', type: 'direct' as const } },
      maxLength: topology.maxLength,
    };
    const drift = await declareTopology(model, changed).catch((error: unknown) => error);
    expect(drift).toBeInstanceOf(TopologyDrift);
    const { differences, exitCode, message } = drift as TopologyDrift;
    expect(exitCode).toBe(78);
    expect(differences).toContain('queue order.settle-order: x-delivery-limit is 20 on the broker, 7 in the topology');
    expect(differences).toContain('exchange orderly.notices: type is fanout on the broker, direct in the topology');
    expect(differences).toHaveLength(1 + Object.keys(topology.queues).length);
    expect(message).toContain('Nothing was changed');
    await declareTopology(model, topology);
  });

  it('only looks whether all of it is there, by a user who may not declare, and names what is not', async () => {
    await declareTopology(model, topology);
    const users = await giveUsers(vhost);
    const order = await amqplib.connect(users.environmentOf('order').RABBITMQ_URL);
    order.on('error', () => {});
    await declareTopology(order, topology);
    const missing = ['order.expire-order', 'orderly.delay.07'];
    for (const queue of missing) await vhost.deleteQueue(queue);
    const drift = await declareTopology(order, topology).catch((error: unknown) => error);
    expect((drift as TopologyDrift).differences).toEqual(missing.map((queue) => expect.stringContaining(`no queue '${queue}'`)));
    await order.close();
    await users.drop();
    await declareTopology(model, topology);
  });

  it('gives up when the broker does not answer', async () => {
    const proxy = await TcpProxy.before(vhost.url);
    const through = await amqplib.connect(proxy.through(vhost.url));
    through.on('error', () => {});
    proxy.hold('server-to-client');
    await expect(declareTopology(through, topology, { silenceMs: 200 })).rejects.toThrow('the broker has answered nothing for 200 ms');
    await proxy.close();
  });

  it('takes its time with a broker that is slow and goes on answering', async () => {
    const proxy = await TcpProxy.before(vhost.url);
    const through = await amqplib.connect(proxy.through(vhost.url));
    proxy.delay(12);
    const silenceMs = 1_000;
    const startedAt = performance.now();
    await declareTopology(through, topology, { silenceMs });
    expect(performance.now() - startedAt).toBeGreaterThan(silenceMs);
    await through.close();
    await proxy.close();
  });
});
