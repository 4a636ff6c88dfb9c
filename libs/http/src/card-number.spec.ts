import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardNumberIn, cardNumberWithin } from './card-number.js';

const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^\\d{${min},${max}}$`));

/** Digits with the one check digit that makes them pass. */
function withCheckDigit(body: string): string {
  const found = Array.from({ length: 10 }, (_, digit) => digit).find((check) => cardNumberIn(`x${body}${check}x`));
  return `${body}${found}`;
}

const cardNumber = digits(13, 18).map(withCheckDigit);
const inFours = (number: string, separator: string) => number.match(/.{1,4}/g)?.join(separator) ?? '';
const text = fc.string({ maxLength: 20 }).map((some) => some.replaceAll(/[\d -]/g, '.'));

describe('a card number', () => {
  it.each([
    '4242424242424242',
    '378282246310005',
    '30569309025904',
    '6304000000000000',
    '4000 0566 5566 5556',
    '5555-5555-5555-4444',
    'tok_4242_4242_4242_4242',
  ])('is found: %s', (number) => expect(cardNumberIn(number)).toBe(true));

  it('is found wherever it stands in a text, plain or in fours', () => {
    fc.assert(
      fc.property(cardNumber, fc.constantFrom('', ' ', '-'), text, text, (number, separator, before, after) => {
        expect(cardNumberIn(`${before}${inFours(number, separator)}${after}`)).toBe(true);
      }),
    );
  });

  it('has one check digit, so any other is no card number', () => {
    fc.assert(
      fc.property(cardNumber, fc.integer({ min: 1, max: 9 }), (number, off) => {
        const other = `${number.slice(0, -1)}${(Number(number.at(-1)) + off) % 10}`;
        expect(cardNumberIn(other)).toBe(false);
      }),
    );
  });

  it('has 14 to 19 digits: no run of any other length is one', () => {
    fc.assert(
      fc.property(fc.oneof(digits(1, 13), digits(20, 40)), (run) => {
        expect(cardNumberIn(run)).toBe(false);
      }),
    );
  });

  it('is no part of a longer run, plain or in fours', () => {
    expect(cardNumberIn('42424242424242424242')).toBe(false);
    expect(cardNumberIn('4242 4242 4242 4242 4242')).toBe(false);
    expect(cardNumberIn('4242-4242-4242-4242-4242-42')).toBe(false);
  });

  it('is found although an expiry date or a line number stands beside it', () => {
    expect(cardNumberIn('4242 4242 4242 4242 12/29')).toBe(true);
    expect(cardNumberIn('1 4242 4242 4242 4242')).toBe(true);
    expect(cardNumberIn('12345678 4242424242424242 123')).toBe(true);
  });

  it('is not found with other gaps than single spaces and dashes between fours', () => {
    expect(cardNumberIn('4242  4242  4242  4242')).toBe(false);
    expect(cardNumberIn('424 242 424 242 4242')).toBe(false);
    expect(cardNumberIn('4242.4242.4242.4242')).toBe(false);
  });

  it('is no part of a UUID, with or without its dashes', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f]{8}(-\d{4}){3}-\d{2}[0-9a-f]{10}$/), (uuid) => {
        expect(cardNumberIn(uuid)).toBe(false);
        expect(cardNumberIn(`order ${uuid.toUpperCase()}.`)).toBe(false);
        expect(cardNumberIn(uuid.replaceAll('-', ''))).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is found at any depth of a body, also as the name of a member', () => {
    expect(cardNumberWithin({ items: [{ note: 'my card is 4242 4242 4242 4242' }] })).toBe(true);
    expect(cardNumberWithin({ '4242424242424242': 1 })).toBe(true);
    expect(cardNumberWithin({ at: 4242424242424242, no: null, text: 'a' })).toBe(false);
  });
});
