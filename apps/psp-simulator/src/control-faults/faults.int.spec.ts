import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing';
import { refusal, simulatorFixture, type SimulatorFixture } from '../psp-simulator.spec-support.js';

let simulator: SimulatorFixture;

beforeAll(async () => {
  simulator = await simulatorFixture();
});
afterEach(() => simulator.control('PUT', '/_faults', {}));
afterAll(() => simulator.close());

/** What comes of payments one after the other. */
async function outcomes(times: number, method = 'pm_card_visa'): Promise<string[]> {
  const seen: string[] = [];
  for (let time = 1; time <= times; time++) {
    const intent = await simulator
      .capture(method, randomUUID())
      .catch(({ statusCode }: { statusCode?: number }) => ({ status: String(statusCode) }));
    seen.push(intent.status);
  }
  return seen;
}

describe('the live behaviour', () => {
  const mix = { approve: 3, decline: 1, rateLimited: 1, failCaptured: 1, processing: 1 };

  it('is the same sequence for the same seed, another for another, and goes on where it stopped after a restart', async () => {
    await simulator.control('PUT', '/_faults', { seed: 7, mix });
    const first = await outcomes(20);
    expect(new Set(first).size).toBeGreaterThan(3);
    await simulator.control('PUT', '/_faults', { seed: 7, mix });
    const half = await outcomes(10);
    await simulator.restart();
    expect([...half, ...(await outcomes(10))]).toEqual(first);
    await simulator.control('PUT', '/_faults', { seed: 8, mix });
    expect(await outcomes(20)).not.toEqual(first);
  });

  it('is shown, with how often each word was drawn', async () => {
    await simulator.control('PUT', '/_faults', { seed: 7, mix, webhooks: { once: 1, webhookNever: 1 } });
    const seen = await outcomes(20);
    const { body } = await simulator.control('GET', '/_faults');
    expect(body).toMatchObject({ seed: 7, mix, webhooks: { once: 1, webhookNever: 1 }, down: false });
    const { payments, webhooks } = body['counts'] as { payments: Record<string, number>; webhooks: Record<string, number> };
    expect(payments['decline'] ?? 0).toBe(seen.filter((status) => status === '402').length);
    expect(payments['failCaptured'] ?? 0).toBe(seen.filter((status) => status === '500').length);
    expect(Object.values(payments).reduce((sum, count) => sum + count)).toBe(20);
    expect(Object.values(webhooks).reduce((sum, count) => sum + count)).toBe(20);
    expect(Object.keys(webhooks).toSorted()).toEqual(['once', 'webhookNever']);
  });

  it('treats a question the second time as it was drawn the first, and draws nothing for it', async () => {
    await simulator.control('PUT', '/_faults', { seed: 1, mix: { hangNotCaptured: 1 } });
    const attemptId = randomUUID();
    await refusal(simulator.capture('pm_card_visa', attemptId, simulator.hasty));
    expect(await simulator.capture('pm_card_visa', attemptId)).toMatchObject({ status: 'succeeded' });
    expect((await simulator.control('GET', '/_faults')).body['counts']).toMatchObject({ payments: { hangNotCaptured: 1 } });
  });

  it('leaves the answers of other methods alone', async () => {
    await simulator.control('PUT', '/_faults', { mix: { decline: 1 } });
    expect(await outcomes(2, 'pm_sim_approve')).toEqual(['succeeded', 'succeeded']);
    expect(await outcomes(2)).toEqual(['402', '402']);
  });

  it('is down when it is told to be, for every call but its own', async () => {
    await simulator.control('PUT', '/_faults', { down: true });
    expect(await refusal(simulator.capture('pm_card_visa'))).toMatchObject({ statusCode: 503, type: 'StripeAPIError' });
    expect(await refusal(simulator.stripe.paymentIntents.retrieve('pi_0'))).toMatchObject({ statusCode: 503 });
    expect((await fetch(`${simulator.baseUrl}/health/ready`)).status).toBe(200);
    await simulator.control('PUT', '/_faults', {});
    expect(await simulator.capture('pm_card_visa')).toMatchObject({ status: 'succeeded' });
  });

  it.each([
    [{ mixx: {} }, 'parameter_unknown', 'mixx'],
    [{ mix: { aprove: 1 } }, 'parameter_unknown', 'mix[aprove]'],
    [{ mix: { held: 1 } }, 'parameter_unknown', 'mix[held]'],
    [{ mix: { approve: -1 } }, 'parameter_invalid', 'mix[approve]'],
    [{ mix: {} }, 'parameter_invalid', 'mix'],
    [{ webhooks: { webhookTwice: 'often' } }, 'parameter_invalid', 'webhooks[webhookTwice]'],
    [{ seed: 1.5 }, 'parameter_invalid', 'seed'],
    [{ down: 'yes' }, 'parameter_invalid', 'down'],
    [[], 'parameter_invalid', ''],
  ])('takes no %j', async (settings, code, param) => {
    const { status, body } = await simulator.control('PUT', '/_faults', settings);
    expect(status).toBe(400);
    expect(body['error']).toMatchObject({ type: 'invalid_request_error', code });
    expect((body['error'] as { param: string }).param).toContain(param);
  });
});

describe('a payment by pm_sim_held', () => {
  const release = (attemptId: string, what: string) => simulator.control('POST', '/_faults/release', { attemptId, what });

  it('is captured at once, and its answer goes out when it is released; until then its key is in use', async () => {
    const attemptId = randomUUID();
    const asking = simulator.capture('pm_sim_held', attemptId);
    expect(await simulator.booked(attemptId)).toMatchObject({ status: 'succeeded' });
    expect(await refusal(simulator.capture('pm_sim_held', attemptId))).toMatchObject({ statusCode: 409 });
    expect(await release(attemptId, 'answer')).toEqual({ status: 200, body: { released: 'answer' } });
    expect(await asking).toMatchObject({ status: 'succeeded' });
    expect((await release(attemptId, 'answer')).status).toBe(404);
    expect(simulator.receiver.about(attemptId)).toEqual([]);
  });

  it('loses its answer when it is told to, and the same question gets it', async () => {
    const attemptId = randomUUID();
    const asking = refusal(simulator.capture('pm_sim_held', attemptId));
    await simulator.booked(attemptId);
    await release(attemptId, 'lose-answer');
    expect(await asking).toMatchObject({ type: 'StripeConnectionError' });
    expect(await simulator.capture('pm_sim_held', attemptId)).toMatchObject({ status: 'succeeded' });
  });

  it('has its webhook delivered when it is released, which says what the receiver answered', async () => {
    const attemptId = randomUUID();
    const asking = simulator.capture('pm_sim_held', attemptId);
    await simulator.booked(attemptId);
    expect(await release(attemptId, 'webhook')).toEqual({ status: 200, body: { released: 'webhook', status: 200 } });
    expect(simulator.receiver.typesAbout(attemptId)).toEqual(['payment_intent.succeeded']);
    await release(attemptId, 'answer');
    await asking;
  });

  it('has a webhook that is refused when it is released sent again like any other', async () => {
    const attemptId = randomUUID();
    const asking = refusal(simulator.capture('pm_sim_held', attemptId));
    await simulator.booked(attemptId);
    simulator.receiver.answer = () => 503;
    expect((await release(attemptId, 'webhook')).body).toEqual({ released: 'webhook', status: 503 });
    simulator.receiver.answer = () => 200;
    await eventually(() => expect(simulator.receiver.about(attemptId)).toHaveLength(2));
    await release(attemptId, 'lose-answer');
    await asking;
  });

  it('breaks the connection when the simulator stops, and has its webhook released after the restart', async () => {
    const attemptId = randomUUID();
    const asking = refusal(simulator.capture('pm_sim_held', attemptId));
    await simulator.booked(attemptId);
    await simulator.restart();
    expect(await asking).toMatchObject({ type: 'StripeConnectionError' });
    expect((await release(attemptId, 'webhook')).body).toMatchObject({ status: 200 });
  });

  it('that nobody has made cannot be released', async () => {
    for (const what of ['answer', 'lose-answer', 'webhook']) {
      const { status, body } = await release(randomUUID(), what);
      expect([status, body['error']]).toEqual([404, expect.objectContaining({ code: 'resource_missing', param: 'attemptId' })]);
    }
    expect((await release(randomUUID(), 'everything')).status).toBe(400);
  });
});

it('the control endpoint is not there when it is not enabled, and what was set once is without effect', async () => {
  await simulator.control('PUT', '/_faults', { mix: { decline: 1 } });
  await simulator.restart({ FAULTS_ENABLED: '' });
  for (const [method, path] of [
    ['GET', '/_faults'],
    ['PUT', '/_faults'],
    ['POST', '/_faults/release'],
  ] as const) {
    const { status, body } = await simulator.control(method, path, method === 'GET' ? undefined : {});
    expect([status, body['error']]).toEqual([404, expect.objectContaining({ type: 'invalid_request_error' })]);
  }
  expect(await outcomes(2)).toEqual(['succeeded', 'succeeded']);
  await simulator.restart();
});
