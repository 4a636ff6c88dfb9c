import { createHmac, randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing';
import { anAttempt, orderOf, startPaymentService, webhookSecret, type PaymentService } from '../payment-service.spec-support.js';

const previousSecret = 'whsec_the_one_before';

let service: PaymentService;
beforeAll(async () => {
  service = await startPaymentService({
    PSP_WEBHOOK_SECRET_PREVIOUS: previousSecret,
    RECONCILE_SWEEP_INTERVAL_MS: '100',
    RECONCILE_GRACE_SECONDS: '3600',
  });
});
afterAll(() => service.stop());

interface Signing {
  secret?: string;
  /** Seconds from now. */
  at?: number;
  header?: string | null;
}

function send(body: string, { secret = webhookSecret, at = 0, header }: Signing = {}): Promise<Response> {
  const t = Math.floor(Date.now() / 1000) + at;
  const signed = `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
  const signature = header === undefined ? signed : header;
  return fetch(`${service.service.baseUrl}/webhooks/psp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(signature !== null && { 'stripe-signature': signature }) },
    body,
  });
}

/** What the provider says when it has captured an attempt. */
function succeeded(
  attemptId: string,
  changes: { id?: string; type?: string; amount?: number; reference?: string; status?: string } = {},
): string {
  return JSON.stringify({
    id: changes.id ?? `evt_${randomUUID()}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: Math.floor(Date.now() / 1000),
    type: changes.type ?? 'payment_intent.succeeded',
    livemode: false,
    pending_webhooks: 1,
    request: null,
    data: {
      object: {
        id: changes.reference ?? `pi_${attemptId.replaceAll('-', '')}`,
        object: 'payment_intent',
        amount: 2598,
        amount_received: changes.amount ?? 2598,
        currency: 'eur',
        status: changes.status ?? 'succeeded',
        metadata: { attempt_id: attemptId },
      },
    },
  });
}

const eventRows = (attemptId: string): Promise<{ applied: boolean }[]> =>
  service.rows.query('SELECT applied_at IS NOT NULL AS applied FROM psp_events WHERE attempt_id = $1', [attemptId]);

describe('POST /webhooks/psp', () => {
  it.each<[string, (body: string) => Promise<Response>]>([
    ['without a signature', (body) => send(body, { header: null })],
    ['with an empty signature', (body) => send(body, { header: '' })],
    ['with something else for a signature', (body) => send(body, { header: 't=now,v1=yes' })],
    ['signed with another secret', (body) => send(body, { secret: 'whsec_of_somebody_else' })],
    ['signed six minutes ago', (body) => send(body, { at: -360 })],
    ['signed six minutes from now', (body) => send(body, { at: 360 })],
    ['that was changed after it was signed', (body) => send(body, { header: `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` })],
    ['that is no event', () => send('{"hello":"world"}')],
    ['that is no JSON', () => send('hello')],
    ['that is empty', () => send('')],
  ])('refuses an event %s in the same words, and keeps nothing of it', async (_, sendIt) => {
    const { attemptId, orderId } = await anAttempt(service, { asked: true });
    const response = await sendIt(succeeded(attemptId));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      type: '/problems/webhook-refused',
      title: expect.any(String),
      status: 400,
      detail: 'The event is not signed as it should be, too old, or no event.',
      instance: '/webhooks/psp',
      traceId: expect.any(String),
    });
    expect(await eventRows(attemptId)).toEqual([]);
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'authorising' });
  });

  it('refuses a body over 64 KiB with 413', async () => {
    expect((await send(`"${'x'.repeat(70_000)}"`)).status).toBe(413);
  });

  it.each([webhookSecret, previousSecret])('settles an attempt by an event that is signed with %s', async (secret) => {
    const { attemptId, orderId } = await anAttempt(service, { asked: true });
    expect((await send(succeeded(attemptId), { secret })).status).toBe(200);
    // No waiting: 200 is said after the commit.
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'captured', attempts: [{ outcome: 'captured' }] });
    expect(await service.said('payment.captured.v1', orderId)).toHaveLength(1);
  });

  it('takes an event once, however often it comes at once', async () => {
    const { attemptId, orderId } = await anAttempt(service, { asked: true });
    const event = succeeded(attemptId);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await eventRows(attemptId)).toEqual([{ applied: true }]);
    expect(await service.ledgerOf(orderId)).toEqual([
      { account: 'customer', amount: -2598 },
      { account: 'provider', amount: 2598 },
    ]);
    expect(await service.said('payment.captured.v1', orderId)).toHaveLength(1);
  });

  it('goes no step back for an event that was overtaken', async () => {
    const { attemptId, orderId } = await anAttempt(service, { asked: true });
    await send(succeeded(attemptId));
    for (const [type, status] of [
      ['payment_intent.processing', 'processing'],
      ['payment_intent.payment_failed', 'requires_payment_method'],
      ['payment_intent.canceled', 'canceled'],
    ] as const)
      expect((await send(succeeded(attemptId, { type, status, amount: 0 }))).status).toBe(200);
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'captured', attempts: [{ outcome: 'captured' }] });
  });

  it('keeps an event about an attempt that it does not know yet, and applies it when it does', async () => {
    const id = uuidv7();
    expect((await send(succeeded(id))).status).toBe(200);
    expect(await eventRows(id)).toEqual([{ applied: false }]);
    const { orderId } = await anAttempt(service, { id, asked: true });
    await service.becomes(orderId, 'captured');
    await eventually(async () => expect(await eventRows(id)).toEqual([{ applied: true }]));
  });

  it('believes no event about another amount: a person looks into it, and nobody is told that it is paid', async () => {
    const { attemptId, orderId } = await anAttempt(service, { asked: true });
    expect((await send(succeeded(attemptId, { amount: 2597 }))).status).toBe(200);
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'review' });
    expect(await service.ledgerOf(orderId)).toEqual([]);
  });

  it('answers 200 to events that it has no use for', async () => {
    const id = `evt_${randomUUID()}`;
    expect((await send(succeeded(uuidv7(), { id, type: 'customer.created' }))).status).toBe(200);
    expect(await service.rows.query('SELECT attempt_id, applied_at IS NOT NULL AS applied FROM psp_events WHERE id = $1', [id])).toEqual([
      { attempt_id: null, applied: true },
    ]);
  });

  it.each([
    ['webhookFirst', 'applied'],
    ['webhookTwice', 'duplicate'],
    ['webhookOutOfOrder', 'too_late'],
    ['webhookForged', 'refused'],
    ['webhookStale', 'refused'],
    ['webhookNever', undefined],
  ])('captures once whatever the provider does about its events (%s)', async (how, outcome) => {
    const counted = () => (outcome === undefined ? 0 : service.counted('orderly_psp_webhooks_total', outcome));
    const before = await counted();
    const orderId = await service.placed(`pm_sim_approve_${how}`);
    await service.becomes(orderId, 'captured');
    // The event has come, and what became of it was what has to.
    await eventually(async () => expect(await counted()).toBeGreaterThanOrEqual(outcome === undefined ? 0 : before + 1));
    expect(await service.pspBooks(orderId)).toEqual([{ outcome: 'captured', amount: 2598 }]);
    expect(await service.said('payment.captured.v1', orderId)).toHaveLength(1);
    expect(service.events.of('payment.declined.v1').filter(({ body }) => orderOf(body) === orderId)).toEqual([]);
  });
});
