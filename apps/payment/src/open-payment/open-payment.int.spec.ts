import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderCancelled, OrderExpired, type MessageType } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { customer, problemOf, startPaymentService, total, type PaymentService } from '../payment-service.spec-support.js';

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
    expect(await problemOf(await service.pay(orderId, 'pm_card_visa'))).toEqual([409, '/problems/order-not-payable']);
    await service.refund(orderId, 'order_cancelled');
    await service.becomes(orderId, 'refunded');
  });

  it('remembers that a paid order was cancelled when the refund was quicker', async () => {
    const orderId = await service.placed('pm_card_visa');
    await service.becomes(orderId, 'captured');
    await service.refund(orderId, 'order_cancelled');
    await service.deliver(OrderCancelled, { orderId, customer, total, cancelledFrom: 'paid' });
    const rows: unknown = await service.rows.query('SELECT status, order_ended FROM payments WHERE order_id = $1', [orderId]);
    expect(rows).toEqual([{ status: 'refunded', order_ended: true }]);
  });

  it('carries on at once when another replica is opening the same payment', async () => {
    const orderId = randomUUID();
    const other = service.rows.createQueryRunner();
    await other.startTransaction();
    await other.query(
      `INSERT INTO payments (id, order_id, customer_id, customer_email, status, order_ended, amount_minor, currency, version, opened_at)
       VALUES ($1, $2, 'alice', 'alice@example.com', 'open', false, 2598, 'EUR', 1, now())`,
      [uuidv7(), orderId],
    );
    await service.publish(OrderExpired, { orderId, customer, total });
    await eventually(async () => {
      const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      expect(await service.rows.query(waiting)).toHaveLength(1);
    });
    await other.commitTransaction();
    await other.release();
    await service.becomes(orderId, 'voided');
    expect(await service.handled('payment.open-payment', 'retried')).toBe(0);
  });

  it('opens nothing for an order whose end overtook its beginning', async () => {
    const orderId = randomUUID();
    const opened = await service.counted('orderly_payments_opened_total');
    await service.deliver(OrderExpired, { orderId, customer, total });
    await service.placed('pm_card_visa', { id: orderId });
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'voided', attempts: [] });
    expect(await service.pspBooks(orderId)).toEqual([]);
    expect(await service.counted('orderly_payments_opened_total')).toBe(opened);
  });
});
