import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#libs/testing';
import { planOrders } from './plan.js';

describe('orders whose deadlines are measured', () => {
  const windows = { least: 5, most: 60 };
  const plan = planOrders({ perSecond: 50, seconds: 60, windows }, new SeededRandom(1));

  it('fall due evenly, after all windows have begun', () => {
    const dueAt = plan.map(({ placeAt, windowSeconds }) => placeAt + windowSeconds * 1000).toSorted((a, b) => a - b);
    expect(dueAt).toEqual(Array.from({ length: 3000 }, (_, index) => 60_000 + index * 20));
  });

  it('are placed one after the other, with every window that there is', () => {
    const placedAt = plan.map(({ placeAt }) => placeAt);
    expect(placedAt).toEqual(placedAt.toSorted((a, b) => a - b));
    expect(placedAt[0]).toBeGreaterThanOrEqual(0);
    const drawn = plan.map(({ windowSeconds }) => windowSeconds);
    expect([Math.min(...drawn), Math.max(...drawn), new Set(drawn).size]).toEqual([5, 60, 56]);
  });
});
