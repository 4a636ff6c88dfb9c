import { describe, expect, it } from 'vitest';
import type { Order } from './order.entity.js';
import { orderView, OrderView, orderWithHistoryView, OrderWithHistoryView } from './order-view.js';

const order: Order = {
  id: '0199b3a0-0000-7000-8000-000000000001',
  customerId: 'alice',
  email: 'alice@example.com',
  status: 'paid',
  items: [{ sku: 'MUG-STONEWARE', name: 'Stoneware mug', quantity: 2, priceMinor: 1299 }],
  totalMinor: 2598,
  currency: 'EUR',
  version: 2,
  placedAt: new Date('2026-11-22T12:00:00.123Z'),
  paymentDeadline: new Date('2026-11-22T12:15:00.123Z'),
};

describe('an order as JSON', () => {
  it('has money with its currency, instants to the millisecond, and nothing of the row besides', () => {
    expect(orderView(order)).toEqual({
      id: order.id,
      status: 'paid',
      items: [{ sku: 'MUG-STONEWARE', name: 'Stoneware mug', quantity: 2, price: { amountMinor: 1299, currency: 'EUR' } }],
      total: { amountMinor: 2598, currency: 'EUR' },
      email: 'alice@example.com',
      placedAt: '2026-11-22T12:00:00.123Z',
      paymentDeadline: '2026-11-22T12:15:00.123Z',
    });
  });

  it('tells its history from null on', () => {
    const at = order.placedAt;
    const view = orderWithHistoryView(order, [
      { orderId: order.id, sequence: 1, from: null, to: 'awaiting_payment', cause: 'placed', at },
      { orderId: order.id, sequence: 2, from: 'awaiting_payment', to: 'paid', cause: 'payment.captured.v1', at },
    ]);
    expect(view.history).toEqual([
      { sequence: 1, from: null, to: 'awaiting_payment', cause: 'placed', at: '2026-11-22T12:00:00.123Z' },
      { sequence: 2, from: 'awaiting_payment', to: 'paid', cause: 'payment.captured.v1', at: '2026-11-22T12:00:00.123Z' },
    ]);
  });

  it('is what the API document promises', () => {
    expect(OrderView.strict().parse(orderView(order))).toBeDefined();
    expect(OrderWithHistoryView.strict().parse(orderWithHistoryView(order, []))).toBeDefined();
  });
});
