import { randomUUID } from 'node:crypto';
import { Stripe } from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headerOf, refusal, simulatorFixture, type SimulatorFixture } from '../psp-simulator.spec-support.js';

let simulator: SimulatorFixture;

beforeAll(async () => {
  simulator = await simulatorFixture();
});
afterAll(() => simulator.close());

describe('the same question with the same key', () => {
  it('gets the same answer, marked as said before, and does nothing', async () => {
    const attemptId = randomUUID();
    const first = await simulator.capture('pm_card_visa', attemptId);
    const second = await simulator.capture('pm_card_visa', attemptId);
    expect(second).toEqual(first);
    expect(headerOf(first, 'idempotent-replayed')).toBeNull();
    expect(headerOf(second, 'idempotent-replayed')).toBe('true');
    expect(headerOf(second, 'original-request')).toBe(headerOf(first, 'request-id'));
    expect(await simulator.booked(attemptId)).toMatchObject({ times: 1 });
  });

  it('gets a decline again', async () => {
    const attemptId = randomUUID();
    const errors = [
      await refusal(simulator.capture('pm_card_chargeDeclined', attemptId)),
      await refusal(simulator.capture('pm_card_chargeDeclined', attemptId)),
    ];
    expect(errors[1]!.payment_intent?.id).toBe(errors[0]!.payment_intent?.id);
    expect(errors.map(({ statusCode }) => statusCode)).toEqual([402, 402]);
  });

  it('gets 409 while the first is at work, and the answer afterwards', async () => {
    const attemptId = randomUUID();
    const first = simulator.capture('pm_sim_held', attemptId);
    await simulator.booked(attemptId);
    const others = await Promise.all(Array.from({ length: 5 }, () => refusal(simulator.capture('pm_sim_held', attemptId))));
    for (const error of others) expect(error).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    await simulator.control('POST', '/_faults/release', { attemptId, what: 'answer' });
    expect(await simulator.capture('pm_sim_held', attemptId).catch(() => first)).toEqual(await first);
    expect(await simulator.booked(attemptId)).toMatchObject({ times: 1 });
  });

  it('twenty times at once, captures once, and each is answered with it or with 409', async () => {
    const attemptId = randomUUID();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => simulator.capture('pm_card_visa', attemptId)));
    const { id } = await simulator.capture('pm_card_visa', attemptId);
    const said = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value.id : (outcome.reason as Stripe.errors.StripeError).statusCode,
    );
    expect(new Set([...said, id, 409])).toEqual(new Set([id, 409]));
    expect(await simulator.booked(attemptId)).toMatchObject({ times: 1 });
  });

  it('is the same in whatever order its parameters come', async () => {
    const attemptId = randomUUID();
    const parameters = simulator.captureParameters('pm_card_visa', attemptId);
    const first = await simulator.stripe.paymentIntents.create(parameters, { idempotencyKey: attemptId });
    const turned = Object.fromEntries(Object.entries(parameters).toReversed()) as unknown as typeof parameters;
    expect(await simulator.stripe.paymentIntents.create(turned, { idempotencyKey: attemptId })).toEqual(first);
  });

  it('is answered the same after a restart', async () => {
    const attemptId = randomUUID();
    const first = await simulator.capture('pm_card_visa', attemptId);
    await refusal(simulator.capture('pm_sim_hangNotCaptured', `${attemptId}-2`, simulator.hasty));
    await simulator.restart();
    expect(await simulator.capture('pm_card_visa', attemptId)).toEqual(first);
    expect(await simulator.capture('pm_sim_hangNotCaptured', `${attemptId}-2`)).toMatchObject({ status: 'succeeded' });
  });
});

describe('another question with the same key', () => {
  it.each([
    ['amount', { amount: 2599 }],
    ['payment method', { payment_method: 'pm_card_chargeDeclined' }],
    ['confirmation', { confirm: false }],
    ['metadata', { metadata: { attempt_id: 'another' } }],
  ])('is refused for its other %s, and nothing is done', async (_what, other) => {
    const attemptId = randomUUID();
    const parameters = simulator.captureParameters('pm_card_visa', attemptId);
    await simulator.stripe.paymentIntents.create(parameters, { idempotencyKey: attemptId });
    const error = await refusal(simulator.stripe.paymentIntents.create({ ...parameters, ...other }, { idempotencyKey: attemptId }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(error.statusCode).toBe(400);
    expect(await simulator.booked(attemptId)).toMatchObject({ status: 'succeeded', times: 1 });
  });

  it('is refused as another one also while the first is at work', async () => {
    const attemptId = randomUUID();
    const first = simulator.capture('pm_sim_held', attemptId);
    await simulator.booked(attemptId);
    expect(await refusal(simulator.capture('pm_card_visa', attemptId))).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' });
    await simulator.control('POST', '/_faults/release', { attemptId, what: 'answer' });
    await first;
  });

  it('is refused for its other path', async () => {
    const attemptId = randomUUID();
    const { id } = await simulator.capture('pm_card_visa', attemptId);
    expect(await refusal(simulator.stripe.refunds.create({ payment_intent: id }, { idempotencyKey: attemptId }))).toMatchObject({
      rawType: 'idempotency_error',
    });
  });
});

it('a question that was invalid leaves its key free', async () => {
  const attemptId = randomUUID();
  const parameters = simulator.captureParameters('pm_card_visa', attemptId);
  await refusal(simulator.stripe.paymentIntents.create({ ...parameters, amount: 0 }, { idempotencyKey: attemptId }));
  await refusal(simulator.stripe.paymentIntents.create({ ...parameters, payment_method: 'pm_card_none' }, { idempotencyKey: attemptId }));
  expect(await simulator.stripe.paymentIntents.create(parameters, { idempotencyKey: attemptId })).toMatchObject({ status: 'succeeded' });
});
