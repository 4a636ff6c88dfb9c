import { randomUUID } from 'node:crypto';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CapturePayment, envelopeToHeaders, topology } from '#libs/contracts';
import { asOperator, eventually, operatorToken, startWorld, type World } from '#libs/testing';
import { verifyEventually } from '#libs/verify';
import { legalMoves } from '../../demo/legal-moves.js';
import { Customer } from './customer.spec-support.js';

let world: World;
let client: ChannelModel;
let channel: ConfirmChannel;

beforeAll(async () => {
  // Else the sweeper of the payment service would find what has died before its operator does.
  world = await startWorld({ console: true, envOf: { payment: { RECONCILE_GRACE_SECONDS: '600' } } });
  client = await connect(world.vhost.url);
  channel = await client.createConfirmChannel();
});
afterAll(async () => {
  await client.close();
  await world.stop();
});

interface Letter {
  readonly id: string;
  readonly messageId: string;
  readonly status: string;
  readonly orderId: string | null;
  readonly data: Record<string, string>;
  readonly original: Record<string, string> | null;
  readonly replays: { outcome: string; operator: string; edited: boolean }[];
}

/** Somebody who looks after the shop, over HTTP. */
const operator = {
  async get<Body>(path: string): Promise<Body> {
    return (await (await fetch(world.console.baseUrl + path, { headers: asOperator('olga') })).json()) as Body;
  },
  post(path: string, body: object): Promise<Response> {
    const headers = { ...asOperator('olga'), 'content-type': 'application/json' };
    return fetch(world.console.baseUrl + path, { method: 'POST', headers, body: JSON.stringify(body) });
  },
  async finds(messageId: string): Promise<Letter> {
    return eventually(async () => {
      const { items } = await operator.get<{ items: Letter[] }>('/dead-letters?limit=100');
      const found = items.find((letter) => letter.messageId === messageId);
      if (!found) throw new Error(`no dead letter of ${messageId}`);
      return operator.get<Letter>(`/dead-letters/${found.id}`);
    });
  },
  sees(id: string, status: string): Promise<Letter> {
    return eventually(async () => {
      const letter = await operator.get<Letter>(`/dead-letters/${id}`);
      expect(letter.status).toBe(status);
      return letter;
    });
  },
};

const queue = 'payment.capture-payment';
const { name: type } = CapturePayment;
const commands = topology.exchanges.command.name;

/** Puts a command into its queue, as if the payment service had said it so. */
async function put(body: object, headers: object, id: string): Promise<void> {
  channel.sendToQueue(queue, Buffer.from(JSON.stringify(body)), { persistent: true, messageId: id, type, headers });
  await channel.waitForConfirms();
}

/** Places an order whose command to capture is caught on its way. */
async function placedAndCaught(
  customer: Customer,
): Promise<{ orderId: string; id: string; data: Record<string, string>; headers: object }> {
  const { queue: trap } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(trap, commands, type);
  await channel.unbindQueue(queue, commands, type);
  const { id: orderId } = await customer.place({ paymentMethod: 'pm_card_visa' });
  const caught = await eventually(
    async () => (await channel.get(trap, { noAck: true })) || Promise.reject(new Error('nothing was caught')),
  );
  await channel.bindQueue(queue, commands, type);
  await channel.deleteQueue(trap);
  const { messageId, headers } = caught.properties;
  return {
    orderId,
    id: messageId as string,
    data: JSON.parse(caught.content.toString()) as Record<string, string>,
    headers: headers ?? {},
  };
}

describe('an order whose command to capture came broken', () => {
  const alice = () => new Customer(world);

  it('is found by the group of its dead letter, dies again unchanged, is mended, and is paid', async () => {
    const customer = alice();
    const { orderId, id, data, headers } = await placedAndCaught(customer);
    const { attemptId, ...broken } = data;
    await put(broken, headers, id);
    const letter = await operator.finds(id);
    const groups = await operator.get<{ items: object[] }>('/dead-letters/groups');
    expect(groups.items).toMatchObject([
      { queue, type, reason: 'schema-violation', error: expect.stringContaining('attemptId'), count: 1 },
    ]);
    expect(letter).toMatchObject({ status: 'parked', orderId, data: broken, original: null });

    expect((await operator.post(`/dead-letters/${letter.id}/replay`, { reason: 'perhaps it was chance' })).status).toBe(202);
    await eventually(async () =>
      expect(await operator.get(`/dead-letters/${letter.id}`)).toMatchObject({ status: 'parked', replays: [{ outcome: 'dead' }] }),
    );
    expect((await customer.order(orderId)).status).toBe('awaiting_payment');

    const edit = (edited: object) =>
      operator.post(`/dead-letters/${letter.id}/edit-and-replay`, { reason: 'the attempt is known', data: edited });
    expect((await edit({ ...broken, attemptId: 'the first one' })).status).toBe(422);
    expect((await edit({ ...broken, attemptId })).status).toBe(202);
    await customer.sees(orderId, 'paid');
    expect(await operator.sees(letter.id, 'done')).toMatchObject({
      data,
      original: broken,
      replays: [
        { outcome: 'dead', operator: 'olga', edited: false },
        { outcome: 'done', operator: 'olga', edited: true },
      ],
    });
    await customer.isTold(/We have your order/, /Your order is paid/);
  });

  it('is paid once when its command was handled after all and its dead letter is replayed', async () => {
    const customer = alice();
    const { orderId, id, data, headers } = await placedAndCaught(customer);
    await put(data, headers, id);
    await customer.sees(orderId, 'paid');
    // What a consumer leaves that has parked a message, died before it acknowledged, and succeeded the next time.
    channel.publish(topology.deadLetters, queue, Buffer.from(JSON.stringify(data)), { messageId: id, headers });
    const letter = await operator.finds(id);
    expect((await operator.post(`/dead-letters/${letter.id}/replay`, { reason: 'was it lost?' })).status).toBe(202);
    await operator.sees(letter.id, 'duplicate');
    expect((await operator.post(`/dead-letters/${letter.id}/replay`, { reason: 'again' })).status).toBe(409);
    expect(await customer.payment(orderId)).toMatchObject({ status: 'captured', attempts: [{ outcome: 'captured' }] });
  });

  it('stays as it is when its dead letter is about nothing, and is discarded', async () => {
    const nothing = { orderId: randomUUID(), paymentId: randomUUID(), attemptId: randomUUID() };
    const id = randomUUID();
    const { orderId: subject } = nothing;
    await put(
      nothing,
      envelopeToHeaders({ id, type, source: '/spec', subject, time: new Date().toISOString(), correlationId: subject }),
      id,
    );
    const letter = await operator.finds(id);
    expect((await operator.post(`/dead-letters/${letter.id}/discard`, { reason: 'there is no such order' })).status).toBe(200);
    expect(await operator.get('/dead-letters/groups')).toEqual({ items: [] });
  });

  it('is repaired together with all that have died of the same', async () => {
    // A queue that was full for a moment, say: what lies there is as it should be.
    const customers = [alice(), alice(), alice()];
    const caught = [];
    for (const customer of customers) caught.push(await placedAndCaught(customer));
    for (const { id, data, headers } of caught) {
      const died = {
        ...headers,
        'orderly-queue': queue,
        'orderly-reason': 'attempts-exhausted',
        'orderly-error': 'Error: too many connections',
      };
      channel.publish(topology.deadLetters, queue, Buffer.from(JSON.stringify(data)), { messageId: id, headers: died });
    }
    for (const { id } of caught) await operator.finds(id);
    const body = { filter: { queue, error: 'Error: too many connections' }, reason: 'the database has more now' };
    const dry = (await (await operator.post('/dead-letters/replay', body)).json()) as { matching: number; ids: string[] };
    expect(dry).toMatchObject({ dryRun: true, matching: 3, ids: { length: 3 } });
    await operator.post('/dead-letters/replay', { ...body, dryRun: false });
    for (const [index, customer] of customers.entries()) await customer.sees(caught[index]!.orderId, 'paid');
    for (const id of dry.ids) await operator.sees(id, 'done');
  });

  it('leaves no outbox in which anything waits; a service that does not answer is a gap with its reason', async () => {
    const outboxes = () => operator.get<{ items: object[] }>('/outbox');
    const empty = { waiting: 0, parked: 0, oldestSeconds: null, gap: null };
    const services = ['order', 'payment', 'notification', 'console'];
    await eventually(async () => expect((await outboxes()).items).toEqual(services.map((service) => ({ service, ...empty }))));
    world.order.pause();
    const gap = { service: 'order', waiting: null, parked: null, oldestSeconds: null, gap: 'no answer within 2000 ms' };
    expect((await outboxes()).items).toContainEqual(gap);
    world.order.resume();
  });

  it('leaves books in which nothing is wrong', async () => {
    const { databaseUrls, vhost, order, payment } = world;
    const baseUrls = { order: order.baseUrl, payment: payment.baseUrl };
    const system = {
      databaseUrls,
      rabbitmq: { url: vhost.url, managementUrl: vhost.managementUrl },
      baseUrls,
      operatorToken: operatorToken('verify'),
      legalMoves,
    };
    const results = await verifyEventually(system, 20_000);
    expect(results.filter(({ violations }) => violations > 0)).toEqual([]);
  });
});
