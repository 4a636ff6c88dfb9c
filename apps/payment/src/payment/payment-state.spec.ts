import { describe, expect, it } from 'vitest';
import {
  IllegalTransition,
  isLegal,
  move,
  paymentMoves,
  paymentStatuses,
  type PaymentHappening,
  type PaymentStatus,
} from './payment-state.js';

const happenings: PaymentHappening[] = ['attempted', 'captured', 'declined', 'contradicted', 'order_ended', 'refund_requested', 'refunded'];

// Written out by hand, a column for each happening, and not derived from the code's own table. A dash is an illegal move.
const expected: Record<PaymentStatus, (PaymentStatus | '-')[]> = {
  open: ['authorising', '-', '-', '-', 'voided', '-', '-'],
  authorising: ['-', 'captured', 'open', 'review', 'authorising', '-', '-'],
  captured: ['-', '-', '-', '-', 'captured', 'refunding', '-'],
  refunding: ['-', '-', '-', '-', '-', '-', 'refunded'],
  refunded: ['-', '-', '-', '-', '-', '-', '-'],
  voided: ['-', '-', '-', '-', '-', '-', '-'],
  review: ['-', '-', '-', '-', 'review', '-', '-'],
};
const cells = paymentStatuses.flatMap((from) => happenings.map((on, column) => ({ from, on, to: expected[from][column] })));

describe('the states of a payment', () => {
  it.each(cells.filter(({ to }) => to !== '-'))('$from and $on gives $to', ({ from, on, to }) => {
    expect(move({ status: from, orderEnded: false }, on).status).toBe(to);
    expect(isLegal({ status: from, orderEnded: false }, on)).toBe(true);
  });

  it.each(cells.filter(({ to }) => to === '-'))('refuses $on while $from', ({ from, on }) => {
    expect(() => move({ status: from, orderEnded: false }, on)).toThrow(IllegalTransition);
    expect(isLegal({ status: from, orderEnded: false }, on)).toBe(false);
  });

  it('remembers that the order ended while the provider was asked, and voids the payment when the decline arrives', () => {
    const ended = move({ status: 'authorising', orderEnded: false }, 'order_ended');
    expect(ended).toEqual({ status: 'authorising', orderEnded: true });
    expect(move(ended, 'declined')).toEqual({ status: 'voided', orderEnded: true });
  });

  it('keeps the money that the provider captured after the order ended, until it is asked back', () => {
    const captured = move({ status: 'authorising', orderEnded: true }, 'captured');
    expect(captured).toEqual({ status: 'captured', orderEnded: true });
    expect(move(move(captured, 'refund_requested'), 'refunded')).toEqual({ status: 'refunded', orderEnded: true });
  });

  it('refuses a second end of the same order in every state', () => {
    for (const status of paymentStatuses) {
      expect(() => move({ status, orderEnded: true }, 'order_ended')).toThrow(IllegalTransition);
    }
  });

  it('lets nothing leave refunded or voided', () => {
    expect(paymentMoves.filter(({ from }) => from === 'refunded' || from === 'voided')).toEqual([]);
  });

  it('names the state and the move that it refuses', () => {
    expect(() => move({ status: 'voided', orderEnded: true }, 'captured')).toThrow(
      'a payment that is voided, with its order ended, cannot be captured',
    );
  });
});
