/** Where an order stands. The same words in the database, in JSON and in the docs. */
export const orderStatuses = ['awaiting_payment', 'paid', 'cancelled', 'expired', 'refunding', 'refunded'] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** What can happen to an order: its customer or its deadline decides, or a message of the payment service. */
export const causes = ['customer', 'deadline', 'payment.captured.v1', 'payment.refunded.v1'] as const;
export type Cause = (typeof causes)[number];

/** The messages by which the other services learn of a transition. */
export type Said = 'order.paid.v1' | 'order.cancelled.v1' | 'order.expired.v1' | 'order.refunded.v1' | 'payment.refund.v1';

/** One row of the table. Where `to` equals `from` the order stays as it is, and what it says is all that happens. */
export interface Transition {
  readonly from: OrderStatus;
  readonly cause: Cause;
  readonly to: OrderStatus;
  readonly says: readonly Said[];
}

/** Everything that may happen to an order. What is not in here is refused. */
export const transitions: readonly Transition[] = [
  { from: 'awaiting_payment', cause: 'payment.captured.v1', to: 'paid', says: ['order.paid.v1'] },
  { from: 'awaiting_payment', cause: 'customer', to: 'cancelled', says: ['order.cancelled.v1'] },
  { from: 'awaiting_payment', cause: 'deadline', to: 'expired', says: ['order.expired.v1'] },

  { from: 'paid', cause: 'customer', to: 'refunding', says: ['order.cancelled.v1', 'payment.refund.v1'] },
  { from: 'refunding', cause: 'payment.refunded.v1', to: 'refunded', says: ['order.refunded.v1'] },
  // An operator gave all of it back.
  { from: 'paid', cause: 'payment.refunded.v1', to: 'refunded', says: ['order.refunded.v1'] },

  // Money that comes after the end goes back, and its return changes nothing.
  { from: 'cancelled', cause: 'payment.captured.v1', to: 'cancelled', says: ['payment.refund.v1'] },
  { from: 'expired', cause: 'payment.captured.v1', to: 'expired', says: ['payment.refund.v1'] },
  { from: 'cancelled', cause: 'payment.refunded.v1', to: 'cancelled', says: [] },
  { from: 'expired', cause: 'payment.refunded.v1', to: 'expired', says: [] },

  // A customer who asks again is given the same answer.
  { from: 'cancelled', cause: 'customer', to: 'cancelled', says: [] },
  { from: 'refunding', cause: 'customer', to: 'refunding', says: [] },
];

/** This may not happen to an order in this state. Over HTTP it is a conflict; as a message it has come too late. */
export class IllegalTransition extends Error {
  override readonly name = 'IllegalTransition';

  constructor(
    readonly from: OrderStatus,
    by: Cause,
  ) {
    super(`an order that is ${from} cannot be moved by ${by}`);
  }
}

const legal = new Map(transitions.map((transition) => [`${transition.from} ${transition.cause}`, transition]));

/**
 * What becomes of an order.
 * @throws IllegalTransition when the table has no row for it
 */
export function decide(from: OrderStatus, cause: Cause): Transition {
  const transition = legal.get(`${from} ${cause}`);
  if (!transition) throw new IllegalTransition(from, cause);
  return transition;
}

/** Whether an order in this state may ever be in another. */
export function mayChange(status: OrderStatus): boolean {
  return transitions.some(({ from, to }) => from === status && to !== status);
}
