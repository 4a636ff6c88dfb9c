import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExpireOrder, PaymentCaptured, PaymentRefunded } from '#libs/contracts';
import { asCustomer } from '#libs/testing';
import { OrderService } from '../order-service.spec-support.js';

const customer = { id: 'alice', email: 'alice@example.com' };
const amount = { amountMinor: 2598, currency: 'EUR' };

describe('cancelling an order', () => {
  let service: OrderService;
  beforeAll(async () => {
    service = await OrderService.start();
  });
  afterAll(() => service?.stop());

  const pay = (orderId: string) =>
    service.hearTwice(PaymentCaptured, { orderId, paymentId: randomUUID(), attemptId: randomUUID(), customer, amount });

  it('cancels an unpaid order, and answers the same when asked again', async () => {
    const { id, ...order } = await service.place();
    const first = await service.post(`/orders/${id}/cancel`);
    expect(first.status).toBe(200);
    const answer = await first.text();
    expect(JSON.parse(answer)).toEqual({ ...order, id, status: 'cancelled' });
    const again = await service.post(`/orders/${id}/cancel`);
    expect([again.status, await again.text()]).toEqual([200, answer]);
    expect(await service.historyOf(id)).toEqual(['awaiting_payment placed', 'cancelled customer']);
    expect((await service.saidAbout(id)).slice(1)).toEqual([
      { type: 'order.cancelled.v1', data: { orderId: id, customer, total: amount, cancelledFrom: 'awaiting_payment' } },
    ]);
  });

  it('asks for the money of a paid order back, once', async () => {
    const { id } = await service.place();
    await pay(id);
    const answers = await Promise.all(Array.from({ length: 5 }, () => service.post(`/orders/${id}/cancel`)));
    for (const answer of answers) expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'refunding' }]);
    const said = (await service.saidAbout(id)).slice(2);
    expect(said).toContainEqual({ type: 'order.cancelled.v1', data: { orderId: id, customer, total: amount, cancelledFrom: 'paid' } });
    expect(said).toContainEqual({
      type: 'payment.refund.v1',
      data: { orderId: id, refundId: expect.any(String), reason: 'order_cancelled' },
    });
    expect(said).toHaveLength(2);
  });

  it('refuses when the order has expired or been refunded', async () => {
    const expired = await service.place();
    await service.rows.query(`UPDATE orders SET payment_deadline = now() WHERE id = $1`, [expired.id]);
    await service.hearTwice(ExpireOrder, { orderId: expired.id });

    const refunded = await service.place();
    await pay(refunded.id);
    await service.post(`/orders/${refunded.id}/cancel`);
    const reason = 'order_cancelled' as const;
    await service.hearTwice(PaymentRefunded, {
      orderId: refunded.id,
      paymentId: randomUUID(),
      refundId: randomUUID(),
      customer,
      amount,
      reason,
      refunded: amount,
      left: { ...amount, amountMinor: 0 },
    });

    for (const { id } of [expired, refunded]) {
      const answer = await service.post(`/orders/${id}/cancel`);
      expect([answer.status, await answer.json()]).toMatchObject([409, { type: '/problems/order-not-cancellable' }]);
    }
  });

  it('cancels under If-Match only what was seen, and leaves everything else as it was', async () => {
    const { id } = await service.place();
    const cancelIf = (tag: string) => service.post(`/orders/${id}/cancel`, undefined, { 'if-match': tag });
    const seen = (await service.get(`/orders/${id}`)).headers.get('etag')!;
    await pay(id);
    const now = (await service.get(`/orders/${id}`)).headers.get('etag')!;
    for (const tag of [seen, `W/${now}`, '"3"', now.slice(1, -1), 'nonsense']) {
      const answer = await cancelIf(tag);
      expect([answer.status, await answer.json()]).toMatchObject([412, { type: '/problems/precondition-failed' }]);
    }
    expect(await service.historyOf(id)).toEqual(['awaiting_payment placed', 'paid payment.captured.v1']);
    expect((await service.saidAbout(id)).map(({ type }) => type)).toEqual(['order.placed.v1', 'order.paid.v1']);
    // Whoever comes second asks for what is done already, as does who has not heard the first answer and asks again.
    const answers = await Promise.all([cancelIf(`${seen}, ${now}`), cancelIf(now), cancelIf(now)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await cancelIf('*')).status).toBe(200);
    expect(await service.historyOf(id)).toHaveLength(3);
  });

  it('calls a conflict what no condition would change', async () => {
    const { id } = await service.place();
    await service.rows.query(`UPDATE orders SET payment_deadline = now() WHERE id = $1`, [id]);
    await service.hearTwice(ExpireOrder, { orderId: id });
    const answer = await service.post(`/orders/${id}/cancel`, undefined, { 'if-match': '"1"' });
    expect([answer.status, await answer.json()]).toMatchObject([409, { type: '/problems/order-not-cancellable' }]);
  });

  it('knows no order that is unknown, of somebody else, or not an id', async () => {
    const { id } = await service.place({}, asCustomer('bob'));
    for (const name of [randomUUID(), id, 'twelve']) {
      const answer = await service.post(`/orders/${name}/cancel`, undefined, { 'if-match': '"9"' });
      expect([answer.status, await answer.json()]).toMatchObject([404, { type: '/problems/order-not-found' }]);
    }
    expect(await service.statusOf(id)).toBe('awaiting_payment');
  });
});
