import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderExpired, ReconcilePayment } from '#libs/contracts';
import { asOperator, eventually } from '#libs/testing';
import { anAttempt, customer, orderOf, startPaymentService, total, type PaymentService } from '../payment-service.spec-support.js';

const once = [{ outcome: 'captured', amount: 2598 }];

describe('reconciling', () => {
  let service: PaymentService;

  beforeAll(async () => {
    service = await startPaymentService();
  });
  afterAll(() => service.stop());

  it.each([
    ['captured and never answered', 'pm_sim_hangCaptured_webhookNever'],
    ['captured and answered 500, then and whenever it is asked again', 'pm_sim_failCaptured_webhookNever'],
    ['never did what it was asked', 'pm_sim_hangNotCaptured_webhookNever'],
    ['wanted time, and says nothing when it has decided', 'pm_sim_processing_webhookNever'],
  ])('settles by itself, with one capture, what a provider was asked that %s', async (_, paymentMethod) => {
    const orderId = await service.placed(paymentMethod);
    await service.becomes(orderId, 'captured', 20_000);
    expect(await service.pspBooks(orderId)).toEqual(once);
    expect(await service.ledgerOf(orderId)).toEqual([
      { account: 'customer', amount: -2598 },
      { account: 'provider', amount: 2598 },
    ]);
    expect(await service.said('payment.captured.v1', orderId)).toHaveLength(1);
    expect(service.events.of('payment.declined.v1').filter(({ body }) => orderOf(body) === orderId)).toEqual([]);
  });

  it('voids a payment whose order ended while it was not known that nothing was captured, and keeps it so', async () => {
    const orderId = await service.placed('pm_sim_hangNotCaptured_webhookNever');
    await service.deliver(OrderExpired, { orderId, customer, total });
    const payment = await service.becomes(orderId, 'voided', 20_000);
    expect(payment.attempts).toMatchObject([{ outcome: 'declined', declineCode: 'order_ended' }]);
    expect(await service.pspBooks(orderId)).toEqual([]);
    const intents: { status: string }[] = await service.pspRows.query(
      `SELECT status FROM payment_intents WHERE metadata->>'order_id' = $1`,
      [orderId],
    );
    // Whatever of the first question is still under way comes too late: its key is taken.
    expect(intents).toEqual([{ status: 'canceled' }]);
  });

  it('takes a reconciliation of what is settled for what it is: too late', async () => {
    const orderId = await service.placed('pm_card_visa');
    const { id: paymentId, attempts } = await service.becomes(orderId, 'captured');
    const before = await service.handled('payment.reconcile-payments', 'too_late');
    await service.deliver(ReconcilePayment, { orderId, paymentId, attemptId: attempts[0]!.id });
    expect(await service.handled('payment.reconcile-payments', 'too_late')).toBe(before + 1);
    expect(await service.pspBooks(orderId)).toEqual(once);
  });

  it('asks never again with a key that the provider may have forgotten, and takes what it still does not know for declined', async () => {
    const { attemptId, orderId, paymentId } = await anAttempt(service, { asked: true, askedHoursAgo: 25 });
    await service.deliver(ReconcilePayment, { orderId, paymentId, attemptId });
    const payment = await service.becomes(orderId, 'open');
    expect(payment.attempts).toMatchObject([{ outcome: 'declined', declineCode: 'never_arrived' }]);
    expect(await service.pspBooks(orderId)).toEqual([]);
  });

  it('takes nothing for declined while the last question that was allowed may still be on its way', async () => {
    const { attemptId, orderId, paymentId } = await anAttempt(service, { asked: true, askedHoursAgo: 23.5 });
    await service.deliver(ReconcilePayment, { orderId, paymentId, attemptId });
    const payment = await service.becomes(orderId, 'authorising');
    expect(payment.attempts).toMatchObject([{ outcome: 'unknown' }]);
    expect(await service.pspBooks(orderId)).toEqual([]);
  });

  it('waits for a provider that is down, uses up no message, and goes on when it is back', async () => {
    await faults(service, { down: true });
    const orderIds = await Promise.all(Array.from({ length: 30 }, () => service.placed('pm_card_visa')));
    await eventually(async () => expect(await service.counted('orderly_psp_circuit_open')).toBe(1), { within: 15_000 });
    await faults(service, { down: false });
    for (const orderId of orderIds) {
      await service.becomes(orderId, 'captured', 30_000);
      expect(await service.pspBooks(orderId)).toEqual(once);
    }
    for (const queue of ['payment.capture-payment', 'payment.reconcile-payments'])
      expect([await service.handled(queue, 'retried'), await service.handled(queue, 'dead')]).toEqual([0, 0]);
  });
});

describe('the sweeper of unsettled payments', () => {
  let service: PaymentService;

  beforeAll(async () => {
    service = await startPaymentService({ RECONCILE_SWEEP_INTERVAL_MS: '100', RECONCILE_GRACE_SECONDS: '1' });
  });
  afterAll(() => service.stop());

  it.each([true, false])('finds an attempt whose messages were lost (the provider was asked: %s)', async (asked) => {
    const { orderId } = await anAttempt(service, { asked });
    await service.becomes(orderId, 'captured');
    expect(await service.pspBooks(orderId)).toEqual(once);
  });

  it('finds a refund whose messages were lost', async () => {
    const orderId = await service.placed('pm_card_visa');
    const { id } = await service.becomes(orderId, 'captured');
    await service.rows.query(
      `WITH asked AS (UPDATE payments SET status = 'refunding', refund_requested_minor = amount_minor WHERE id = $1 RETURNING id)
       INSERT INTO refunds (id, payment_id, amount_minor, currency, reason, status, at)
       SELECT gen_random_uuid(), id, 2598, 'EUR', 'order_cancelled', 'pending', now() FROM asked`,
      [id],
    );
    await service.becomes(orderId, 'refunded');
    expect(await service.pspBooks(orderId)).toEqual([...once, { outcome: 'refunded', amount: 2598 }]);
  });
});

async function faults(service: PaymentService, behaviour: object): Promise<void> {
  const response = await fetch(`${service.psp.baseUrl}/_faults`, {
    method: 'PUT',
    headers: { ...asOperator('olga'), 'content-type': 'application/json' },
    body: JSON.stringify(behaviour),
  });
  expect(response.status).toBe(200);
}
