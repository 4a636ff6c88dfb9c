import { randomUUID } from 'node:crypto';
import { Stripe } from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, ServiceProcess } from '#libs/testing';
import { apiKey, refusal, simulatorFixture, webhookSecret, type Received, type SimulatorFixture } from '../psp-simulator.spec-support.js';

let simulator: SimulatorFixture;

beforeAll(async () => {
  simulator = await simulatorFixture({ WEBHOOK_TRIES: '4', WEBHOOK_TIMEOUT_MS: '1000' });
});
afterEach(() => {
  simulator.receiver.answer = () => 200;
});
afterAll(() => simulator.close());

const genuine = ({ body, signature }: Received): boolean => {
  try {
    return Stripe.webhooks.constructEvent(body, signature, webhookSecret) !== undefined;
  } catch {
    return false;
  }
};
const arrive = (attemptId: string, times: number) =>
  eventually(() => {
    const received = simulator.receiver.about(attemptId);
    expect(received).toHaveLength(times);
    return received;
  });
const queueOf = (attemptId: string) =>
  simulator.rows<{ tries: number; delivered: boolean; given_up: boolean; last_status: number | null }>(
    `SELECT tries, delivered_at IS NOT NULL AS delivered, given_up_at IS NOT NULL AS given_up, last_status
     FROM deliveries JOIN events ON events.id = event_id WHERE object->'metadata'->>'attempt_id' = $1 ORDER BY deliveries.id`,
    [attemptId],
  );

describe('a webhook', () => {
  it('is signed so that the official library takes it, and sent once when it is received', async () => {
    const attemptId = randomUUID();
    await simulator.capture('pm_card_visa', attemptId);
    const [webhook] = await arrive(attemptId, 1);
    expect(genuine(webhook!)).toBe(true);
    await eventually(async () =>
      expect(await queueOf(attemptId)).toEqual([{ tries: 1, delivered: true, given_up: false, last_status: 200 }]),
    );
  });

  it('is sent again until it is received, each time a little later, with a fresh signature', async () => {
    const attemptId = randomUUID();
    simulator.receiver.answer = ({ event }) =>
      simulator.receiver.received.filter(({ event: other }) => other.id === event.id).length < 4 ? 500 : 200;
    await simulator.capture('pm_card_visa', attemptId);
    const received = await arrive(attemptId, 4);
    expect(new Set(received.map(({ event }) => event.id)).size).toBe(1);
    expect(received.every(genuine)).toBe(true);
    const pauses = received.slice(1).map(({ at }, index) => at - received[index]!.at);
    // 50 ms, doubled each time, by at least three quarters.
    expect(pauses[0]).toBeGreaterThan(35);
    expect(pauses[1]).toBeGreaterThan(70);
    expect(pauses[2]).toBeGreaterThan(140);
    await eventually(async () => expect(await queueOf(attemptId)).toMatchObject([{ tries: 4, delivered: true }]));
  });

  it('is given up after its last try', async () => {
    const attemptId = randomUUID();
    simulator.receiver.answer = () => 400;
    await simulator.capture('pm_card_visa', attemptId);
    await eventually(async () =>
      expect(await queueOf(attemptId)).toEqual([{ tries: 4, delivered: false, given_up: true, last_status: 400 }]),
    );
    expect(simulator.receiver.about(attemptId)).toHaveLength(4);
  });

  it('does not wait behind others whose receiver is slow', async () => {
    const [slow, quick] = [randomUUID(), randomUUID()];
    let finish = () => {};
    const finished = new Promise<number>((settle) => (finish = () => settle(200)));
    simulator.receiver.answer = ({ event }) =>
      (event.data.object as Stripe.PaymentIntent).metadata['attempt_id'] === slow ? finished : 200;
    await simulator.capture('pm_card_visa', slow);
    await arrive(slow, 1);
    await simulator.capture('pm_card_visa', quick);
    await eventually(async () => expect(await queueOf(quick)).toMatchObject([{ delivered: true }]));
    expect(await queueOf(slow)).toMatchObject([{ delivered: false }]);
    finish();
    await eventually(async () => expect(await queueOf(slow)).toMatchObject([{ delivered: true, tries: 1 }]));
  });

  it('that waits outlives a restart, in which nobody was there to receive it', async () => {
    const attemptId = randomUUID();
    simulator.receiver.answer = () => 503;
    await simulator.capture('pm_card_visa', attemptId);
    await arrive(attemptId, 1);
    await simulator.restart({ WEBHOOK_TRIES: '20' }, () => (simulator.receiver.answer = () => 200));
    await eventually(async () => expect(await queueOf(attemptId)).toMatchObject([{ delivered: true }]));
  });
});

describe('the second word of a payment method', () => {
  it('webhookTwice delivers the same event twice', async () => {
    const attemptId = randomUUID();
    await simulator.capture('pm_sim_approve_webhookTwice', attemptId);
    const received = await arrive(attemptId, 2);
    expect(new Set(received.map(({ event }) => event.id)).size).toBe(1);
  });

  it('webhookFirst has the webhook acknowledged before the response goes out', async () => {
    const attemptId = randomUUID();
    let acknowledged = false;
    let answered = false;
    simulator.receiver.answer = ({ event }) => {
      if (simulator.receiver.received.filter(({ event: other }) => other.id === event.id).length === 1) return 500;
      expect(answered).toBe(false);
      acknowledged = true;
      return 200;
    };
    await simulator.capture('pm_sim_approve_webhookFirst', attemptId);
    answered = true;
    expect(acknowledged).toBe(true);
  });

  it('webhookLate delivers it later', async () => {
    const attemptId = randomUUID();
    const askedAt = performance.now();
    await simulator.capture('pm_sim_approve_webhookLate', attemptId);
    const [webhook] = await arrive(attemptId, 1);
    expect(webhook!.at - askedAt).toBeGreaterThan(390);
  });

  it('webhookOutOfOrder delivers an earlier event after the last one', async () => {
    for (const answer of ['approve', 'processing']) {
      const attemptId = randomUUID();
      await simulator.capture(`pm_sim_${answer}_webhookOutOfOrder`, attemptId);
      const [first, second] = await arrive(attemptId, 2);
      expect([first!.event.type, second!.event.type]).toEqual(['payment_intent.succeeded', 'payment_intent.processing']);
      expect(second!.event.created).toBeLessThan(first!.event.created);
      expect(second!.event.data.object).toMatchObject({ status: 'processing', amount_received: 0 });
    }
    const declined = randomUUID();
    await refusal(simulator.capture('pm_sim_decline_webhookOutOfOrder', declined));
    const types = (await arrive(declined, 2)).map(({ event }) => event.type);
    expect(types).toEqual(['payment_intent.payment_failed', 'payment_intent.processing']);
  });

  it('webhookOutOfOrder keeps the earlier event back until the last one was received', async () => {
    const attemptId = randomUUID();
    simulator.receiver.answer = () => (simulator.receiver.about(attemptId).length < 3 ? 500 : 200);
    await simulator.capture('pm_sim_approve_webhookOutOfOrder', attemptId);
    const types = (await arrive(attemptId, 4)).map(({ event }) => event.type.replace('payment_intent.', ''));
    expect(types).toEqual(['succeeded', 'succeeded', 'succeeded', 'processing']);
  });

  it('webhookNever writes the event, and tells nobody', async () => {
    const [silent, loud] = [randomUUID(), randomUUID()];
    await simulator.capture('pm_sim_approve_webhookNever', silent);
    await simulator.capture('pm_card_visa', loud);
    await arrive(loud, 1);
    expect(await queueOf(silent)).toEqual([]);
    expect(await simulator.rows(`SELECT FROM events WHERE object->'metadata'->>'attempt_id' = $1`, [silent])).toHaveLength(1);
  });

  it.each(['webhookForged', 'webhookStale'])('%s is tried once, and the official library does not take it', async (how) => {
    const attemptId = randomUUID();
    simulator.receiver.answer = (webhook) => (genuine(webhook) ? 200 : 400);
    await simulator.capture(`pm_sim_approve_${how}`, attemptId);
    await eventually(async () => expect(await queueOf(attemptId)).toMatchObject([{ tries: 1, given_up: true, last_status: 400 }]));
    expect(simulator.receiver.about(attemptId).map(genuine)).toEqual([false]);
  });
});

it('a webhook that was due when the process was killed is sent by the next one', async () => {
  const attemptId = randomUUID();
  const env = {
    DATABASE_URL: simulator.database.url,
    API_KEY: apiKey,
    WEBHOOK_SECRET: webhookSecret,
    WEBHOOK_URL: simulator.receiver.url,
    WEBHOOK_FIRST_PAUSE_MS: '1000',
    WEBHOOK_TIMEOUT_MS: '1000',
  };
  simulator.receiver.answer = () => 500;
  let process: ServiceProcess | undefined;
  await simulator.restart({}, async () => {
    process = await ServiceProcess.start('psp-simulator', env);
    await process.ready();
    const stripe = new Stripe(apiKey, { host: '127.0.0.1', port: process.port, protocol: 'http', telemetry: false });
    await stripe.paymentIntents.create(simulator.captureParameters('pm_card_visa', attemptId));
    await arrive(attemptId, 1);
    await process.kill();
    simulator.receiver.answer = () => 200;
  });
  await eventually(async () => expect(await queueOf(attemptId)).toMatchObject([{ delivered: true, tries: 2 }]), { within: 15_000 });
});
