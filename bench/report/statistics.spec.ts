import { describe, expect, it } from 'vitest';
import { median, ratioOf, spread } from './statistics.js';

describe('a median', () => {
  it('is the middle one, wherever it stands, so that one bad round changes nothing', () => {
    expect(median([3, 900, 2])).toBe(3);
  });

  it('of an even number is between the middle two', () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it('of nothing is refused', () => {
    expect(() => median([])).toThrow('nothing has no median');
  });
});

describe('a ratio', () => {
  it('compares within each round before it is summed up', () => {
    // The machine was half as fast in the second round and a third as fast in the third, for both.
    expect(ratioOf([400, 200, 150], [100, 50, 30])).toEqual({ median: 4, least: 4, most: 5 });
  });
});

describe('a spread', () => {
  it('is a share of the median', () => {
    expect(spread([1, 1.1, 0.9])).toBeCloseTo(0.2);
  });

  it('of one round is none', () => {
    expect(spread([7])).toBe(0);
  });
});
