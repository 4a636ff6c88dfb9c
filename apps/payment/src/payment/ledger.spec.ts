import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureEntries, refundEntries, type Booking, type LedgerEntry } from './ledger.js';

const bookings = fc.record({
  transactionId: fc.uuid(),
  paymentId: fc.uuid(),
  orderId: fc.uuid(),
  amount: fc.record({ amountMinor: fc.integer({ min: 1, max: 2_000_000_000 }), currency: fc.constantFrom('EUR', 'USD', 'JPY') }),
});

function balance(entries: readonly LedgerEntry[], matches: (entry: LedgerEntry) => boolean): number {
  return entries.filter(matches).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

describe('the ledger', () => {
  it('sums to zero within every transaction and currency', () => {
    const booked = fc.record({ booking: bookings, refund: fc.boolean() });
    fc.assert(
      fc.property(fc.array(booked), (all) => {
        const entries = all.flatMap(({ booking, refund }) => (refund ? refundEntries(booking) : captureEntries(booking)));
        for (const { transactionId, currency } of entries) {
          expect(balance(entries, (entry) => entry.transactionId === transactionId && entry.currency === currency)).toBe(0);
        }
      }),
    );
  });

  it('leaves nothing with the customer and nothing with the provider once a capture was refunded', () => {
    fc.assert(
      fc.property(bookings, fc.uuid(), (booking: Booking, refundId) => {
        const entries = [...captureEntries(booking), ...refundEntries({ ...booking, transactionId: refundId })];
        expect(balance(entries, ({ account }) => account === 'customer')).toBe(0);
        expect(balance(entries, ({ account }) => account === 'provider')).toBe(0);
      }),
    );
  });

  it('shows captured money as held by the provider and owed to the customer', () => {
    const booking = { transactionId: 'attempt', paymentId: 'payment', orderId: 'order', amount: { amountMinor: 2598, currency: 'EUR' } };
    expect(captureEntries(booking)).toEqual([
      { transactionId: 'attempt', paymentId: 'payment', orderId: 'order', account: 'provider', amountMinor: 2598, currency: 'EUR' },
      { transactionId: 'attempt', paymentId: 'payment', orderId: 'order', account: 'customer', amountMinor: -2598, currency: 'EUR' },
    ]);
  });
});
