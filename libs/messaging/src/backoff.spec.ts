import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.js';

describe('the backoff', () => {
  it('backs off between a tenth and the whole of a doubling pause that has a cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (attempt) => {
        const ceiling = Math.min(5_000, 100 * 2 ** (attempt - 1));
        expect(backoffMs(attempt, 100, 5_000)).toBeLessThanOrEqual(ceiling);
        expect(backoffMs(attempt, 100, 5_000)).toBeGreaterThanOrEqual(Math.floor(ceiling / 10));
      }),
    );
  });
});
