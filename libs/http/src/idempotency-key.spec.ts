import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, requireKey } from './idempotency-key.js';

describe('an idempotency key', () => {
  it('is 1 to 255 visible ASCII characters, quotes included and part of it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,255}$/), (key) => {
        expect(requireKey(key)).toBe(key);
      }),
    );
    expect(requireKey('"a"')).not.toBe(requireKey('a'));
  });

  it.each([undefined, ''])('is missing as %j', (header) => {
    expect(() => requireKey(header)).toThrow(expect.objectContaining({ slug: 'idempotency-key-missing' }));
  });

  it.each(['a'.repeat(256), 'a b', ' ', 'schlüssel', 'a\tb', 'a\u007f', 'one, two'])('is invalid as %j', (header) => {
    expect(() => requireKey(header)).toThrow(expect.objectContaining({ slug: 'idempotency-key-invalid' }));
  });
});

describe('the fingerprint of a body', () => {
  it('does not depend on the order of members, at any depth', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(fingerprintOf(reversed(body))).toBe(fingerprintOf(body));
      }),
    );
  });

  it('differs with the body', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        fc.pre(JSON.stringify(sorted(one)) !== JSON.stringify(sorted(other)));
        expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
      }),
    );
    expect(fingerprintOf({ items: [1, 2] })).not.toBe(fingerprintOf({ items: [2, 1] }));
    expect(fingerprintOf(undefined)).not.toBe(fingerprintOf(null));
    expect(fingerprintOf({ a: '1' })).not.toBe(fingerprintOf({ a: 1 }));
  });
});

const rebuilt = (value: unknown, arrange: (names: string[]) => string[]): unknown => {
  if (Array.isArray(value)) return value.map((item) => rebuilt(item, arrange));
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  return Object.fromEntries(arrange(Object.keys(members)).map((name) => [name, rebuilt(members[name], arrange)]));
};
const reversed = (value: unknown) => rebuilt(value, (names) => names.toReversed());
const sorted = (value: unknown) => rebuilt(value, (names) => names.toSorted());
