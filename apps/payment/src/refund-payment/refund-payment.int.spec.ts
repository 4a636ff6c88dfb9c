import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderExpired, RefundPayment } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { customer, startPaymentService, total, type PaymentService } from '../payment-service.spec-support.js';

describe('refunding', () => {
  let service: PaymentService;

  beforeAll(async () => {
    service = await startPaymentService();
  });
  afterAll(() => service.stop());

  it('gives captured money back once, books the reverse, and says so', async () => {
    const orderId = await service.placed('pm_card_visa');
    const { id: paymentId } = await service.becomes(orderId, 'captured');
    const refundId = await service.refund(orderId, 'order_cancelled');
    const payment = await service.becomes(orderId, 'refunded');
    expect(payment.refunds).toMatchObject([{ id: refundId, amount: total, reason: 'order_cancelled', status: 'succeeded' }]);
    expect(await service.ledgerOf(orderId)).toEqual([
      { account: 'customer', amount: 0 },
      { account: 'provider', amount: 0 },
    ]);
    expect(await service.said('payment.refunded.v1', orderId)).toEqual([
      {
        paymentId,
        orderId,
        customer,
        amount: total,
        refundId,
        reason: 'order_cancelled',
        refunded: total,
        left: { amountMinor: 0, currency: 'EUR' },
      },
    ]);
  });

  it('gives nothing back a second time when it is asked with another id', async () => {
    const orderId = await service.placed('pm_card_visa');
    await service.becomes(orderId, 'captured');
    const refundId = await service.refund(orderId, 'order_cancelled');
    await service.becomes(orderId, 'refunded');
    await service.refund(orderId, 'late_payment');
    expect((await service.paymentOf(orderId)).refunds).toMatchObject([{ id: refundId }]);
    expect(await service.pspBooks(orderId)).toEqual([
      { outcome: 'captured', amount: 2598 },
      { outcome: 'refunded', amount: 2598 },
    ]);
  });

  it('tries again later when the command is ahead of the capture', async () => {
    const orderId = await service.placed('pm_card_slow');
    await service.publish(RefundPayment, { orderId, refundId: uuidv7(), reason: 'late_payment' });
    await service.becomes(orderId, 'refunded');
    expect(await service.handled('payment.refund-payment', 'retried')).toBe(1);
  });

  it('gives up a refund of what was never captured', async () => {
    const orderId = await service.placed();
    await service.deliver(OrderExpired, { orderId, customer, total });
    await service.publish(RefundPayment, { orderId, refundId: uuidv7(), reason: 'late_payment' });
    await eventually(async () => expect(await service.handled('payment.refund-payment', 'dead')).toBe(1));
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'voided', refunds: [] });
  });
});
