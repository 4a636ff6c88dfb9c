import {
  CapturePayment,
  ExpireOrder,
  OrderExpired,
  OrderPaid,
  OrderPlaced,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  ReconcilePayment,
  RefundPayment,
} from '#libs/contracts';
import type { OrderWish } from './customer.js';
import type { Expectation } from './expectation.js';

/** One customer's order, and what has to become of it. */
export interface Tale {
  readonly title: string;
  readonly customer: string;
  readonly wish: OrderWish;
  readonly comesTo: Expectation;
  /** What the customer does then: pays with another method. */
  readonly afterwards?: { readonly paymentMethod: string; readonly comesTo: Expectation };
  /** It takes its seconds, so it begins before the others are told. */
  readonly takesLong?: true;
  /** Its order expires, which has to be in time. */
  readonly expires?: true;
}

/** Seconds to pay, the fewest that an order may have. */
const shortestWindow = 5;

export const tales: readonly Tale[] = [
  {
    title: 'Alice pays with a good card',
    customer: 'alice',
    wish: { items: [{ sku: 'COFFEE-GRINDER', quantity: 1 }], paymentMethod: 'pm_card_visa' },
    comesTo: {
      order: 'paid',
      payment: 'captured',
      told: ['order-placed', 'order-paid'],
      said: [OrderPlaced, CapturePayment, PaymentCaptured, OrderPaid],
    },
  },
  {
    title: "Bob's card is declined, so he pays with another one",
    customer: 'bob',
    wish: { items: [{ sku: 'MUG-STONEWARE', quantity: 2 }], paymentMethod: 'pm_card_chargeDeclined' },
    comesTo: {
      order: 'awaiting_payment',
      payment: 'open',
      told: ['order-placed', 'payment-declined'],
      said: [OrderPlaced, CapturePayment, PaymentDeclined],
    },
    afterwards: {
      paymentMethod: 'pm_card_visa',
      comesTo: {
        order: 'paid',
        payment: 'captured',
        told: ['order-placed', 'payment-declined', 'order-paid'],
        said: [PaymentDeclined, PaymentCaptured, OrderPaid],
      },
    },
  },
  {
    title: "Dave's money is taken, and the provider answers 500",
    customer: 'dave',
    wish: { items: [{ sku: 'MUG-STONEWARE', quantity: 1 }], paymentMethod: 'pm_sim_failCaptured_webhookNever' },
    comesTo: {
      order: 'paid',
      payment: 'captured',
      told: ['order-placed', 'order-paid'],
      said: [OrderPlaced, CapturePayment, ReconcilePayment, PaymentCaptured, OrderPaid],
    },
  },
  {
    title: 'Carol has five seconds to pay, and does not',
    customer: 'carol',
    wish: { items: [{ sku: 'TEAPOT-CAST-IRON', quantity: 1 }], paymentWindowSeconds: shortestWindow },
    comesTo: {
      order: 'expired',
      payment: 'voided',
      told: ['order-placed', 'order-expired'],
      said: [OrderPlaced, ExpireOrder, OrderExpired],
    },
    takesLong: true,
    expires: true,
  },
  {
    title: 'Erin pays in time, but the provider says so when it is too late',
    customer: 'erin',
    wish: {
      items: [{ sku: 'TEAPOT-CAST-IRON', quantity: 1 }],
      paymentMethod: 'pm_sim_hangCaptured_webhookLate',
      paymentWindowSeconds: shortestWindow,
    },
    comesTo: {
      order: 'expired',
      payment: 'refunded',
      told: ['order-placed', 'order-expired', 'payment-returned'],
      said: [OrderPlaced, OrderExpired, PaymentCaptured, RefundPayment, PaymentRefunded],
    },
    takesLong: true,
    expires: true,
  },
];
