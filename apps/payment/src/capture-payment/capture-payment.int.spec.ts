import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CapturePayment, OrderExpired, OrderPlaced } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { anAttempt, customer, orderOf, startPaymentService, total, type PaymentService } from '../payment-service.spec-support.js';

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

  it('keeps a payment of more than an integer holds, and is told by the provider that it takes no such amount', async () => {
    const amount = { amountMinor: 4_000_000_000, currency: 'EUR' };
    const orderId = await service.placed('pm_card_visa', { total: amount });
    await service.said('payment.declined.v1', orderId);
    expect(await service.paymentOf(orderId)).toMatchObject({ status: 'open', amount, attempts: [{ declineCode: 'amount_too_large' }] });
    expect(await service.pspBooks(orderId)).toEqual([]);
  });

  it('shows an attempt that was not answered as unknown, and not as declined', async () => {
    const orderId = await service.placed('pm_sim_hangCaptured_webhookNever');
    await eventually(async () => expect(await service.paymentOf(orderId)).toMatchObject({ attempts: [{ outcome: 'unknown' }] }));
    expect(await service.pspBooks(orderId)).toEqual([{ outcome: 'captured', amount: 2598 }]);
    await service.becomes(orderId, 'captured');
    expect(service.events.of('payment.declined.v1').filter(({ body }) => orderOf(body) === orderId)).toEqual([]);
  });

  it('uses up no attempt, and leaves no dead letter, while the provider turns everybody away', async () => {
    const [retried, dead] = await Promise.all(
      ['retried', 'dead'].map((outcome) => service.handled('payment.capture-payment', outcome as 'dead')),
    );
    const orderId = await service.placed('pm_sim_rateLimited');
    await service.becomes(orderId, 'captured');
    expect(await service.handled('payment.capture-payment', 'retried')).toBe(retried);
    expect(await service.handled('payment.capture-payment', 'dead')).toBe(dead);
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
    const orderId = await service.placed('pm_sim_wrongAmount');
    const payment = await service.becomes(orderId, 'review');
    expect(payment.attempts).toMatchObject([{ outcome: 'unknown' }]);
    expect(await service.ledgerOf(orderId)).toEqual([]);
    expect(await service.counted('orderly_payments_in_review_total')).toBe(1);
    await service.said('payment.captured.v1', await service.placed('pm_card_visa'));
    const about = service.events.messages.filter(({ body, routingKey }) => orderOf(body) === orderId && routingKey !== 'order.placed.v1');
    expect(about).toEqual([]);
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
    const books: { captures: number; payments: number }[] = await service.pspRows.query(
      `SELECT count(*)::int AS captures, count(DISTINCT metadata->>'payment_id')::int AS payments FROM payment_intents
        WHERE status = 'succeeded' AND metadata->>'order_id' = ANY($1)`,
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

  it('keeps what it finds captured for an order that ended while the provider was silent', async () => {
    const orderId = await service.placed('pm_sim_hangCaptured_webhookNever');
    await eventually(async () => expect(await service.pspBooks(orderId)).toHaveLength(1));
    await service.deliver(OrderExpired, { orderId, customer, total });
    await service.becomes(orderId, 'captured');
    expect(await service.said('payment.captured.v1', orderId)).toHaveLength(1);
  });

  it('sees to it that nothing is captured any more when the order has ended and the provider may have been asked', async () => {
    const { orderId, ...command } = await anAttempt(service, { asked: true, orderEnded: true });
    await service.deliver(CapturePayment, { orderId, ...command });
    expect(await service.becomes(orderId, 'voided')).toMatchObject({ attempts: [{ outcome: 'declined', declineCode: 'order_ended' }] });
    expect(await service.pspBooks(orderId)).toEqual([]);
    // Events of one service are sent in the order of their commits, so by the time the next one is seen a wrong one would have been too.
    await service.said('payment.captured.v1', await service.placed('pm_card_visa'));
    expect(service.events.of('payment.declined.v1').filter(({ body }) => orderOf(body) === orderId)).toEqual([]);
  });

  it('captures nothing for orders that end while the provider is away, though they wait to be asked for', async () => {
    await service.psp.stop();
    const orderId = await service.placed('pm_card_visa');
    const waiting = () => service.rows.query("SELECT FROM attempts WHERE asked_at < now() - interval '6 s' AND outcome = 'pending'");
    await service.deliver(OrderExpired, { orderId, customer, total });
    await eventually(async () => expect(await waiting()).toHaveLength(1), { within: 10_000 });
    await service.psp.start();
    expect(await service.becomes(orderId, 'voided', 20_000)).toMatchObject({ attempts: [{ declineCode: 'order_ended' }] });
    expect(await service.pspBooks(orderId)).toEqual([]);
  });
});
