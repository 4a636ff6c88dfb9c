import { describe, expect, it } from 'vitest';
import { nextStep } from './next-step.js';

const ladder = [5, 300];
const tried = { at: new Date(), durationMs: 12 };

describe('after a try of a webhook', () => {
  it.each([200, 202, 204, 299])('%i is an acceptance', (answerStatus) => {
    expect(nextStep({ ...tried, answerStatus }, 0, ladder)).toEqual({ kind: 'delivered' });
  });

  it.each([199, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503])('%i is tried again', (answerStatus) => {
    expect(nextStep({ ...tried, answerStatus }, 0, ladder)).toEqual({ kind: 'retry', afterSeconds: 5 });
  });

  it('goes up the ladder, and fails when it has come to its end', () => {
    const timeout = { ...tried, error: 'timeout' } as const;
    expect([0, 1, 2].map((rung) => nextStep(timeout, rung, ladder))).toEqual([
      { kind: 'retry', afterSeconds: 5 },
      { kind: 'retry', afterSeconds: 300 },
      { kind: 'failed', gone: false },
    ]);
  });

  it('is not tried again at an endpoint that says it is gone', () => {
    expect(nextStep({ ...tried, answerStatus: 410 }, 0, ladder)).toEqual({ kind: 'failed', gone: true });
  });
});
