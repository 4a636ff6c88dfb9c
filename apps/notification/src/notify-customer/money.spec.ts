import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moneyInWords } from './money.js';

describe('money in words', () => {
  it.each([
    [2598, 'EUR', '25.98 EUR'],
    [5, 'EUR', '0.05 EUR'],
    [0, 'EUR', '0.00 EUR'],
    [100, 'USD', '1.00 USD'],
    [2598, 'JPY', '2598 JPY'],
    [0, 'KRW', '0 KRW'],
    [2598, 'KWD', '2.598 KWD'],
    [7, 'BHD', '0.007 BHD'],
    [12345, 'CLF', '1.2345 CLF'],
    [Number.MAX_SAFE_INTEGER, 'EUR', '90071992547409.91 EUR'],
  ])('shows %d minor units of %s as %s', (amountMinor, currency, words) => {
    expect(moneyInWords({ amountMinor, currency })).toBe(words);
  });

  it('keeps every digit of every amount', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.constantFrom('EUR', 'JPY', 'TND', 'UYW'), (amountMinor, currency) => {
        const [amount = ''] = moneyInWords({ amountMinor, currency }).split(' ');
        expect(Number(amount.replace('.', ''))).toBe(amountMinor);
      }),
    );
  });
});
