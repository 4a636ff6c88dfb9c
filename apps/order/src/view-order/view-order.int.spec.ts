import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PaymentCaptured, ViewOrder, ViewPayment } from '#libs/contracts';
import { askService, eventually } from '#libs/testing';
import { OrderService } from '../order-service.spec-support.js';

describe('what the order service says of an order', () => {
  let service: OrderService;
  beforeAll(async () => {
    service = await OrderService.start();
  });
  afterAll(() => service?.stop());

  const view = async (orderId: string, messageIds?: string[]) =>
    ViewOrder.answer.parse(await askService(service.vhost.url, ViewOrder.name, { orderId, ...(messageIds && { messageIds }) }));

  it('is the call, every change with its cause, and the deliveries of the messages that were asked for', async () => {
    const key = `key-${randomUUID()}`;
    const placed = await service.place({}, { 'idempotency-key': key });
    const captured = await service.hearTwice(PaymentCaptured, {
      orderId: placed.id,
      paymentId: randomUUID(),
      attemptId: randomUUID(),
      customer: { id: 'alice', email: 'alice@example.com' },
      amount: placed.total,
    });
    await service.post(`/orders/${placed.id}/cancel`);
    await service.saidAbout(placed.id);
    const { order, happened } = await view(placed.id, [captured, randomUUID()]);
    expect(order).toEqual({
      id: placed.id,
      status: 'refunding',
      total: placed.total,
      placedAt: placed.placedAt,
      paymentDeadline: placed.paymentDeadline,
    });
    expect(happened).toMatchObject([
      { kind: 'request', what: 'POST /orders', at: placed.placedAt, details: { idempotencyKey: key, answered: 201, customerId: 'alice' } },
      { kind: 'change', id: 'order.v1', causedBy: happened[0]!.id, sequence: 1, details: { cause: 'placed' } },
      { kind: 'change', id: 'order.v2', sequence: 2, details: { from: 'awaiting_payment', to: 'paid', cause: 'payment.captured.v1' } },
      { kind: 'request', what: `POST /orders/${placed.id}/cancel` },
      { kind: 'change', id: 'order.v3', causedBy: happened[3]!.id, sequence: 3, details: { cause: 'customer' } },
      { kind: 'delivery', causedBy: captured, details: { queue: 'order.settle-order' } },
    ]);
    expect(JSON.stringify(happened)).not.toContain('@');
  });

  it('is what waits in the outbox, and what is parked there', async () => {
    const orderId = randomUUID();
    const row = [randomUUID(), JSON.stringify({ cloudEvents_subject: orderId, cloudEvents_causationid: 'a-cause' })];
    await service.rows.query(
      `INSERT INTO outbox (id, type, headers, body, retry_at) VALUES ($1, 'order.paid.v1', $2, '{}', now() + interval '1 day')`,
      row,
    );
    await service.rows.query(
      `INSERT INTO outbox_parked (id, type, headers, body, attempts, error, at) VALUES ($1, 'order.paid.v1', $2, '{}', 3, 'too large', now())`,
      row,
    );
    expect(await view(orderId, [])).toMatchObject({
      order: null,
      happened: [
        { kind: 'waiting', causedBy: 'a-cause', details: { messageId: row[0] } },
        { kind: 'parked', details: { error: 'too large' } },
      ],
    });
    await service.rows.query('DELETE FROM outbox');
    await service.rows.query('DELETE FROM outbox_parked');
  });

  it('is nothing of an order that it does not know, and only the order when nobody asks what happened', async () => {
    expect(await view(randomUUID(), [])).toEqual({ order: null, happened: [] });
    const placed = await service.place();
    expect(await view(placed.id)).toMatchObject({ order: { id: placed.id }, happened: [] });
  });

  it('shows an order without its payment, and says so, when the payment service does not answer', async () => {
    const placed = await service.place();
    const answer = await service.get(`/orders/${placed.id}?expand=payment`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      id: placed.id,
      history: [{ cause: 'placed' }],
      payment: null,
      gaps: [{ source: 'payment', reason: 'no answer within 2000 ms' }],
    });
    // By then the broker has given up the question, or is about to.
    await eventually(async () => expect(await service.vhost.depth(ViewPayment.name)).toMatchObject({ messages: 0 }));
    expect(await (await service.get(`/orders/${placed.id}`)).json()).not.toHaveProperty('payment');
  });

  it.each(['?expand=customer', '?expand=', '?expand=payment&expand=payment', '?expanded=payment'])('refuses %s', async (query) => {
    const answer = await service.get(`/orders/${randomUUID()}${query}`);
    expect([answer.status, await answer.json()]).toMatchObject([422, { type: '/problems/validation', errors: [expect.anything()] }]);
  });
});
