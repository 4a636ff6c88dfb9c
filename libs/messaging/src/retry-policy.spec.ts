import { describe, expect, it } from 'vitest';
import { retryDelaysSeconds } from '#libs/contracts';
import { DependencyAway, isConflict, judge, Overtaken, PermanentFailure, UnderWayElsewhere } from './retry-policy.js';

describe('the retry policy', () => {
  it('tries again after 1 s, 5 s, 30 s, 2 min and 10 min, and then gives up', () => {
    const verdicts = [1, 2, 3, 4, 5, 6, 7].map((attempt) => judge(new Error('no'), attempt, retryDelaysSeconds));
    expect(verdicts).toEqual([
      { kind: 'retry', afterSeconds: 1, attempt: 2 },
      { kind: 'retry', afterSeconds: 5, attempt: 3 },
      { kind: 'retry', afterSeconds: 30, attempt: 4 },
      { kind: 'retry', afterSeconds: 120, attempt: 5 },
      { kind: 'retry', afterSeconds: 600, attempt: 6 },
      { kind: 'dead', reason: 'attempts-exhausted' },
      { kind: 'dead', reason: 'attempts-exhausted' },
    ]);
  });

  it('gives up at once when the handler knows that trying again cannot help', () => {
    expect(judge(new PermanentFailure('the amounts differ'), 1, retryDelaysSeconds)).toEqual({ kind: 'dead', reason: 'permanent' });
  });

  it.each([
    ['the provider', new DependencyAway('the provider does not answer'), 'the provider does not answer'],
    [
      'the database, refusing connections',
      Object.assign(new Error('connect ECONNREFUSED 10.0.0.7'), { code: 'ECONNREFUSED' }),
      'the database is away',
    ],
    [
      'the database, shutting down',
      Object.assign(new Error('terminating connection'), { driverError: { code: '57P01' } }),
      'the database is away',
    ],
    ['a lock', Object.assign(new Error('lock timeout'), { code: '55P03' }), 'what it needs is locked in the database'],
  ])('waits without using up an attempt while %s is away, and says why without naming hosts', (_, error, reason) => {
    for (const attempt of [1, 6]) expect(judge(error, attempt, retryDelaysSeconds)).toEqual({ kind: 'pause', atLeastMs: 0, reason });
  });

  it('looks again for as long as somebody else is at it, and uses up no attempt', () => {
    for (const attempt of [1, 6])
      expect(judge(new UnderWayElsewhere('it is being sent'), attempt, retryDelaysSeconds)).toEqual({
        kind: 'retry',
        afterSeconds: 5,
        attempt,
      });
  });

  it('waits as long as a dependency has asked for', () => {
    const error = new DependencyAway('too many requests', { retryAfterMs: 30_000 });
    expect(judge(error, 1, retryDelaysSeconds)).toMatchObject({ kind: 'pause', atLeastMs: 30_000 });
  });

  it('takes a deadlock, a serialisation failure and a copy that was quicker for a conflict, and nothing else', () => {
    expect(isConflict(new Overtaken('another copy was quicker'))).toBe(true);
    expect(['40P01', '40001'].every((code) => isConflict({ driverError: { code } }))).toBe(true);
    expect([new Error('no'), undefined, { code: '23505' }, { driverError: {} }].some(isConflict)).toBe(false);
  });
});
