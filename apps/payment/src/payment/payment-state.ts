/** Where a payment stands. `review`: the provider's answer contradicts us, and a person has to look at it. */
export const paymentStatuses = ['open', 'authorising', 'captured', 'refunding', 'refunded', 'voided', 'review'] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

/**
 * What can happen to a payment: an attempt was started; the provider captured, declined, or said something that can't be; the order was
 * cancelled or expired (`order_ended`); a part of the money, or all that is left of it, was asked back, and has gone back.
 */
export const causes = [
  'attempted',
  'captured',
  'declined',
  'contradicted',
  'order_ended',
  'part_refund_requested',
  'refund_requested',
  'part_refunded',
  'refunded',
] as const;
export type Cause = (typeof causes)[number];

/** The part of a payment that decides what may happen to it. */
export interface PaymentState {
  readonly status: PaymentStatus;
  /** The order is cancelled, expired or being refunded. It can't be paid any more, and a decline is final. */
  readonly orderEnded: boolean;
}

/** One row of the table. */
export interface Transition {
  readonly from: PaymentStatus;
  readonly cause: Cause;
  readonly to: PaymentStatus;
  /** Present when the same cause leads elsewhere once the order has ended. */
  readonly afterOrderEnded?: PaymentStatus;
}

/** Everything that may happen to a payment. What is not in here is refused. */
export const transitions: readonly Transition[] = [
  { from: 'open', cause: 'attempted', to: 'authorising' },
  { from: 'authorising', cause: 'captured', to: 'captured' },
  { from: 'authorising', cause: 'declined', to: 'open', afterOrderEnded: 'voided' },
  { from: 'captured', cause: 'part_refund_requested', to: 'captured' },
  { from: 'captured', cause: 'part_refunded', to: 'captured' },
  { from: 'captured', cause: 'refund_requested', to: 'refunding' },
  { from: 'refunding', cause: 'part_refunded', to: 'refunding' },
  { from: 'refunding', cause: 'refunded', to: 'refunded' },

  // Whatever we were told before, this money is there. The order has ended, so it goes back like all late money.
  { from: 'voided', cause: 'captured', to: 'captured' },

  // What the provider says cannot be, so nothing happens by itself any more.
  { from: 'open', cause: 'contradicted', to: 'review' },
  { from: 'authorising', cause: 'contradicted', to: 'review' },
  { from: 'captured', cause: 'contradicted', to: 'review' },
  { from: 'refunding', cause: 'contradicted', to: 'review' },
  { from: 'refunded', cause: 'contradicted', to: 'review' },
  { from: 'voided', cause: 'contradicted', to: 'review' },

  // The end of an order is remembered in every state. Money that the provider has, or may have, stays until the order service asks for it.
  { from: 'open', cause: 'order_ended', to: 'voided' },
  { from: 'authorising', cause: 'order_ended', to: 'authorising' },
  { from: 'captured', cause: 'order_ended', to: 'captured' },
  { from: 'refunding', cause: 'order_ended', to: 'refunding' },
  { from: 'refunded', cause: 'order_ended', to: 'refunded' },
  { from: 'voided', cause: 'order_ended', to: 'voided' },
  { from: 'review', cause: 'order_ended', to: 'review' },
];

/** This may not happen to a payment in this state. */
export class IllegalTransition extends Error {
  override readonly name = 'IllegalTransition';

  constructor({ status, orderEnded }: PaymentState, by: Cause) {
    super(`a payment that is ${status}${orderEnded ? ', its order ended,' : ''} cannot be moved by ${by}`);
  }
}

const legal = new Map(transitions.map((transition) => [`${transition.from} ${transition.cause}`, transition]));

/**
 * What becomes of a payment.
 * @throws IllegalTransition when the table has no row for it
 */
export function decide(state: PaymentState, cause: Cause): PaymentState {
  const transition = legal.get(`${state.status} ${cause}`);
  if (!transition) throw new IllegalTransition(state, cause);
  return {
    status: (state.orderEnded && transition.afterOrderEnded) || transition.to,
    orderEnded: state.orderEnded || cause === 'order_ended',
  };
}
