import { describe, expect, it } from 'vitest';
import { causes, decide, IllegalTransition, orderStatuses, transitions, type Cause, type OrderStatus } from './order-state.js';

/** Written out by hand, cell by cell, so that a change of the table must be made twice. An illegal move is a dash. */
const expected: Record<OrderStatus, Record<Cause, string>> = {
  awaiting_payment: { customer: 'cancelled', deadline: 'expired', 'payment.captured.v1': 'paid', 'payment.refunded.v1': '-' },
  paid: { customer: 'refunding', deadline: '-', 'payment.captured.v1': '-', 'payment.refunded.v1': 'refunded' },
  cancelled: { customer: 'cancelled', deadline: '-', 'payment.captured.v1': 'cancelled', 'payment.refunded.v1': 'cancelled' },
  expired: { customer: '-', deadline: '-', 'payment.captured.v1': 'expired', 'payment.refunded.v1': 'expired' },
  refunding: { customer: 'refunding', deadline: '-', 'payment.captured.v1': '-', 'payment.refunded.v1': 'refunded' },
  refunded: { customer: '-', deadline: '-', 'payment.captured.v1': '-', 'payment.refunded.v1': '-' },
};
const cells = orderStatuses.flatMap((from) => causes.map((cause) => ({ from, cause, to: expected[from][cause] })));

describe('the state machine of an order', () => {
  it.each(cells.filter(({ to }) => to !== '-'))('takes $from to $to by $cause', ({ from, cause, to }) => {
    expect(decide(from, cause).to).toBe(to);
  });

  it.each(cells.filter(({ to }) => to === '-'))('refuses $cause when $from', ({ from, cause }) => {
    expect(() => decide(from, cause)).toThrow(IllegalTransition);
    expect(() => decide(from, cause)).toThrow(`an order that is ${from} cannot be moved by ${cause}`);
  });

  it('has one row for each legal move', () => {
    expect(new Set(transitions.map(({ from, cause }) => `${from} ${cause}`)).size).toBe(transitions.length);
  });

  it('tells the others of every change of state', () => {
    const changes = transitions.filter(({ from, to }) => from !== to);
    expect(changes.filter(({ says }) => !says.some((said) => said.startsWith('order.')))).toEqual([]);
  });

  it('sends back money that was captured after the end, and money of a cancelled paid order', () => {
    const sendsMoneyBack = transitions
      .filter(({ says }) => says.includes('payment.refund.v1'))
      .map(({ from, cause }) => `${from} ${cause}`);
    expect(sendsMoneyBack).toEqual(['paid customer', 'cancelled payment.captured.v1', 'expired payment.captured.v1']);
  });
});
