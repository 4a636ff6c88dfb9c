import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderExpired } from '#libs/contracts';
import { asCustomer } from '#libs/testing';
import type { PaymentView } from '../payment/payment-view.js';
import { customer, problemOf, startPaymentService, total, type PaymentService } from '../payment-service.spec-support.js';

describe('paying an order over HTTP', () => {
  let service: PaymentService;

  beforeAll(async () => {
    service = await startPaymentService();
  });
  afterAll(() => service.stop());

  it('answers 202 with the attempt under way, and the outcome follows', async () => {
    const orderId = await service.placed();
    const response = await service.pay(orderId, 'pm_card_visa');
    const payment = (await response.json()) as PaymentView;
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`/payments/${payment.id}`);
    expect(payment).toMatchObject({ orderId, status: 'authorising', attempts: [{ paymentMethod: 'pm_card_visa', outcome: 'pending' }] });
    await service.becomes(orderId, 'captured');
  });

  it('takes another method after a decline, and tells of both', async () => {
    const orderId = await service.placed('pm_card_chargeDeclinedInsufficientFunds');
    await service.said('payment.declined.v1', orderId);
    expect(await service.paymentOf(orderId)).toMatchObject({
      status: 'open',
      attempts: [{ outcome: 'declined', declineCode: 'insufficient_funds' }],
    });
    await service.pay(orderId, 'pm_card_visa');
    const payment = await service.becomes(orderId, 'captured');
    expect(payment.attempts.map(({ outcome }) => outcome)).toEqual(['declined', 'captured']);
    expect(await service.said('payment.declined.v1', orderId)).toMatchObject([
      { attemptId: payment.attempts[0]?.id, declineCode: 'insufficient_funds' },
    ]);
    expect(await service.said('payment.captured.v1', orderId)).toMatchObject([{ attemptId: payment.attempts[1]?.id }]);
  });

  it('waits for a payment that is about to be opened', async () => {
    const orderId = randomUUID();
    const response = service.pay(orderId, 'pm_card_visa');
    const shown = service.get(`/orders/${orderId}/payment`);
    await service.placed(undefined, { id: orderId });
    expect((await response).status).toBe(202);
    expect((await shown).status).toBe(200);
  });

  it('answers 404 for an order that is unknown, foreign, or not an id', async () => {
    const orderId = await service.placed();
    const responses = await Promise.all([
      service.pay(randomUUID(), 'pm_card_visa'),
      service.pay(orderId, 'pm_card_visa', { customerId: 'mallory' }),
      service.pay('not-an-id', 'pm_card_visa'),
      service.get(`/orders/${randomUUID()}/payment`),
      service.get(`/orders/${orderId}/payment`, asCustomer('mallory')),
    ]);
    for (const response of responses) expect(await problemOf(response)).toEqual([404, '/problems/order-not-found']);
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'open', attempts: [] });
  });

  it('refuses what the state of the payment does not allow, each with its own problem', async () => {
    const underWay = await service.placed('pm_card_slow');
    expect(await problemOf(await service.pay(underWay, 'pm_card_visa'))).toEqual([409, '/problems/payment-in-progress']);
    await service.becomes(underWay, 'captured');
    expect(await problemOf(await service.pay(underWay, 'pm_card_visa'))).toEqual([409, '/problems/order-already-paid']);
    await service.refund(underWay, 'order_cancelled');
    expect(await problemOf(await service.pay(underWay, 'pm_card_visa'))).toEqual([409, '/problems/order-not-payable']);
    const ended = await service.placed();
    await service.deliver(OrderExpired, { orderId: ended, customer, total });
    expect(await problemOf(await service.pay(ended, 'pm_card_visa'))).toEqual([409, '/problems/order-not-payable']);
  });

  it('makes one attempt of twenty identical requests at once', async () => {
    const orderId = await service.placed();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.pay(orderId, 'pm_card_visa', { key })));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === 'true')).toHaveLength(19);
    expect((await service.becomes(orderId, 'captured')).attempts).toHaveLength(1);
    expect(await service.pspBooks(orderId)).toEqual([{ outcome: 'captured', amount: 2598 }]);
  });

  it('replays the answer to a finished key whatever became of the payment, and refuses the key for another method', async () => {
    const orderId = await service.placed();
    const key = randomUUID();
    const first = await (await service.pay(orderId, 'pm_card_visa', { key })).text();
    await service.becomes(orderId, 'captured');
    const again = await service.pay(orderId, 'pm_card_visa', { key });
    expect([again.status, await again.text()]).toEqual([202, first]);
    expect(await problemOf(await service.pay(orderId, 'pm_card_slow', { key }))).toEqual([422, '/problems/idempotency-key-reused']);
  });

  it.each(['visa', 'pm_', 'pm_card visa', `pm_${'x'.repeat(61)}`, 42])(
    'refuses the payment method %j and uses up no key',
    async (paymentMethod) => {
      const orderId = await service.placed();
      const key = randomUUID();
      expect(await problemOf(await service.pay(orderId, paymentMethod, { key }))).toEqual([422, '/problems/validation']);
      expect((await service.pay(orderId, 'pm_card_visa', { key })).status).toBe(202);
    },
  );
});
