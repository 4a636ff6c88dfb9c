import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderCancelled, OrderExpired, type MessageType } from '#libs/contracts';
import { customer, startPaymentService, total, type PaymentService } from '../payment-service.spec-support.js';

describe('opening payments', () => {
  let service: PaymentService;

  beforeAll(async () => {
    service = await startPaymentService();
  });
  afterAll(() => service.stop());

  it('opens the one payment of an order that was placed', async () => {
    const orderId = await service.placed();
    expect(await service.paymentOf(orderId)).toMatchObject({ orderId, status: 'open', amount: total, attempts: [], refunds: [] });
  });

  it('captures at once when the order names a payment method, and says so once', async () => {
    const orderId = await service.placed('pm_card_visa');
    const payment = await service.becomes(orderId, 'captured');
    expect(payment.attempts).toMatchObject([{ paymentMethod: 'pm_card_visa', outcome: 'captured' }]);
    const { id: paymentId, attempts } = payment;
    expect(await service.said('payment.captured.v1', orderId)).toEqual([
      { paymentId, orderId, customer, amount: total, attemptId: attempts[0]?.id },
    ]);
  });

  it.each([
    ['expires', OrderExpired, {}],
    ['is cancelled', OrderCancelled, { cancelledFrom: 'awaiting_payment' as const }],
  ])('voids an open payment when its order %s', async (_what, type: MessageType, more) => {
    const orderId = await service.placed();
    await service.deliver(type, { orderId, customer, total, ...more });
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'voided' });
  });

  it('leaves the payment of a paid order that is cancelled to the refund', async () => {
    const orderId = await service.placed('pm_card_visa');
    await service.becomes(orderId, 'captured');
    await service.deliver(OrderCancelled, { orderId, customer, total, cancelledFrom: 'paid' });
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'captured' });
  });

  it('opens nothing for an order whose end overtook its beginning', async () => {
    const orderId = randomUUID();
    await service.deliver(OrderExpired, { orderId, customer, total });
    await service.placed('pm_card_visa', orderId);
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'voided', attempts: [] });
    expect(await service.pspBooks(orderId)).toEqual([]);
  });
});
