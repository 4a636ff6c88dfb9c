import { z } from 'zod';
import { command, Customer, event, Instant, Money } from './message.js';
import { PaymentMethod } from './payment.messages.js';

const customer = { id: 'alice', email: 'alice@example.com' };
const orderId = '0199b3a0-0000-7000-8000-000000000001';
const total = { amountMinor: 2598, currency: 'EUR' };

const AboutAnOrder = z.object({ orderId: z.uuid(), customer: Customer, total: Money });

/** An order was accepted and awaits its payment until `paymentDeadline`. */
export const OrderPlaced = event('order.placed.v1', {
  schema: AboutAnOrder.extend({
    paymentDeadline: Instant,
    /** Given when the customer already said how to pay; left out, the order waits for a method. */
    paymentMethod: PaymentMethod.optional(),
  }),
  example: {
    orderId,
    customer,
    total,
    paymentDeadline: '2026-11-22T12:15:00.000Z',
    paymentMethod: 'pm_card_visa',
  },
});

/** The order's payment was captured in time. */
export const OrderPaid = event('order.paid.v1', {
  schema: AboutAnOrder,
  example: { orderId, customer, total },
});

/** The customer cancelled the order. What it had been before says whether money goes back. */
export const OrderCancelled = event('order.cancelled.v1', {
  schema: AboutAnOrder.extend({ cancelledFrom: z.enum(['awaiting_payment', 'paid']) }),
  example: { orderId, customer, total, cancelledFrom: 'awaiting_payment' as const },
});

/** Nobody paid before the deadline. */
export const OrderExpired = event('order.expired.v1', {
  schema: AboutAnOrder,
  example: { orderId, customer, total },
});

/** The money of a cancelled paid order has gone back in full. */
export const OrderRefunded = event('order.refunded.v1', {
  schema: AboutAnOrder,
  example: { orderId, customer, total },
});

/** The order service's message to itself, due at the payment deadline. A hint: the database decides whether it is time. */
export const ExpireOrder = command('order.expire.v1', {
  schema: z.object({ orderId: z.uuid() }),
  example: { orderId },
});
