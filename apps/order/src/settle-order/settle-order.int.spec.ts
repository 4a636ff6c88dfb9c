import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExpireOrder, PaymentCaptured, PaymentRefunded, topology, type RefundReason } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { countOf, OrderService } from '../order-service.spec-support.js';

const customer = { id: 'alice', email: 'alice@example.com' };
const total = { amountMinor: 2598, currency: 'EUR' };
const captured = (orderId: string, amountMinor = total.amountMinor) => ({
  orderId,
  paymentId: randomUUID(),
  attemptId: randomUUID(),
  customer,
  amount: { ...total, amountMinor },
});
const refunded = (orderId: string, reason: RefundReason, leftMinor = 0) => ({
  orderId,
  paymentId: randomUUID(),
  refundId: randomUUID(),
  customer,
  amount: total,
  reason,
  refunded: { ...total, amountMinor: total.amountMinor - leftMinor },
  left: { ...total, amountMinor: leftMinor },
});

describe('settling orders', () => {
  let service: OrderService;
  beforeAll(async () => {
    service = await OrderService.start();
  });
  afterAll(() => service?.stop());

  /** Moves a deadline into the past and lets it arrive. */
  async function expire(id: string): Promise<void> {
    await service.rows.query(`UPDATE orders SET payment_deadline = now() - interval '1 second' WHERE id = $1`, [id]);
    await service.hearTwice(ExpireOrder, { orderId: id });
  }

  it('pays an order when its payment is captured', async () => {
    const { id } = await service.place();
    await service.hearTwice(PaymentCaptured, captured(id));
    expect(await service.historyOf(id)).toEqual(['awaiting_payment placed', 'paid payment.captured.v1']);
    expect((await service.saidAbout(id)).slice(1)).toEqual([{ type: 'order.paid.v1', data: { orderId: id, customer, total } }]);
  });

  it('pays an order whose deadline has passed but which has not expired yet', async () => {
    const { id } = await service.place();
    await service.rows.query(`UPDATE orders SET payment_deadline = now() - interval '1 second' WHERE id = $1`, [id]);
    await service.hearTwice(PaymentCaptured, captured(id));
    expect(await service.statusOf(id)).toBe('paid');
  });

  it.each(['cancelled', 'expired'] as const)('sends money back that arrives after the order was %s, once', async (ended) => {
    const { id } = await service.place();
    if (ended === 'cancelled') await service.post(`/orders/${id}/cancel`);
    else await expire(id);
    const messageId = await service.hearTwice(PaymentCaptured, captured(id));
    await service.hearTwice(PaymentRefunded, refunded(id, 'late_payment'));
    expect(await service.historyOf(id)).toHaveLength(2);
    expect(await service.statusOf(id)).toBe(ended);
    expect((await service.saidAbout(id)).filter(({ type }) => type === 'payment.refund.v1')).toEqual([
      { type: 'payment.refund.v1', data: { orderId: id, refundId: messageId, reason: 'late_payment' } },
    ]);
  });

  it('has refunded a cancelled paid order when its money has gone back', async () => {
    const { id } = await service.place();
    await service.hearTwice(PaymentCaptured, captured(id));
    await service.post(`/orders/${id}/cancel`);
    await service.hearTwice(PaymentRefunded, refunded(id, 'order_cancelled'));
    expect(await service.historyOf(id)).toEqual([
      'awaiting_payment placed',
      'paid payment.captured.v1',
      'refunding customer',
      'refunded payment.refunded.v1',
    ]);
    expect((await service.saidAbout(id)).map(({ type }) => type)).toContain('order.refunded.v1');
  });

  it('names a message that came too late, and changes nothing', async () => {
    const { id } = await service.place();
    await service.hearTwice(PaymentCaptured, captured(id));
    const before = await countOf('too_late');
    await service.hearTwice(PaymentCaptured, captured(id));
    expect(await countOf('too_late')).toBe(before + 1);
    expect(await service.historyOf(id)).toHaveLength(2);
    expect(await service.saidAbout(id)).toHaveLength(2);
  });

  it('leaves an order paid while only a part of its money is back, and has refunded it when all of it is', async () => {
    const { id } = await service.place();
    await service.hearTwice(PaymentCaptured, captured(id));
    await service.hearTwice(PaymentRefunded, refunded(id, 'operator', 500));
    expect(await service.statusOf(id)).toBe('paid');
    await service.hearTwice(PaymentRefunded, refunded(id, 'operator'));
    expect(await service.historyOf(id)).toEqual(['awaiting_payment placed', 'paid payment.captured.v1', 'refunded payment.refunded.v1']);
  });

  it('lets a refund that overtook its capture wait for it', async () => {
    const { id } = await service.place();
    await service.hear(PaymentRefunded, refunded(id, 'operator'));
    await eventually(async () => expect(await countOf('retried')).toBeGreaterThan(0));
    await service.hearTwice(PaymentCaptured, captured(id));
    await eventually(async () => expect(await service.statusOf(id)).toBe('refunded'));
  });

  it('gives up at once on a captured amount that is not the total of the order', async () => {
    const { id } = await service.place();
    await service.hear(PaymentCaptured, captured(id, 2597));
    const dead = await eventually(
      async () => (await service.vhost.take(topology.deadLetters)) ?? Promise.reject(new Error('no dead letter yet')),
    );
    expect(JSON.stringify(dead.properties.headers)).toContain(`but order ${id} costs 2598 EUR`);
    expect(await service.statusOf(id)).toBe('awaiting_payment');
  });

  it('tries again later when the order is not there yet', async () => {
    const before = await countOf('retried');
    await service.hear(PaymentCaptured, captured(randomUUID()));
    await eventually(async () => expect(await countOf('retried')).toBeGreaterThan(before));
  });

  it('settles a hundred orders at once, whichever of them fail', async () => {
    const orders = await Promise.all(Array.from({ length: 100 }, () => service.place()));
    await Promise.all(orders.map(({ id }, n) => service.hear(PaymentCaptured, captured(id, n % 25 === 0 ? 1 : total.amountMinor))));
    await eventually(async () => {
      const [{ paid }] = (await service.rows.query(`SELECT count(*)::integer AS paid FROM orders WHERE status = 'paid' AND id = ANY($1)`, [
        orders.map(({ id }) => id),
      ])) as [{ paid: number }];
      expect(paid).toBe(96);
    });
  });
});
