import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CapturePayment, OrderPlaced, type DataOf } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { customer, orderOf, startPaymentService, total, type PaymentService } from '../payment-service.spec-support.js';

describe('capturing', () => {
  let service: PaymentService;

  beforeAll(async () => {
    service = await startPaymentService();
  });
  afterAll(() => service.stop());

  it('never lets a slow answer hold back a quick one', async () => {
    const slow = await service.placed('pm_card_slow');
    const quick = await service.placed('pm_card_visa');
    await service.said('payment.captured.v1', quick);
    expect(await service.paymentOf(slow)).toMatchObject({ status: 'authorising' });
    await service.said('payment.captured.v1', slow);
  });

  it('books each capture once, in two entries that sum to zero', async () => {
    const orderId = await service.placed('pm_card_visa');
    await service.becomes(orderId, 'captured');
    expect(await service.ledgerOf(orderId)).toEqual([
      { account: 'customer', amount: -2598 },
      { account: 'provider', amount: 2598 },
    ]);
  });

  it('captures, books and gives back more than an integer holds', async () => {
    const amount = 4_000_000_000;
    const orderId = await service.placed('pm_card_visa', { total: { amountMinor: amount, currency: 'EUR' } });
    expect(await service.becomes(orderId, 'captured')).toMatchObject({ amount: { amountMinor: amount } });
    expect(await service.ledgerOf(orderId)).toEqual([
      { account: 'customer', amount: -amount },
      { account: 'provider', amount },
    ]);
    await service.refund(orderId, 'order_cancelled');
    expect(await service.becomes(orderId, 'refunded')).toMatchObject({ refunds: [{ amount: { amountMinor: amount } }] });
    expect(await service.pspBooks(orderId)).toEqual([
      { outcome: 'captured', amount },
      { outcome: 'refunded', amount },
    ]);
  });

  it('shows as unknown what it asked before and has to ask again', async () => {
    const { orderId, ...command } = await anAttempt(service, { asked: true });
    await service.rows.query(
      `INSERT INTO psp_books (key, operation, asked, reference, outcome, amount_minor, currency)
       VALUES ($1, 'capture', 'something else', 'pi_other', 'captured', 2598, 'EUR')`,
      [command.attemptId],
    );
    await service.publish(CapturePayment, { orderId, ...command });
    await eventually(async () => expect(await service.handled('payment.capture-payment', 'retried')).toBe(1));
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'authorising', attempts: [{ outcome: 'unknown' }] });
  });

  it('asks again, and captures nothing more, when it died between the provider and the outcome', async () => {
    const { orderId, ...command } = await anAttempt(service, { asked: true });
    await service.rows.query(
      `INSERT INTO psp_books (key, operation, asked, reference, outcome, amount_minor, currency) VALUES ($1, 'capture', $2, 'pi_earlier', 'captured', 2598, 'EUR')`,
      [command.attemptId, JSON.stringify(['pm_card_visa', 2598, 'EUR'])],
    );
    await service.deliver(CapturePayment, { orderId, ...command });
    await service.becomes(orderId, 'captured');
    expect(await service.pspBooks(orderId)).toEqual([{ outcome: 'captured', amount: 2598 }]);
    expect(await service.said('payment.captured.v1', orderId)).toHaveLength(1);
  });

  it('takes a command that comes again under another id for what it is: too late', async () => {
    const orderId = await service.placed('pm_card_visa');
    const { id: paymentId, attempts } = await service.becomes(orderId, 'captured');
    const before = await service.handled('payment.capture-payment', 'too_late');
    await service.deliver(CapturePayment, { orderId, paymentId, attemptId: attempts[0]!.id });
    expect(await service.handled('payment.capture-payment', 'too_late')).toBe(before + 1);
    expect(await service.pspBooks(orderId)).toEqual([{ outcome: 'captured', amount: 2598 }]);
    expect(await service.said('payment.captured.v1', orderId)).toHaveLength(1);
  });

  it('gives up a command for an attempt that does not exist', async () => {
    const dead = await service.handled('payment.capture-payment', 'dead');
    await service.publish(CapturePayment, { orderId: randomUUID(), paymentId: randomUUID(), attemptId: randomUUID() });
    await eventually(async () => expect(await service.handled('payment.capture-payment', 'dead')).toBe(dead + 1));
  });

  it('puts a payment whose provider contradicts us aside for a person, and tells nobody that it is paid', async () => {
    const { orderId, ...command } = await anAttempt(service, { asked: true });
    await service.rows.query(
      `INSERT INTO psp_books (key, operation, asked, reference, outcome, amount_minor, currency) VALUES ($1, 'capture', $2, 'pi_lie', 'captured', 2597, 'EUR')`,
      [command.attemptId, JSON.stringify(['pm_card_visa', 2598, 'EUR'])],
    );
    await service.deliver(CapturePayment, { orderId, ...command });
    const payment = await service.becomes(orderId, 'review');
    expect(payment.attempts).toMatchObject([{ outcome: 'unknown' }]);
    expect(await service.ledgerOf(orderId)).toEqual([]);
    await service.said('payment.captured.v1', await service.placed('pm_card_visa'));
    expect(service.events.messages.filter(({ body }) => orderOf(body) === orderId)).toEqual([]);
  });

  it('captures each of two hundred orders once when every message comes twice and all come at once', async () => {
    const orderIds: string[] = Array.from({ length: 200 }, () => randomUUID());
    const twice = orderIds.flatMap((orderId) => {
      const placed = { orderId, customer, total, paymentDeadline: '2030-01-01T00:00:00.000Z', paymentMethod: 'pm_card_visa' };
      const id = randomUUID();
      return [service.publish(OrderPlaced, placed, id), service.publish(OrderPlaced, placed, id)];
    });
    await Promise.all(twice);
    const captured = () =>
      service.events
        .of('payment.captured.v1')
        .map(({ body }) => orderOf(body))
        .filter((orderId) => orderIds.includes(orderId))
        .toSorted();
    await eventually(() => expect(captured()).toEqual(orderIds.toSorted()), { within: 15_000 });
    await eventually(async () => expect(await service.handled('payment.open-payment', 'duplicate')).toBeGreaterThanOrEqual(200));
    const books: { captures: number; payments: number }[] = await service.rows.query(
      `SELECT count(*)::int AS captures, count(DISTINCT payments.id)::int AS payments
         FROM psp_books JOIN attempts ON attempts.id::text = psp_books.key JOIN payments ON payments.id = attempts.payment_id
        WHERE psp_books.outcome = 'captured' AND payments.order_id = ANY($1::uuid[])`,
      [orderIds],
    );
    expect(books).toEqual([{ captures: 200, payments: 200 }]);
  });

  it('does not ask for an order that ended before it was asked', async () => {
    const { orderId, ...command } = await anAttempt(service, { asked: false, orderEnded: true });
    await service.deliver(CapturePayment, { orderId, ...command });
    expect(await service.paymentOf(orderId)).toMatchObject({
      status: 'voided',
      attempts: [{ outcome: 'declined', declineCode: 'order_ended' }],
    });
    expect(await service.pspBooks(orderId)).toEqual([]);
  });

  it('asks all the same when it had asked before the order ended, and keeps what it finds captured', async () => {
    const { orderId, ...command } = await anAttempt(service, { asked: true, orderEnded: true });
    await service.deliver(CapturePayment, { orderId, ...command });
    await service.becomes(orderId, 'captured');
    expect(await service.said('payment.captured.v1', orderId)).toHaveLength(1);
  });

  it('voids the payment, and says nothing, when the decline comes after the end of the order', async () => {
    const { orderId, ...command } = await anAttempt(service, { asked: true, orderEnded: true, paymentMethod: 'pm_card_chargeDeclined' });
    await service.deliver(CapturePayment, { orderId, ...command });
    await service.becomes(orderId, 'voided');
    // Events of one service are sent in the order of their commits, so by the time the next one is seen a wrong one would have been too.
    await service.said('payment.captured.v1', await service.placed('pm_card_visa'));
    expect(service.events.of('payment.declined.v1').filter(({ body }) => orderOf(body) === orderId)).toEqual([]);
  });
});

/** An attempt as it stands when its command was lost on the way, or its consumer died. */
async function anAttempt(
  service: PaymentService,
  attempt: { asked: boolean; orderEnded?: boolean; paymentMethod?: string },
): Promise<DataOf<typeof CapturePayment>> {
  const command = { orderId: randomUUID(), paymentId: uuidv7(), attemptId: uuidv7() };
  await service.rows.query(
    `WITH payment AS (
       INSERT INTO payments (id, order_id, customer_id, customer_email, status, order_ended, amount_minor, currency, version, opened_at)
       VALUES ($1, $2, 'alice', 'alice@example.com', 'authorising', $3, 2598, 'EUR', 2, now()) RETURNING id
     )
     INSERT INTO attempts (id, payment_id, payment_method, outcome, asked_at, at)
     SELECT $4, id, $5, 'pending', CASE WHEN $6 THEN now() END, now() FROM payment`,
    [
      command.paymentId,
      command.orderId,
      attempt.orderEnded ?? false,
      command.attemptId,
      attempt.paymentMethod ?? 'pm_card_visa',
      attempt.asked,
    ],
  );
  return command;
}
