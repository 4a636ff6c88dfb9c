import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing';
import type { RefundView } from '../payment/payment-view.js';
import { customer, problemOf, startPaymentService, total, type PaymentService } from '../payment-service.spec-support.js';

const euros = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

describe('POST /payments/{id}/refunds', () => {
  let service: PaymentService;

  beforeAll(async () => {
    service = await startPaymentService();
  });
  afterAll(() => service.stop());

  async function captured(): Promise<{ orderId: string; paymentId: string }> {
    const orderId = await service.placed('pm_card_visa');
    const { id: paymentId } = await service.becomes(orderId, 'captured');
    return { orderId, paymentId };
  }

  const succeeded = (orderId: string, count: number) =>
    eventually(async () => {
      const { refunds } = await service.paymentOf(orderId);
      expect(refunds.filter(({ status }) => status === 'succeeded')).toHaveLength(count);
    });

  it('gives back parts, keeps the payment captured until nothing is left, and says each time what is', async () => {
    const { orderId, paymentId } = await captured();
    const response = await service.requestRefund(paymentId, { amount: euros(600), reason: 'one mug was broken' });
    expect([response.status, response.headers.get('location')]).toEqual([202, `/payments/${paymentId}`]);
    const refund = (await response.json()) as RefundView;
    expect(refund).toMatchObject({ amount: euros(600), reason: 'one mug was broken', status: 'pending' });
    await succeeded(orderId, 1);
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'captured', refunds: [{ id: refund.id, status: 'succeeded' }] });

    await service.requestRefund(paymentId, {});
    const payment = await service.becomes(orderId, 'refunded');
    expect(payment.refunds.map(({ amount }) => amount)).toEqual([euros(600), euros(1998)]);
    expect(await service.pspBooks(orderId)).toEqual([
      { outcome: 'captured', amount: 2598 },
      { outcome: 'refunded', amount: 600 },
      { outcome: 'refunded', amount: 1998 },
    ]);
    expect(await service.ledgerOf(orderId)).toEqual([
      { account: 'customer', amount: 0 },
      { account: 'provider', amount: 0 },
    ]);
    await eventually(() => expect(service.events.of('payment.refunded.v1')).toHaveLength(2));
    expect(await service.said('payment.refunded.v1', orderId)).toMatchObject([
      { paymentId, customer, amount: total, refundId: refund.id, reason: 'operator', refunded: euros(600), left: euros(1998) },
      { reason: 'operator', refunded: euros(1998), left: euros(0) },
    ]);
  });

  it('never gives back more than was captured, whoever asks at the same time', async () => {
    const { orderId, paymentId } = await captured();
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.requestRefund(paymentId, { amount: euros(600) })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(4);
    for (const refused of answers.filter(({ status }) => status !== 202))
      expect(await problemOf(refused)).toEqual([422, '/problems/refund-exceeds-captured']);
    await succeeded(orderId, 4);
    expect(await service.rows.query('SELECT refund_requested_minor FROM payments WHERE id = $1', [paymentId])).toEqual([
      { refund_requested_minor: 2400 },
    ]);
  });

  it('has a table that refuses to ask back more than was captured', async () => {
    const { paymentId } = await captured();
    const tooMuch = service.rows.query('UPDATE payments SET refund_requested_minor = amount_minor + 1 WHERE id = $1', [paymentId]);
    await expect(tooMuch).rejects.toThrow('payments_refunds_within_amount');
  });

  it('returns what is left when the order is cancelled after a part went back', async () => {
    const { orderId, paymentId } = await captured();
    await service.requestRefund(paymentId, { amount: euros(98) });
    await service.refund(orderId, 'order_cancelled');
    const payment = await service.becomes(orderId, 'refunded');
    expect(new Set(payment.refunds.map(({ amount }) => amount.amountMinor))).toEqual(new Set([98, 2500]));
  });

  it('answers a repeat of a request with the same refund', async () => {
    const { orderId, paymentId } = await captured();
    const key = randomUUID();
    const first = await service.requestRefund(paymentId, {}, { key });
    await service.becomes(orderId, 'refunded');
    const again = await service.requestRefund(paymentId, {}, { key });
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 'true']);
    expect(await again.text()).toBe(await first.text());
    expect(await problemOf(await service.requestRefund(paymentId, { amount: euros(1) }, { key }))).toEqual([
      422,
      '/problems/idempotency-key-reused',
    ]);
  });

  it.each<[string, object, [number, string]]>([
    ['more than is left', { amount: euros(2599) }, [422, '/problems/refund-exceeds-captured']],
    ['nothing', { amount: euros(0) }, [422, '/problems/validation']],
    ['less than nothing', { amount: euros(-1) }, [422, '/problems/validation']],
    ['half a cent', { amount: euros(0.5) }, [422, '/problems/validation']],
    ['another currency', { amount: { amountMinor: 1, currency: 'USD' } }, [422, '/problems/validation']],
    ['an unknown member', { total: 1 }, [422, '/problems/validation']],
    ['a card number as its reason', { reason: 'card 4242 4242 4242 4242' }, [422, '/problems/card-number-refused']],
  ])('refuses a refund of %s, and moves nothing', async (_, body, refusal) => {
    const { orderId, paymentId } = await captured();
    expect(await problemOf(await service.requestRefund(paymentId, body))).toEqual(refusal);
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'captured', refunds: [] });
  });

  it('refuses when nothing was captured, when nothing is left, and for a payment that is not there', async () => {
    const { id: open } = await service.paymentOf(await service.placed());
    expect(await problemOf(await service.requestRefund(open, {}))).toEqual([422, '/problems/refund-exceeds-captured']);
    const { orderId, paymentId } = await captured();
    await service.requestRefund(paymentId, {});
    await service.becomes(orderId, 'refunded');
    expect(await problemOf(await service.requestRefund(paymentId, {}))).toEqual([422, '/problems/refund-exceeds-captured']);
    expect(await problemOf(await service.requestRefund(uuidv7(), {}))).toEqual([404, '/problems/payment-not-found']);
  });

  it('is for operators only', async () => {
    const { paymentId } = await captured();
    expect(await problemOf(await service.requestRefund(paymentId, {}, { operator: null }))).toEqual([401, '/problems/unauthenticated']);
  });
});
