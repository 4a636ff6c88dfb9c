import { describe, expect, it } from 'vitest';
import { RateLimit } from './rate-limits.js';

const limit = (mostKeys?: number) => new RateLimit({ perSecond: 10, burst: 20 }, mostKeys);
const allowed = (of: RateLimit, times: number, now: number, key = 'ada') =>
  Array.from({ length: times }, () => of.take(key, now)).filter(({ isAllowed }) => isAllowed).length;

describe('ten a second with a burst of twenty', () => {
  it('is twenty at once, and then ten a second', () => {
    const bucket = limit();
    expect(allowed(bucket, 50, 0)).toBe(20);
    expect(allowed(bucket, 50, 99)).toBe(0);
    expect(allowed(bucket, 50, 100)).toBe(1);
    expect(allowed(bucket, 50, 1100)).toBe(10);
    expect(allowed(bucket, 50, 60_000)).toBe(20);
  });

  it('holds for any second of a steady flood, whatever its phase', () => {
    const bucket = limit();
    allowed(bucket, 50, 0);
    let passed = 0;
    for (let now = 0; now < 10_000; now += 3) passed += allowed(bucket, 1, now);
    expect(passed).toBeGreaterThanOrEqual(98);
    expect(passed).toBeLessThanOrEqual(100);
  });

  it('says how many are left, and how long to wait', () => {
    const bucket = limit();
    expect(bucket.take('ada', 0)).toEqual({ isAllowed: true, remaining: 19, waitMs: 0 });
    allowed(bucket, 19, 0);
    expect(bucket.take('ada', 30)).toEqual({ isAllowed: false, remaining: 0, waitMs: expect.closeTo(70) });
  });

  it('is for each by themselves', () => {
    const bucket = limit();
    expect(allowed(bucket, 50, 0)).toBe(20);
    expect(allowed(bucket, 50, 0, 'grace')).toBe(20);
  });

  it('forgets those longest unused when there are too many', () => {
    const bucket = limit(2);
    for (const key of ['ada', 'grace', 'ada', 'linus']) bucket.take(key, 0);
    expect(bucket.take('ada', 0).remaining).toBe(17);
    expect(bucket.take('grace', 0).remaining).toBe(19);
  });
});
