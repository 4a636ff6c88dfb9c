import { z } from 'zod';
import { command, Customer, event, Money } from './message.js';

const orderId = '0199b3a0-0000-7000-8000-000000000001';
const paymentId = '0199b3a0-0000-7000-8000-000000000002';
const attemptId = '0199b3a0-0000-7000-8000-000000000003';
const refundId = '0199b3a0-0000-7000-8000-000000000004';
const customer = { id: 'alice', email: 'alice@example.com' };
const amount = { amountMinor: 2598, currency: 'EUR' };

/** Why money goes back: the paid order was cancelled, the order had already ended when the money came, or an operator has decided so. */
export const RefundReason = z.enum(['order_cancelled', 'late_payment', 'operator']);
export type RefundReason = z.infer<typeof RefundReason>;

/** How a payment method is named: a token of the provider's, never a card number. */
export const PaymentMethod = z.string().regex(/^(pm|tok)_[A-Za-z0-9_]{1,60}$/);

const AboutAPayment = z.object({
  paymentId: z.uuid(),
  orderId: z.uuid(),
  customer: Customer,
  amount: Money,
});

/** The payment service's message to itself: ask the provider for the money of one attempt. */
export const CapturePayment = command('payment.capture.v1', {
  schema: z.object({ orderId: z.uuid(), paymentId: z.uuid(), attemptId: z.uuid() }),
  example: { orderId, paymentId, attemptId },
});

/** The provider took the money. */
export const PaymentCaptured = event('payment.captured.v1', {
  schema: AboutAPayment.extend({ attemptId: z.uuid() }),
  example: { paymentId, orderId, customer, amount, attemptId },
});

/** The provider refused; another method may be tried until the deadline. */
export const PaymentDeclined = event('payment.declined.v1', {
  schema: AboutAPayment.extend({ attemptId: z.uuid(), declineCode: z.string() }),
  example: { paymentId, orderId, customer, amount, attemptId, declineCode: 'generic_decline' },
});

/** The payment service's message to itself: look for the outcome of an attempt that the provider left open. */
export const ReconcilePayment = command('payment.reconcile.v1', {
  schema: z.object({ orderId: z.uuid(), paymentId: z.uuid(), attemptId: z.uuid() }),
  example: { orderId, paymentId, attemptId },
});

/** Give back what is left of an order's payment; for a refund that is on record, its own amount. `refundId` makes a repeat the same refund. */
export const RefundPayment = command('payment.refund.v1', {
  schema: z.object({ orderId: z.uuid(), refundId: z.uuid(), reason: RefundReason }),
  example: { orderId, refundId, reason: 'late_payment' as const },
});

/** Money has gone back: all that was captured, or a part of it. */
export const PaymentRefunded = event('payment.refunded.v1', {
  schema: AboutAPayment.extend({
    refundId: z.uuid(),
    reason: RefundReason,
    /** What went back now; left out: all of it. */
    refunded: Money.optional(),
    /** What we still hold of the payment; left out: nothing. */
    left: Money.optional(),
  }),
  example: {
    paymentId,
    orderId,
    customer,
    amount,
    refundId,
    reason: 'late_payment' as const,
    refunded: amount,
    left: { amountMinor: 0, currency: 'EUR' },
  },
});
