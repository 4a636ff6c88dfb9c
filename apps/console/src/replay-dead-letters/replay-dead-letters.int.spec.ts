import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { replayableDays } from '#libs/contracts';
import { Transactions } from '#libs/messaging';
import { eventually } from '#libs/testing';
import { aCapture, captureQueue, ConsoleFixture } from '../console.spec-support.js';

let desk: ConsoleFixture;
beforeAll(async () => {
  desk = await ConsoleFixture.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await desk.reset();
});
afterAll(() => desk.stop());

const reason = 'the sender is mended';
const typeOf = async (response: Response) => [response.status, ((await response.json()) as { type?: string }).type];

describe('a replay', () => {
  it('is one delivery to the queue that failed, the same message as its first attempt, and is on record', async () => {
    const { id, messageId } = await desk.parked();
    const response = await desk.post(`/dead-letters/${id}/replay`, { reason });
    expect([response.status, response.headers.get('location')]).toEqual([202, `/dead-letters/${id}`]);
    const { replayId } = (await response.json()) as { replayId: string };
    const [message] = await desk.delivered(1);
    expect(JSON.parse(message!.content.toString())).toEqual(aCapture);
    expect(message!.properties).toMatchObject({ messageId, headers: { cloudEvents_id: messageId, 'orderly-replay': replayId } });
    expect(message!.properties.headers).not.toHaveProperty('orderly-attempt');
    expect(message!.properties.headers).not.toHaveProperty('orderly-error');
    expect(await desk.show(id)).toMatchObject({
      status: 'replaying',
      replays: [{ id: replayId, edited: false, operator: 'olga', reason, outcome: 'pending', settledAt: null }],
    });
    expect(await desk.audit()).toEqual([{ operator: 'olga', action: 'replay', reason, what: { id } }]);
  });

  it('is done by one of two operators who try at once; the other is told', async () => {
    const { id } = await desk.parked();
    const answers = await Promise.all(['olga', 'otto'].map((name) => desk.post(`/dead-letters/${id}/replay`, { reason }, name)));
    const told = await Promise.all(answers.map(typeOf));
    expect(told.toSorted(([one], [other]) => Number(one) - Number(other))).toEqual([
      [202, undefined],
      [409, '/problems/dead-letter-not-parked'],
    ]);
    await desk.delivered(1);
    expect(await desk.audit()).toHaveLength(1);
  });

  it('leaves nothing behind when its process dies before the commit: no state, no record, no delivery', async () => {
    const { id } = await desk.parked();
    const transactions = desk.app.get(Transactions);
    const run = transactions.run.bind(transactions);
    vi.spyOn(transactions, 'run').mockImplementationOnce((work) =>
      run(async (tx) => {
        await work(tx);
        throw new Error('the process has died');
      }),
    );
    expect((await desk.post(`/dead-letters/${id}/replay`, { reason })).status).toBe(500);
    expect(await desk.show(id)).toMatchObject({ status: 'parked', replays: [] });
    expect([await desk.audit(), await desk.waitingInOutbox()]).toEqual([[], 0]);
    await desk.replay(id);
    await desk.delivered(1);
  });

  it('needs an operator and a reason', async () => {
    const { id } = await desk.parked();
    expect(await typeOf(await desk.post(`/dead-letters/${id}/replay`, {}))).toEqual([422, '/problems/validation']);
    expect(await typeOf(await desk.post(`/dead-letters/${id}/replay`, { reason: '  ' }))).toEqual([422, '/problems/validation']);
    expect(await typeOf(await desk.post(`/dead-letters/${id}/replay`, { reason }, ''))).toEqual([401, '/problems/unauthenticated']);
    expect(await typeOf(await desk.post(`/dead-letters/${randomUUID()}/replay`, { reason }))).toEqual([
      404,
      '/problems/dead-letter-not-found',
    ]);
    expect(await desk.audit()).toEqual([]);
  });
});

describe('a message that was said too long ago to know whether it was handled', () => {
  const said = (days: number, minutes: number) => ({
    headers: { cloudEvents_time: new Date(Date.now() - days * 86_400_000 - minutes * 60_000).toISOString() },
  });

  it('is replayed right up to the limit, and not after it: by itself, edited, or among many', async () => {
    const young = await desk.parked(aCapture, said(replayableDays, -1));
    const old = await desk.parked(aCapture, said(replayableDays, 1));
    for (const [path, body] of [
      ['replay', { reason }],
      ['edit-and-replay', { reason, data: aCapture }],
    ] as const) {
      expect(await typeOf(await desk.post(`/dead-letters/${old.id}/${path}`, body))).toEqual([409, '/problems/dead-letter-not-replayable']);
    }
    const many = await desk.post('/dead-letters/replay', { reason, filter: {}, dryRun: false });
    expect(await many.json()).toMatchObject({ matching: 2, notReplayable: 1, ids: [young.id] });
    expect(await desk.show(old.id)).toMatchObject({ status: 'parked' });
    expect((await desk.post(`/dead-letters/${old.id}/discard`, { reason })).status).toBe(200);
  });

  it('is as old as its death at least, whatever it says of itself', async () => {
    const { id } = await desk.parked(aCapture, {
      headers: { cloudEvents_time: '2100-01-01T00:00:00.000Z', 'orderly-dead-at': '2020-01-01T00:00:00.000Z' },
    });
    expect(await typeOf(await desk.post(`/dead-letters/${id}/replay`, { reason }))).toEqual([409, '/problems/dead-letter-not-replayable']);
  });
});

describe('the end of a replay', () => {
  it.each(['done', 'duplicate'] as const)('is shown: %s; told twice, it is taken once', async (outcome) => {
    const { id, messageId } = await desk.parked();
    const replayId = await desk.replay(id);
    const saying = randomUUID();
    await desk.say(outcome, { replayId, messageId }, saying);
    await desk.say(outcome, { replayId, messageId }, saying);
    const letter = await desk.sees(id, outcome);
    expect(letter.replays).toMatchObject([{ id: replayId, outcome, settledAt: expect.any(String) }]);
    await eventually(async () => expect(await desk.vhost.depth('console.settle-replays')).toMatchObject({ messages: 0 }));
    expect((await desk.show(id)).history.map(({ cause }) => cause)).toEqual(['died', 'replayed', outcome]);
    expect(await typeOf(await desk.post(`/dead-letters/${id}/replay`, { reason }))).toEqual([409, '/problems/dead-letter-not-parked']);
  });

  it('is done when one copy was handled and the other one knew it, in whatever order that is heard', async () => {
    const { id, messageId } = await desk.parked();
    const replayId = await desk.replay(id);
    await desk.say('duplicate', { replayId, messageId });
    await desk.sees(id, 'duplicate');
    await desk.say('done', { replayId, messageId });
    await desk.say('duplicate', { replayId, messageId });
    expect((await desk.sees(id, 'done')).replays).toMatchObject([{ outcome: 'done' }]);
  });

  it('is dead when it dies again: parked with its new error, and can be replayed once more', async () => {
    const { id, messageId } = await desk.parked();
    const first = await desk.replay(id);
    await desk.park(aCapture, { id: messageId, replayId: first, error: 'Error: still broken', reason: 'permanent' });
    const again = await desk.sees(id, 'parked');
    expect(again).toMatchObject({ error: 'Error: still broken', reason: 'permanent', replays: [{ id: first, outcome: 'dead' }] });
    const second = await desk.replay(id);
    // Late news of the first changes nothing: a copy of it, dead or done.
    await desk.park(aCapture, { id: messageId, replayId: first, error: 'Error: a copy' });
    await desk.say('done', { replayId: second, messageId });
    expect(await desk.sees(id, 'done')).toMatchObject({
      error: 'Error: still broken',
      replays: [{ outcome: 'dead' }, { outcome: 'done' }],
    });
  });

  it('is not taken for that of a letter which the broker delivers a second time', async () => {
    const { id, messageId } = await desk.parked();
    await desk.replay(id);
    await desk.park(aCapture, { id: messageId });
    await desk.parked();
    expect(await desk.show(id)).toMatchObject({ status: 'replaying' });
  });
});

describe('an edited replay', () => {
  const edit = (id: string, data: unknown) => desk.post(`/dead-letters/${id}/edit-and-replay`, { reason, data });

  it('says what the operator has mended, under the same id; what it said before is kept', async () => {
    const { id, messageId } = await desk.parked({ ...aCapture, attemptId: 'broken' }, { reason: 'schema-violation' });
    expect((await edit(id, aCapture)).status).toBe(202);
    const [message] = await desk.delivered(1);
    expect([message!.properties.messageId, JSON.parse(message!.content.toString())]).toEqual([messageId, aCapture]);
    expect(await desk.show(id)).toMatchObject({
      status: 'replaying',
      data: aCapture,
      original: { ...aCapture, attemptId: 'broken' },
      replays: [{ edited: true, operator: 'olga', outcome: 'pending' }],
    });
    expect(await desk.audit()).toMatchObject([{ action: 'edit-and-replay', reason }]);
  });

  it('can make of bytes that nobody could read a message', async () => {
    const { id } = await desk.parked(Buffer.from([0xff, 0xfe]), { reason: 'malformed' });
    expect((await edit(id, aCapture)).status).toBe(202);
    const [message] = await desk.delivered(1);
    expect(JSON.parse(message!.content.toString())).toEqual(aCapture);
    expect(await desk.show(id)).toMatchObject({ data: aCapture, original: expect.any(String) });
  });

  it("is refused with every member that the message's schema has something against, and changes nothing", async () => {
    const { id } = await desk.parked({});
    const response = await edit(id, { orderId: 'none', paymentId: aCapture.paymentId });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      type: '/problems/validation',
      errors: [{ pointer: '#/data/orderId' }, { pointer: '#/data/attemptId', code: 'required' }],
    });
    expect(await desk.show(id)).toMatchObject({ status: 'parked', data: {}, original: null });
    expect(await desk.audit()).toEqual([]);
  });

  it('is refused when its queue takes no such type', async () => {
    const { id } = await desk.parked(aCapture, { type: 'payment.captured.v9' });
    expect(await typeOf(await edit(id, aCapture))).toEqual([409, '/problems/dead-letter-not-replayable']);
  });

  it('takes what is hidden back as it was shown, and refuses a mark that stands for nothing', async () => {
    const placed = {
      orderId: aCapture.orderId,
      customer: { id: 'alice', email: 'alice@example.com' },
      total: { amountMinor: -1, currency: 'EUR' },
    };
    const { id } = await desk.parked(placed, { type: 'order.paid.v1', queue: 'notification.notify-customer' });
    const { data } = (await desk.show(id)) as { data: typeof placed };
    expect(data.customer.email).toBe('[e-mail]');
    const wrong = await edit(id, { ...data, total: { amountMinor: 1, currency: 'EUR' }, customer: { id: '[e-mail]', email: '[e-mail]' } });
    expect(await wrong.json()).toMatchObject({ errors: [{ pointer: '#/data/customer/id', code: 'redacted' }] });
    expect((await edit(id, { ...data, total: { amountMinor: 1, currency: 'EUR' } })).status).toBe(202);
    const message = await eventually(
      async () => (await desk.vhost.take('notification.notify-customer')) ?? Promise.reject(new Error('none')),
    );
    expect(JSON.parse(message.content.toString())).toEqual({ ...placed, total: { amountMinor: 1, currency: 'EUR' } });
  });
});

describe('a replay of many', () => {
  const many = async (body: object) => {
    const response = await desk.post('/dead-letters/replay', { reason, filter: { queue: captureQueue }, ...body });
    return (await response.json()) as { dryRun: boolean; matching: number; notReplayable: number; ids: string[] };
  };

  it('only says what it would do, unless told otherwise', async () => {
    const letters = [await desk.parked(), await desk.parked(), await desk.parked(Buffer.from([0xff]))];
    await desk.parked(aCapture, { queue: 'payment.refund-payment' });
    const found = await many({});
    expect(found).toMatchObject({ dryRun: true, matching: 3, notReplayable: 1 });
    expect(found.ids).toEqual([letters[0]!.id, letters[1]!.id]);
    expect(await desk.list('status=parked')).toHaveLength(4);
    expect([await desk.audit(), await desk.waitingInOutbox()]).toEqual([[], 0]);
  });

  it('replays those that died first, up to its cap, each once, with one record', async () => {
    const letters = [await desk.parked(), await desk.parked(), await desk.parked()];
    const ids = letters.slice(0, 2).map(({ id }) => id);
    expect(await many({ dryRun: false, limit: 2 })).toMatchObject({ dryRun: false, matching: 3, ids });
    const messages = await desk.delivered(2);
    expect(messages.map(({ properties }) => properties.messageId as string).toSorted()).toEqual(
      letters
        .slice(0, 2)
        .map(({ messageId }) => messageId)
        .toSorted(),
    );
    expect(await desk.audit()).toEqual([
      { operator: 'olga', action: 'replay-many', reason, what: { filter: { queue: captureQueue }, limit: 2, ids } },
    ]);
    expect((await desk.show(ids[0]!)).replays).toMatchObject([{ operator: 'olga', reason }]);
  });

  it('replays each letter once when two operators do it at the same time', async () => {
    for (let number = 0; number < 10; number += 1) await desk.park(aCapture);
    await eventually(async () => expect(await desk.list('status=parked')).toHaveLength(10));
    const both = await Promise.all([many({ dryRun: false }), many({ dryRun: false })]);
    const done = both.flatMap(({ ids }) => ids);
    expect(new Set(done).size).toBe(done.length);
    const left = await many({ dryRun: false });
    expect(done.length + left.ids.length).toBe(10);
    await desk.delivered(10);
  });

  it('may not be of more than a thousand', async () => {
    expect((await desk.post('/dead-letters/replay', { reason, filter: {}, limit: 1001 })).status).toBe(422);
    expect((await desk.post('/dead-letters/replay', { reason })).status).toBe(422);
  });
});

it('a discarded letter is kept with who decided so and why, and is never sent', async () => {
  const { id } = await desk.parked();
  expect(await typeOf(await desk.post(`/dead-letters/${id}/discard`, {}))).toEqual([422, '/problems/validation']);
  const response = await desk.post(`/dead-letters/${id}/discard`, { reason: 'a test order' });
  expect([response.status, await response.json()]).toEqual([200, { id, status: 'discarded' }]);
  expect((await desk.show(id)).history.at(-1)).toMatchObject({ status: 'discarded', operator: 'olga', reason: 'a test order' });
  expect(await typeOf(await desk.post(`/dead-letters/${id}/discard`, { reason }))).toEqual([409, '/problems/dead-letter-not-parked']);
  expect(await typeOf(await desk.post(`/dead-letters/${id}/replay`, { reason }))).toEqual([409, '/problems/dead-letter-not-parked']);
  expect(await desk.audit()).toMatchObject([{ action: 'discard', reason: 'a test order' }]);
  await desk.delivered(0);
});
