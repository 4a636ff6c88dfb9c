import { describe, expect, it } from 'vitest';
import { causes, decide, IllegalTransition, paymentStatuses, transitions, type PaymentStatus } from './payment-state.js';

// Written out by hand, a column for each cause, so that a change of the table must be made twice. A dash is an illegal move.
const columns = [
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
const expected: Record<PaymentStatus, (PaymentStatus | '-')[]> = {
  open: ['authorising', '-', '-', 'review', 'voided', '-', '-', '-', '-'],
  authorising: ['-', 'captured', 'open', 'review', 'authorising', '-', '-', '-', '-'],
  captured: ['-', '-', '-', 'review', 'captured', 'captured', 'refunding', 'captured', '-'],
  refunding: ['-', '-', '-', 'review', 'refunding', '-', '-', 'refunding', 'refunded'],
  refunded: ['-', '-', '-', 'review', 'refunded', '-', '-', '-', '-'],
  voided: ['-', 'captured', '-', 'review', 'voided', '-', '-', '-', '-'],
  review: ['-', '-', '-', '-', 'review', '-', '-', '-', '-'],
};
const cells = paymentStatuses.flatMap((from) => columns.map((cause, column) => ({ from, cause, to: expected[from][column] })));

describe('the state machine of a payment', () => {
  it.each(cells.filter(({ to }) => to !== '-'))('takes $from to $to by $cause', ({ from, cause, to }) => {
    expect(decide({ status: from, orderEnded: false }, cause).status).toBe(to);
  });

  it.each(cells.filter(({ to }) => to === '-'))('refuses $cause when $from', ({ from, cause }) => {
    expect(() => decide({ status: from, orderEnded: false }, cause)).toThrow(IllegalTransition);
    expect(() => decide({ status: from, orderEnded: true }, cause)).toThrow(
      `a payment that is ${from}, its order ended, cannot be moved by ${cause}`,
    );
  });

  it('has a column for each cause, and one row for each legal move', () => {
    expect(columns).toEqual(causes);
    expect(new Set(transitions.map(({ from, cause }) => `${from} ${cause}`)).size).toBe(transitions.length);
  });

  it('remembers the end of the order whatever the payment is, and hears of it again without harm', () => {
    for (const status of paymentStatuses) {
      const ended = decide({ status, orderEnded: false }, 'order_ended');
      expect(ended.orderEnded).toBe(true);
      expect(decide(ended, 'order_ended')).toEqual(ended);
    }
  });

  it('remembers that the order ended while the provider was asked, and voids the payment when the decline arrives', () => {
    const ended = decide({ status: 'authorising', orderEnded: false }, 'order_ended');
    expect(ended).toEqual({ status: 'authorising', orderEnded: true });
    expect(decide(ended, 'declined')).toEqual({ status: 'voided', orderEnded: true });
  });

  it('keeps the money that the provider captured after the order ended, until it is asked back', () => {
    const captured = decide({ status: 'authorising', orderEnded: true }, 'captured');
    expect(captured).toEqual({ status: 'captured', orderEnded: true });
    expect(decide(decide(captured, 'refund_requested'), 'refunded')).toEqual({ status: 'refunded', orderEnded: true });
  });

  it('takes money that it had given up for what it is, so that it goes back', () => {
    expect(decide({ status: 'voided', orderEnded: true }, 'captured')).toEqual({ status: 'captured', orderEnded: true });
  });

  it('lets nothing leave review, and nothing but a contradiction leave refunded', () => {
    const leaving = (status: PaymentStatus) => transitions.filter(({ from, to }) => from === status && to !== from).map(({ to }) => to);
    expect(leaving('review')).toEqual([]);
    expect(leaving('refunded')).toEqual(['review']);
  });
});
