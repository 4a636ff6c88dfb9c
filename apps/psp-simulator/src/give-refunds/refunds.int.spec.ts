import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing';
import { headerOf, refusal, simulatorFixture, type SimulatorFixture } from '../psp-simulator.spec-support.js';

let simulator: SimulatorFixture;

beforeAll(async () => {
  simulator = await simulatorFixture();
});
afterAll(() => simulator.close());

const refund = (intent: string, amount: number, key: string = randomUUID(), by = simulator.stripe) =>
  by.refunds.create({ payment_intent: intent, amount, metadata: { refund_id: key } }, { idempotencyKey: key });

const refundedOf = async (intent: string) =>
  (
    await simulator.rows<{ sum: number }>('SELECT coalesce(sum(amount_minor), 0)::bigint AS sum FROM refunds WHERE payment_intent = $1', [
      intent,
    ])
  )[0]!.sum;

const announced = (refundId: string) =>
  simulator.receiver.received.filter(({ event }) => (event.data.object as { id: string }).id === refundId).map(({ event }) => event.type);

describe('a refund', () => {
  it('gives back in parts, until nothing is left', async () => {
    const { id } = await simulator.capture('pm_card_visa');
    const first = await refund(id, 1000);
    expect(first).toMatchObject({ object: 'refund', amount: 1000, currency: 'eur', status: 'succeeded', payment_intent: id });
    expect(await refusal(refund(id, 1599))).toMatchObject({ statusCode: 400, rawType: 'invalid_request_error', param: 'amount' });
    const rest = await simulator.stripe.refunds.create({ payment_intent: id });
    expect(rest.amount).toBe(1598);
    expect(await refusal(refund(id, 1))).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' });
    expect(await simulator.stripe.refunds.retrieve(first.id)).toMatchObject({ id: first.id, status: 'succeeded' });
    await eventually(() => expect(announced(first.id)).toEqual(['refund.created']));
  });

  it('is listed, the latest first, a page at a time', async () => {
    const { id } = await simulator.capture('pm_card_visa');
    const ids: string[] = [];
    for (const amount of [100, 200, 300]) ids.push((await refund(id, amount)).id);
    const page = await simulator.stripe.refunds.list({ payment_intent: id, limit: 2 });
    expect([page.data.map((one) => one.id), page.has_more]).toEqual([ids.toReversed().slice(0, 2), true]);
    const all: string[] = [];
    for await (const one of simulator.stripe.refunds.list({ payment_intent: id, limit: 2 })) all.push(one.id);
    expect(all).toEqual(ids.toReversed());
  });

  it('asked for thirty times at once, never gives back more than was captured', async () => {
    const { id } = await simulator.capture('pm_card_visa');
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => refund(id, 500)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(await refundedOf(id)).toBe(2500);
  });

  it('with the same key at once and again is one refund', async () => {
    const { id } = await simulator.capture('pm_card_visa');
    const key = randomUUID();
    await Promise.allSettled(Array.from({ length: 10 }, () => refund(id, 500, key)));
    const again = await refund(id, 500, key);
    expect(headerOf(again, 'idempotent-replayed')).toBe('true');
    expect(await refundedOf(id)).toBe(500);
    expect(await refusal(refund(id, 501, key))).toMatchObject({ rawType: 'idempotency_error' });
  });

  it('that was refused stays refused under its key', async () => {
    const { id } = await simulator.capture('pm_card_visa');
    const key = randomUUID();
    for (let time = 1; time <= 2; time++) expect(await refusal(refund(id, 9999, key))).toMatchObject({ statusCode: 400, param: 'amount' });
  });

  it.each([
    ['was declined', async () => (await refusal(simulator.capture('pm_card_chargeDeclined'))).payment_intent!.id],
    ['is processing', async () => (await simulator.capture('pm_card_processing')).id],
    ['nobody knows', async () => 'pi_0'],
  ])('of a payment that %s is refused', async (_what, intent) => {
    expect(await refusal(refund(await intent(), 100))).toMatchObject({ statusCode: 400, rawType: 'invalid_request_error' });
  });

  it('that nobody knows is a 404', async () =>
    expect(await refusal(simulator.stripe.refunds.retrieve('re_0'))).toMatchObject({ statusCode: 404, code: 'resource_missing' }));

  it('of pm_card_pendingRefund is pending at first, and its end is announced', async () => {
    const { id } = await simulator.capture('pm_card_pendingRefund');
    const pending = await refund(id, 2598);
    expect(pending.status).toBe('pending');
    expect(await refusal(refund(id, 1))).toMatchObject({ code: 'charge_already_refunded' });
    await eventually(async () => expect((await simulator.stripe.refunds.retrieve(pending.id)).status).toBe('succeeded'));
    await eventually(() => expect(announced(pending.id)).toEqual(['refund.created', 'refund.updated']));
  });

  it.each([
    ['hangCaptured', undefined, 100, 'succeeded'],
    ['hangNotCaptured', undefined, 0, 'succeeded'],
    ['failCaptured', 500, 100, '500'],
    ['rateLimited', 429, 0, 'succeeded'],
  ] as const)('can be told to go %s: %s, with %i given back, and %s the next time', async (answer, status, given, next) => {
    const { id } = await simulator.capture('pm_card_visa');
    await simulator.control('PUT', '/_faults', { refunds: { [answer]: 1 } });
    const key = randomUUID();
    const patience = status === undefined ? simulator.hasty : simulator.stripe;
    expect((await refusal(refund(id, 100, key, patience))).statusCode).toBe(status);
    await eventually(async () => expect(await refundedOf(id)).toBe(given));
    const again = await refund(id, 100, key).catch((error: { statusCode: number }) => ({ status: String(error.statusCode) }));
    expect(again.status).toBe(next);
    expect(await refundedOf(id)).toBe(100);
    await simulator.control('PUT', '/_faults', {});
  });
});
