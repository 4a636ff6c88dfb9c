import { describe, expect, it } from 'vitest';
import {
  NoticeKind,
  OrderCancelled,
  OrderExpired,
  OrderPaid,
  OrderPlaced,
  OrderRefunded,
  PaymentDeclined,
  PaymentRefunded,
  topology,
} from '#libs/contracts';
import { wordingOf, type News } from './wording.js';

const yen = { amountMinor: 1200, currency: 'JPY' };
const { paymentMethod: _, ...placedWithoutMethod } = OrderPlaced.example;

const told: [story: string, news: News, kind: NoticeKind, words: string[]][] = [
  ['an order with a payment method', { type: 'order.placed.v1', data: OrderPlaced.example }, 'order-placed', ['payment of 25.98 EUR now']],
  [
    'an order that waits for a payment method',
    { type: 'order.placed.v1', data: placedWithoutMethod },
    'order-placed',
    ['pay 25.98 EUR before 2026-11-22 12:15:00 UTC', 'expires'],
  ],
  ['a paid order', { type: 'order.paid.v1', data: OrderPaid.example }, 'order-paid', ['received 25.98 EUR']],
  ['a paid order in yen', { type: 'order.paid.v1', data: { ...OrderPaid.example, total: yen } }, 'order-paid', ['received 1200 JPY']],
  ['a cancelled order', { type: 'order.cancelled.v1', data: OrderCancelled.example }, 'order-cancelled', ['nothing to pay']],
  [
    'a paid order that was cancelled',
    { type: 'order.cancelled.v1', data: { ...OrderCancelled.example, cancelledFrom: 'paid' } },
    'order-cancelled',
    ['25.98 EUR are on their way back'],
  ],
  ['an expired order', { type: 'order.expired.v1', data: OrderExpired.example }, 'order-expired', ['not paid in time']],
  ['a refunded order', { type: 'order.refunded.v1', data: OrderRefunded.example }, 'order-refunded', ['sent back all of the 25.98 EUR']],
  [
    'a declined payment',
    { type: 'payment.declined.v1', data: PaymentDeclined.example },
    'payment-declined',
    ['25.98 EUR was declined.', 'another method'],
  ],
  [
    'a payment declined for lack of money',
    { type: 'payment.declined.v1', data: { ...PaymentDeclined.example, declineCode: 'insufficient_funds' } },
    'payment-declined',
    ['does not hold enough'],
  ],
  [
    'money that came too late',
    { type: 'payment.refunded.v1', data: PaymentRefunded.example },
    'payment-returned',
    ['came after the order had ended, so we have sent back 25.98 EUR'],
  ],
  [
    'a part that an operator has given back',
    {
      type: 'payment.refunded.v1',
      data: {
        ...PaymentRefunded.example,
        reason: 'operator',
        refunded: { amountMinor: 500, currency: 'EUR' },
        left: { amountMinor: 2098, currency: 'EUR' },
      },
    },
    'payment-returned',
    ['sent back 5.00 EUR of your payment'],
  ],
];

describe('wording', () => {
  it.each(told)('tells of %s', (_story, news, kind, words) => {
    const wording = wordingOf(news);
    expect(wording?.kind).toBe(kind);
    for (const part of words) expect(wording?.body).toContain(part);
    expect(wording?.body).toContain(news.data.orderId);
    expect(wording?.subject).toMatch(/^[\w ]+$/);
  });

  it('has words for every kind of notice', () => {
    expect(new Set(told.map(([, , kind]) => kind))).toEqual(new Set(NoticeKind.options));
  });

  it('tells of every event that its queue takes', () => {
    expect(new Set(told.map(([, news]) => news.type))).toEqual(
      new Set(topology.queues['notification.notify-customer'].takes.map((type) => type.name)),
    );
  });

  it.each(['order_cancelled', 'operator'] as const)('leaves it to the order service to tell, once, that all is back (%s)', (reason) => {
    expect(wordingOf({ type: 'payment.refunded.v1', data: { ...PaymentRefunded.example, reason } })).toBeNull();
  });

  it('repeats nothing that came from outside', () => {
    const customer = { id: '<b>mallory</b>', email: 'mallory@example.com\r\nBcc: everyone@example.com' };
    const wording = wordingOf({
      type: 'payment.declined.v1',
      data: { ...PaymentDeclined.example, customer, declineCode: 'see http://evil.example' },
    });
    expect(JSON.stringify(wording)).not.toMatch(/mallory|Bcc|evil/);
  });
});
