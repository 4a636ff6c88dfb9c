import { randomUUID } from 'node:crypto';
import { Stripe } from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing';
import { apiKey, headerOf, refusal, simulatorFixture, type SimulatorFixture } from '../psp-simulator.spec-support.js';

let simulator: SimulatorFixture;

beforeAll(async () => {
  simulator = await simulatorFixture();
});
afterAll(() => simulator.close());

const typesBecome = (attemptId: string, types: string[]) =>
  eventually(() => expect(simulator.receiver.typesAbout(attemptId).toSorted()).toEqual(types.toSorted()));

describe('a payment', () => {
  it('by pm_card_visa is captured, booked, and announced', async () => {
    const attemptId = randomUUID();
    const intent = await simulator.capture('pm_card_visa', attemptId);
    expect(intent).toMatchObject({
      id: expect.stringMatching(/^pi_/),
      object: 'payment_intent',
      amount: 2598,
      amount_received: 2598,
      currency: 'eur',
      status: 'succeeded',
      metadata: { attempt_id: attemptId },
    });
    expect(headerOf(intent, 'request-id')).toMatch(/^req_/);
    expect(await simulator.booked(attemptId)).toEqual({ status: 'succeeded', received: 2598, times: 1 });
    await typesBecome(attemptId, ['payment_intent.succeeded']);
    expect(simulator.receiver.about(attemptId)[0]!.event).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      object: 'event',
      api_version: Stripe.API_VERSION,
      livemode: false,
      data: { object: { id: intent.id, status: 'succeeded', amount_received: 2598 } },
    });
    expect(await simulator.stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ id: intent.id, status: 'succeeded' });
  });

  it.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
    ['pm_sim_decline', 'card_declined', 'generic_decline'],
  ])('by %s is declined as %s, %s', async (method, code, declineCode) => {
    const attemptId = randomUUID();
    const error = await refusal(simulator.capture(method, attemptId));
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({ statusCode: 402, code, decline_code: declineCode });
    expect(error.payment_intent).toMatchObject({
      status: 'requires_payment_method',
      amount_received: 0,
      last_payment_error: { code, decline_code: declineCode },
    });
    expect(await simulator.booked(attemptId)).toEqual({ status: 'requires_payment_method', received: 0, times: 1 });
    await typesBecome(attemptId, ['payment_intent.payment_failed']);
  });

  it.each(['pm_card_slow', 'pm_sim_slow'])('by %s takes its time, and nothing is captured before its end', async (method) => {
    const attemptId = randomUUID();
    const askedAt = performance.now();
    const asking = simulator.capture(method, attemptId);
    expect(await simulator.rows("SELECT FROM payment_intents WHERE metadata->>'attempt_id' = $1", [attemptId])).toEqual([]);
    expect(await asking).toMatchObject({ status: 'succeeded' });
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(390);
  });

  it('by pm_card_slow is captured also when the client has given up', async () => {
    const attemptId = randomUUID();
    expect(await refusal(simulator.capture('pm_card_slow', attemptId, simulator.hasty))).toMatchObject({ type: 'StripeConnectionError' });
    expect(await simulator.booked(attemptId)).toMatchObject({ status: 'succeeded' });
    await typesBecome(attemptId, ['payment_intent.succeeded']);
  });

  it.each(['pm_card_processing', 'pm_sim_processing'])('by %s is decided later, and that is announced', async (method) => {
    const attemptId = randomUUID();
    const intent = await simulator.capture(method, attemptId);
    expect(intent).toMatchObject({ status: 'processing', amount_received: 0 });
    await eventually(async () =>
      expect(await simulator.stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: 'succeeded', amount_received: 2598 }),
    );
    await typesBecome(attemptId, ['payment_intent.processing', 'payment_intent.succeeded']);
    const [first] = simulator.receiver.about(attemptId);
    expect(first!.event).toMatchObject({ type: 'payment_intent.processing', data: { object: { status: 'processing' } } });
  });

  it('by pm_sim_hangCaptured is captured without a word, and the same question gets the answer that was lost', async () => {
    const attemptId = randomUUID();
    expect(await refusal(simulator.capture('pm_sim_hangCaptured', attemptId, simulator.hasty))).toMatchObject({
      type: 'StripeConnectionError',
    });
    expect(await simulator.booked(attemptId)).toMatchObject({ status: 'succeeded' });
    const again = await simulator.capture('pm_sim_hangCaptured', attemptId);
    expect(again.status).toBe('succeeded');
    expect(headerOf(again, 'idempotent-replayed')).toBe('true');
    expect(await simulator.booked(attemptId)).toMatchObject({ times: 1 });
  });

  it('by pm_sim_hangNotCaptured does nothing without a word, and the same question captures', async () => {
    const attemptId = randomUUID();
    await refusal(simulator.capture('pm_sim_hangNotCaptured', attemptId, simulator.hasty));
    expect(await simulator.rows("SELECT FROM payment_intents WHERE metadata->>'attempt_id' = $1", [attemptId])).toEqual([]);
    expect(await simulator.capture('pm_sim_hangNotCaptured', attemptId)).toMatchObject({ status: 'succeeded' });
    expect(await simulator.booked(attemptId)).toMatchObject({ times: 1 });
  });

  it('by pm_sim_hangNotCaptured can be given up by an unconfirmed intent with its key, also while the first question hangs', async () => {
    const attemptId = randomUUID();
    const hanging = refusal(simulator.capture('pm_sim_hangNotCaptured', attemptId, simulator.hasty));
    await eventually(async () => expect(await simulator.rows('SELECT FROM treatments WHERE key = $1', [attemptId])).toHaveLength(1));
    const parameters = { ...simulator.captureParameters('pm_sim_hangNotCaptured', attemptId), confirm: false };
    const unconfirmed = await simulator.stripe.paymentIntents.create(parameters, { idempotencyKey: attemptId });
    expect(unconfirmed).toMatchObject({ status: 'requires_confirmation', amount_received: 0 });
    expect(await simulator.stripe.paymentIntents.cancel(unconfirmed.id)).toMatchObject({ status: 'canceled' });
    expect(await refusal(simulator.capture('pm_sim_hangNotCaptured', attemptId))).toMatchObject({ rawType: 'idempotency_error' });
    await hanging;
    expect(await simulator.booked(attemptId)).toEqual({ status: 'canceled', received: 0, times: 1 });
  });

  it('by pm_sim_failCaptured is captured and answered 500, again and again', async () => {
    const attemptId = randomUUID();
    for (let time = 1; time <= 3; time++) {
      const error = await refusal(simulator.capture('pm_sim_failCaptured', attemptId));
      expect(error).toMatchObject({ statusCode: 500, type: 'StripeAPIError' });
      expect(error.headers?.['stripe-should-retry']).toBe('false');
    }
    expect(await simulator.booked(attemptId)).toEqual({ status: 'succeeded', received: 2598, times: 1 });
    await typesBecome(attemptId, ['payment_intent.succeeded']);
  });

  it('by pm_sim_rateLimited is turned away once, with a time to wait, and captured the next time', async () => {
    const attemptId = randomUUID();
    const error = await refusal(simulator.capture('pm_sim_rateLimited', attemptId));
    expect(error).toMatchObject({ statusCode: 429, type: 'StripeRateLimitError' });
    expect(error.headers?.['retry-after']).toBe('1');
    expect(await simulator.capture('pm_sim_rateLimited', attemptId)).toMatchObject({ status: 'succeeded' });
  });

  it('by pm_sim_wrongAmount is captured right, and everything that is said of it is one short', async () => {
    const attemptId = randomUUID();
    const intent = await simulator.capture('pm_sim_wrongAmount', attemptId);
    expect(intent).toMatchObject({ amount: 2598, amount_received: 2597 });
    expect(await simulator.booked(attemptId)).toMatchObject({ received: 2598 });
    await typesBecome(attemptId, ['payment_intent.succeeded']);
    expect(simulator.receiver.about(attemptId)[0]!.event.data.object).toMatchObject({ amount_received: 2597 });
    expect(await simulator.stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ amount_received: 2597 });
  });

  it.each(['pm_card_of_nobody', 'pm_sim_aprove', 'pm_sim_approve_webhookSometimes'])(
    'by %s is refused: there is no such method',
    async (method) => {
      const attemptId = randomUUID();
      for (let time = 1; time <= 2; time++) {
        expect(await refusal(simulator.capture(method, attemptId))).toMatchObject({
          statusCode: 400,
          rawType: 'invalid_request_error',
          code: 'resource_missing',
          param: 'payment_method',
        });
      }
      expect(await simulator.rows('SELECT FROM idempotency_keys WHERE key = $1', [attemptId])).toEqual([]);
    },
  );
});

describe('a payment intent', () => {
  it('is found by what was noted with it', async () => {
    const attemptId = randomUUID();
    const parameters = simulator.captureParameters('pm_card_visa', attemptId);
    const intent = await simulator.stripe.paymentIntents.create(parameters);
    const { order_id: orderId } = parameters.metadata as { order_id: string };
    for (const query of [`metadata['attempt_id']:'${attemptId}'`, `metadata["order_id"]:"${orderId}"`]) {
      expect((await simulator.stripe.paymentIntents.search({ query })).data.map(({ id }) => id)).toEqual([intent.id]);
    }
    expect((await simulator.stripe.paymentIntents.search({ query: `metadata['attempt_id']:'${randomUUID()}'` })).data).toEqual([]);
    expect(await refusal(simulator.stripe.paymentIntents.search({ query: 'amount>5' }))).toMatchObject({ statusCode: 400, param: 'query' });
  });

  it('is cancelled while it is not final: unconfirmed, declined or processing', async () => {
    const unconfirmed = await simulator.stripe.paymentIntents.create({ amount: 100, currency: 'eur' });
    expect(await simulator.stripe.paymentIntents.cancel(unconfirmed.id)).toMatchObject({ status: 'canceled' });
    const processing = await simulator.capture('pm_card_processing');
    expect(await simulator.stripe.paymentIntents.cancel(processing.id)).toMatchObject({ status: 'canceled', amount_received: 0 });
    const { payment_intent: declined } = await refusal(simulator.capture('pm_card_chargeDeclined'));
    expect(await simulator.stripe.paymentIntents.cancel(declined!.id)).toMatchObject({ status: 'canceled' });
  });

  it.each(['succeeded', 'canceled'])('is not cancelled when it is %s', async (status) => {
    const intent = await simulator.capture(status === 'succeeded' ? 'pm_card_visa' : 'pm_card_processing');
    if (status === 'canceled') await simulator.stripe.paymentIntents.cancel(intent.id);
    expect(await refusal(simulator.stripe.paymentIntents.cancel(intent.id))).toMatchObject({
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
    });
  });

  it('that nobody knows is a 404', async () => {
    for (const call of [simulator.stripe.paymentIntents.retrieve('pi_0'), simulator.stripe.paymentIntents.cancel('pi_0')]) {
      expect(await refusal(call)).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    }
  });
});

describe('whoever asks', () => {
  it('has to show the key', async () => {
    const stranger = simulator.client('sk_test_of_a_stranger');
    expect(await refusal(stranger.paymentIntents.retrieve('pi_0'))).toMatchObject({
      statusCode: 401,
      type: 'StripeAuthenticationError',
      rawType: 'invalid_request_error',
    });
    expect((await fetch(`${simulator.baseUrl}/v1/payment_intents/pi_0`)).status).toBe(401);
  });

  it('hears of a parameter that does not exist, and its value is repeated nowhere', async () => {
    const number = '4242424242424242';
    const bodies = [
      `amount=100&currency=eur&confirm=true&payment_method_data[type]=card&payment_method_data[card][number]=${number}`,
      `amount=100&currency=eur&metadata[note]=${number}`,
    ];
    for (const body of bodies) {
      const response = await fetch(`${simulator.baseUrl}/v1/payment_intents`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-www-form-urlencoded' },
        body,
      });
      expect(response.status).toBe(400);
      expect(await response.text()).not.toContain(number);
    }
    for (const table of ['payment_intents', 'idempotency_keys', 'events', 'treatments']) {
      expect(await simulator.rows(`SELECT FROM ${table} AS t WHERE t::text LIKE '%${number}%'`)).toEqual([]);
    }
  });

  it.each([
    ['GET', '/v1/charges', undefined, 404],
    ['POST', '/v1/payment_intents', 'text/plain', 415],
    ['POST', '/v1/payment_intents', 'application/json', 400],
  ])('%s %s with a body of %s gets an error in the shape of Stripe', async (method, path, type, status) => {
    const response = await fetch(simulator.baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...(type && { 'content-type': type }) },
      ...(type && { body: '{' }),
    });
    expect([response.status, await response.json()]).toEqual([
      status,
      { error: expect.objectContaining({ type: 'invalid_request_error' }) },
    ]);
  });

  it('sees whether it is well, and its counters', async () => {
    expect((await fetch(`${simulator.baseUrl}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${simulator.baseUrl}/metrics`)).text()).toContain('orderly_simulator_answers_total{answer="approve"}');
  });
});
