export const paymentStatuses = ['open', 'authorising', 'captured', 'refunding', 'refunded', 'voided', 'review'] as const;
/** `review`: the provider's answer contradicts us, and a person has to look at it. */
export type PaymentStatus = (typeof paymentStatuses)[number];

/**
 * What can happen to a payment: an attempt was started; the provider captured, declined, or said something that can't be; the order
 * ended unpaid (cancelled or expired); its money was asked back, and has gone back.
 */
export type PaymentHappening = 'attempted' | 'captured' | 'declined' | 'contradicted' | 'order_ended' | 'refund_requested' | 'refunded';

/** The part of a payment that decides which moves are legal. */
export interface PaymentState {
  readonly status: PaymentStatus;
  /** The order was cancelled or expired unpaid. Nothing more is asked of the provider, and a decline is final. */
  readonly orderEnded: boolean;
}

export interface PaymentMove {
  readonly from: PaymentStatus;
  readonly on: PaymentHappening;
  readonly to: PaymentStatus;
  /** Present when the same thing leads elsewhere once the order has ended. */
  readonly afterOrderEnded?: PaymentStatus;
}

/** Every legal move. What isn't here is refused. The diagram in the documentation is drawn from this table. */
export const paymentMoves: readonly PaymentMove[] = [
  { from: 'open', on: 'attempted', to: 'authorising' },
  { from: 'open', on: 'order_ended', to: 'voided' },
  { from: 'authorising', on: 'captured', to: 'captured' },
  { from: 'authorising', on: 'declined', to: 'open', afterOrderEnded: 'voided' },
  { from: 'authorising', on: 'contradicted', to: 'review' },
  // The provider may already have the money, so the end of the order is remembered and the answer awaited.
  { from: 'authorising', on: 'order_ended', to: 'authorising' },
  // The money came first, but the order service had not heard of it: it will ask for the refund when it does.
  { from: 'captured', on: 'order_ended', to: 'captured' },
  { from: 'captured', on: 'refund_requested', to: 'refunding' },
  { from: 'refunding', on: 'refunded', to: 'refunded' },
  { from: 'review', on: 'order_ended', to: 'review' },
];

/** Something was about to happen to a payment that cannot happen in the state it is in. */
export class IllegalTransition extends Error {
  override readonly name = 'IllegalTransition';

  constructor(state: PaymentState, happening: PaymentHappening) {
    super(`a payment that is ${state.status}${state.orderEnded ? ', with its order ended,' : ''} cannot be ${happening}`);
  }
}

/** Whether `move` would accept it. A message that fails this is late or repeated. */
export function isLegal(state: PaymentState, happening: PaymentHappening): boolean {
  return legalMove(state, happening) !== undefined;
}

/**
 * The state after something happened to a payment.
 * @throws IllegalTransition when the table has no such move
 */
export function move(state: PaymentState, happening: PaymentHappening): PaymentState {
  const legal = legalMove(state, happening);
  if (!legal) throw new IllegalTransition(state, happening);
  const orderEnded = state.orderEnded || happening === 'order_ended';
  return { status: (state.orderEnded && legal.afterOrderEnded) || legal.to, orderEnded };
}

function legalMove(state: PaymentState, happening: PaymentHappening): PaymentMove | undefined {
  // An order ends once; hearing of it again is a repeat.
  if (happening === 'order_ended' && state.orderEnded) return undefined;
  return paymentMoves.find(({ from, on }) => from === state.status && on === happening);
}
