import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExpireOrder, PaymentCaptured } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { countOf, OrderService } from '../order-service.spec-support.js';
import { OverdueOrders } from './overdue-orders.js';

describe('expiring orders', () => {
  let service: OrderService;
  beforeAll(async () => {
    service = await OrderService.start({ OVERDUE_GRACE_SECONDS: '10' });
  });
  afterAll(() => service?.stop());

  it('expires an unpaid order at its deadline: not before, and at most two seconds after', async () => {
    const { id } = await service.place({ paymentWindowSeconds: 5 });
    await eventually(async () => expect(await service.statusOf(id)).toBe('expired'), { within: 8000 });
    const [row] = await service.rows.query<{ late: number }[]>(
      `SELECT extract(epoch FROM at - payment_deadline)::float8 AS late FROM orders JOIN order_history ON order_id = id WHERE id = $1 AND to_status = 'expired'`,
      [id],
    );
    expect(row!.late).toBeGreaterThanOrEqual(0);
    expect(row!.late).toBeLessThan(2);
    expect((await service.saidAbout(id)).map(({ type }) => type)).toEqual(['order.placed.v1', 'order.expired.v1']);
  });

  it('expires once, however often the deadline arrives', async () => {
    const { id } = await service.place();
    await service.rows.query(`UPDATE orders SET payment_deadline = now() WHERE id = $1`, [id]);
    await service.hearTwice(ExpireOrder, { orderId: id });
    await service.hearTwice(ExpireOrder, { orderId: id });
    expect(await service.historyOf(id)).toEqual(['awaiting_payment placed', 'expired deadline']);
  });

  it('waits again when the deadline is announced too early', async () => {
    const { id } = await service.place();
    await eventually(() => expect(service.timersOf(id)).toBe(1));
    await service.hearTwice(ExpireOrder, { orderId: id });
    await eventually(() => expect(service.timersOf(id)).toBe(2));
    expect(await service.statusOf(id)).toBe('awaiting_payment');
  });

  it('leaves an order alone that was paid in time', async () => {
    const { id } = await service.place();
    const customer = { id: 'alice', email: 'alice@example.com' };
    const amount = { amountMinor: 2598, currency: 'EUR' };
    await service.hearTwice(PaymentCaptured, { orderId: id, paymentId: randomUUID(), attemptId: randomUUID(), customer, amount });
    await service.rows.query(`UPDATE orders SET payment_deadline = now() WHERE id = $1`, [id]);
    const before = await countOf('too_late');
    await service.hearTwice(ExpireOrder, { orderId: id });
    expect(await countOf('too_late')).toBe(before + 1);
    expect(await service.statusOf(id)).toBe('paid');
  });

  describe('when timers are lost', () => {
    /** Orders without a timer, so many seconds past their deadline. */
    async function overdue(orders: number, seconds: number): Promise<void> {
      await service.rows.query(
        `WITH placed AS (
           INSERT INTO orders (id, customer_id, email, status, items, total_minor, currency, version, placed_at, payment_deadline)
           SELECT gen_random_uuid(), 'swept', 'swept@example.com', 'awaiting_payment', '[]', 100, 'EUR', 1, now(), now() - make_interval(secs => $2)
           FROM generate_series(1, $1::integer) RETURNING id
         ) INSERT INTO order_history SELECT id, 1, NULL, 'awaiting_payment', 'placed', now() FROM placed`,
        [orders, seconds],
      );
    }

    it('sweeps up every overdue order, each once, also when two sweep at the same time', async () => {
      await overdue(450, 11);
      await overdue(3, 9);
      const sweeper = service.app.get(OverdueOrders);
      const swept = await Promise.all([sweeper.sweep(), sweeper.sweep()]);
      const left = await sweeper.sweep();
      expect(swept[0] + swept[1] + left).toBe(450);
      const rows = await service.rows.query<{ status: string; version: number; count: number }[]>(
        `SELECT status, version, count(*)::integer AS count FROM orders WHERE customer_id = 'swept' GROUP BY 1, 2 ORDER BY 1`,
      );
      expect(rows).toEqual([
        { status: 'awaiting_payment', version: 1, count: 3 },
        { status: 'expired', version: 2, count: 450 },
      ]);
    });
  });
});

describe('the sweeper', () => {
  it('runs by itself until the service stops', async () => {
    const service = await OrderService.start({ OVERDUE_SWEEP_INTERVAL_MS: '50', OVERDUE_GRACE_SECONDS: '0' });
    try {
      const { id } = await service.place();
      await service.rows.query(`UPDATE orders SET payment_deadline = now() WHERE id = $1`, [id]);
      await eventually(async () => expect(await service.historyOf(id)).toContain('expired deadline'));
    } finally {
      await service.stop();
    }
  });
});
