import { expect, it } from 'vitest';
import { pauseMs } from './delivery-plan.js';

it('the pause before the next try doubles, up to the longest, a quarter more or less', () => {
  const middles = [1, 2, 3, 4, 5, 60].map((tries) => pauseMs(tries, 500, 4_000, 0.5));
  expect(middles).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  expect(pauseMs(1, 500, 4_000, 0)).toBe(375);
  expect(pauseMs(1, 500, 4_000, 0.999)).toBeLessThan(625);
});
