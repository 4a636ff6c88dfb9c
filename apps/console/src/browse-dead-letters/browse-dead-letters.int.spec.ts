import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { asCustomer } from '#libs/testing';
import { aCapture, ConsoleFixture } from '../console.spec-support.js';
import type { LetterView } from '../letter/letter-view.js';

let desk: ConsoleFixture;
beforeAll(async () => {
  desk = await ConsoleFixture.start();
  for (let number = 1; number <= 3; number += 1)
    await desk.parked(aCapture, { error: `Error: no order ${randomUUID()} for ${number * 1000}`, reason: 'attempts-exhausted' });
  await desk.parked(aCapture, { queue: 'payment.refund-payment', error: 'Error: other' });
  const { id } = await desk.parked(aCapture, { queue: 'payment.refund-payment', type: 'payment.refund.v1', error: 'Error: other' });
  await desk.post(`/dead-letters/${id}/discard`, { reason: 'in a spec' });
});
afterAll(() => desk.stop());

interface List {
  items: LetterView[];
  next: string | null;
}

describe('the list of dead letters', () => {
  it('has those first that died last, in pages that leave none out', async () => {
    const seen: LetterView[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page = (await (await desk.get(`/dead-letters?limit=2${next && `&after=${next}`}`)).json()) as List;
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items);
      next = page.next;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(5);
    expect(seen.map(({ diedAt }) => diedAt)).toEqual(
      seen
        .map(({ diedAt }) => diedAt)
        .toSorted()
        .toReversed(),
    );
  });

  it.each([
    ['queue=payment.refund-payment', 2],
    ['type=payment.refund.v1', 1],
    ['status=discarded', 1],
    ['status=parked', 4],
    ['queue=payment.refund-payment&status=parked', 1],
    [`error=${encodeURIComponent('Error: no order … for #')}`, 3],
    ['queue=nobody', 0],
  ])('can be asked for %s', async (query, count) => {
    expect(await desk.list(query)).toHaveLength(count);
  });

  it('is for operators, and refuses what it does not know', async () => {
    expect((await desk.get('/dead-letters', {})).status).toBe(401);
    expect((await desk.get('/dead-letters', asCustomer('alice'))).status).toBe(403);
    expect((await desk.get('/dead-letters?status=lost')).status).toBe(422);
    expect((await desk.get('/dead-letters?after=AAAA')).status).toBe(400);
    expect((await desk.get(`/dead-letters/${randomUUID()}`)).status).toBe(404);
    expect((await desk.get('/dead-letters/nothing')).status).toBe(404);
  });
});

it('counts what has died of the same together, the largest group first', async () => {
  const { items } = (await (await desk.get('/dead-letters/groups')).json()) as { items: object[] };
  expect(items).toMatchObject([
    {
      queue: 'payment.capture-payment',
      type: 'payment.capture.v1',
      reason: 'attempts-exhausted',
      error: 'Error: no order … for #',
      count: 3,
    },
    { queue: 'payment.refund-payment', type: 'payment.capture.v1', error: 'Error: other', count: 1 },
  ]);
});

it('shows every queue with what waits in it', async () => {
  const { items } = (await (await desk.get('/queues')).json()) as { items: { name: string }[] };
  expect(items).toContainEqual({ name: 'payment.capture-payment', messages: 0, consumers: 0 });
  expect(items).toContainEqual({ name: 'orderly.dead-letters', messages: 0, consumers: 1 });
  await desk.vhost.deleteQueue('notification.email');
  const again = (await (await desk.get('/queues')).json()) as { items: { name: string }[] };
  expect(again.items).toContainEqual({ name: 'notification.email', messages: null, consumers: null });
});
