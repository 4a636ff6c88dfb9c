/** What the services tell each other, in the vocabulary of the real ones. */
export type EventName = 'order.placed' | 'order.paid' | 'payment.captured';

interface AboutAnOrder {
  readonly orderId: string;
  readonly customer: { readonly id: string; readonly email: string };
  readonly total: Money;
}

export interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

export interface OrderPlaced extends AboutAnOrder {
  readonly paymentMethod: string;
}

export type OrderPaid = AboutAnOrder;

export interface PaymentCaptured {
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: Money;
}
