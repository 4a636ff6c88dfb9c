import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { topology } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { aCapture, captureQueue, ConsoleFixture, orderId } from '../console.spec-support.js';

let desk: ConsoleFixture;
beforeAll(async () => {
  desk = await ConsoleFixture.start();
});
afterEach(() => desk.reset());
afterAll(() => desk.stop());

const countOf = async (table: string) => (await desk.rows.query(`SELECT count(*)::integer AS count FROM ${table}`))[0].count as number;

describe('a dead letter', () => {
  it('is kept with its reason, error, attempts, headers and what it says, and is off the broker', async () => {
    const { id, messageId } = await desk.parked();
    expect(await desk.show(id)).toMatchObject({
      messageId,
      queue: captureQueue,
      type: 'payment.capture.v1',
      orderId,
      status: 'parked',
      reason: 'attempts-exhausted',
      error: 'Error: it broke',
      attempts: 6,
      data: aCapture,
      text: null,
      original: null,
      headers: { cloudEvents_id: messageId, 'orderly-attempt': 6 },
      conversation: `/conversations/${orderId}`,
      replays: [],
      history: [{ sequence: 1, status: 'parked', cause: 'died', error: 'Error: it broke', operator: null }],
    });
    await eventually(async () => expect(await desk.vhost.depth(topology.deadLetters)).toMatchObject({ messages: 0 }));
  });

  it('that comes twice, together or apart, is kept once', async () => {
    const id = randomUUID();
    await Promise.all([desk.park(aCapture, { id }), desk.park(aCapture, { id })]);
    await desk.parked(aCapture, { id });
    await desk.parked();
    expect(await countOf('dead_letters')).toBe(2);
    expect(await countOf('dead_letter_history')).toBe(2);
  });

  it('of two queues that failed at the same message is two', async () => {
    const id = await desk.park(aCapture);
    await desk.park(aCapture, { id, queue: 'payment.reconcile-payments' });
    await eventually(async () => expect((await desk.list()).map(({ messageId }) => messageId)).toEqual([id, id]));
  });

  it('is shown without e-mail addresses and card numbers', async () => {
    const { id } = await desk.parked(
      { note: 'card 4242 4242 4242 4242', email: 'alice@example.com' },
      { error: 'Error: cannot write to alice@example.com' },
    );
    const shown = await desk.show(id);
    expect(shown).toMatchObject({ data: { note: '[card number]', email: '[e-mail]' }, error: 'Error: cannot write to [e-mail]' });
    expect(JSON.stringify(await desk.list())).not.toContain('alice@');
    expect(JSON.stringify(shown)).not.toMatch(/alice@|4242/);
  });
});

describe('what can hardly be read', () => {
  it('is kept as its bytes and shown as text', async () => {
    const { id } = await desk.parked(Buffer.from([0x7b, 0xff, 0x00, 0x41]), { reason: 'malformed' });
    expect(await desk.show(id)).toMatchObject({ data: null, text: expect.stringContaining('A'), bytes: 4, reason: 'malformed' });
    expect(await (await desk.post(`/dead-letters/${id}/replay`, { reason: 'try' })).json()).toMatchObject({
      type: '/problems/dead-letter-not-replayable',
    });
  });

  it('is kept under an id of its own when it has none, once, and can be discarded', async () => {
    for (let time = 0; time < 2; time += 1) desk.channel.publish(topology.deadLetters, 'elsewhere', Buffer.from('what is this'));
    await desk.channel.waitForConfirms();
    const [letter] = await eventually(async () => {
      const letters = await desk.list();
      expect(letters).toMatchObject([{ queue: 'elsewhere', type: null, orderId: null, reason: 'unknown', attempts: 1 }]);
      return letters;
    });
    expect(await (await desk.post(`/dead-letters/${letter!.id}/replay`, { reason: 'try' })).json()).toMatchObject({
      type: '/problems/dead-letter-not-replayable',
    });
    expect((await desk.post(`/dead-letters/${letter!.id}/discard`, { reason: 'not ours' })).status).toBe(200);
  });

  it('is kept when it is as large as messages can be, and shown in part', async () => {
    const { id } = await desk.parked({ pad: 'x'.repeat(5_000_000) });
    const shown = await desk.show(id);
    expect(shown).toMatchObject({ data: null, bytes: 5_000_010 });
    expect(shown.text).toHaveLength(16 * 1024);
  });
});

it('keeps what the broker itself has given up, under the queue that it was delivered from too often', async () => {
  const id = randomUUID();
  desk.channel.publish('', captureQueue, Buffer.from(JSON.stringify(aCapture)), { persistent: true, messageId: id });
  await desk.channel.waitForConfirms();
  for (let delivery = 0; delivery <= topology.deliveryLimit; delivery += 1) {
    const message = await eventually(async () => (await desk.channel.get(captureQueue)) || Promise.reject(new Error('not there yet')));
    desk.channel.nack(message);
  }
  await eventually(async () =>
    expect(await desk.list()).toMatchObject([
      { messageId: id, queue: captureQueue, reason: 'delivery-limit', error: 'the broker gave it up: delivery-limit' },
    ]),
  );
});
