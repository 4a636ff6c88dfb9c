import type { System } from '#libs/verify';
import { transitions as orderTransitions } from '../apps/order/src/order/order-state.js';
import { transitions as paymentTransitions } from '../apps/payment/src/payment/payment-state.js';

/** What a history may say, by the services' own tables. An order that stays as it is has no row for it; a payment has one. */
export const legalMoves: System['legalMoves'] = {
  order: [
    { from: null, cause: 'placed', to: 'awaiting_payment' },
    ...orderTransitions.filter(({ from, to }) => from !== to).map(({ from, cause, to }) => ({ from, cause, to })),
  ],
  payment: [
    { from: null, cause: 'opened', to: 'open' },
    ...paymentTransitions.flatMap(({ from, cause, to, afterOrderEnded }) =>
      [to, ...(afterOrderEnded ? [afterOrderEnded] : [])].map((reached) => ({ from, cause, to: reached })),
    ),
  ],
};
