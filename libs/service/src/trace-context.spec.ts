import { describe, expect, it } from 'vitest';
import { currentTrace, runInTrace } from './trace-context.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const given = `00-${traceId}-b7ad6b7169203331-00`;
const traceOf = (traceparent: string | undefined) => runInTrace(traceparent, () => currentTrace());

describe('a trace', () => {
  it('goes on under the same id, as a step of its own', () => {
    const trace = traceOf(given);
    expect(trace?.traceId).toBe(traceId);
    expect(trace?.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    expect(trace?.traceparent).not.toBe(given);
  });

  it('follows the work through what it awaits', async () => {
    await runInTrace(given, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(currentTrace()?.traceId).toBe(traceId);
    });
    expect(currentTrace()).toBeUndefined();
  });

  it('goes on from a later version of the header', () => expect(traceOf(`01${given.slice(2)}-more`)?.traceId).toBe(traceId));

  it.each([
    undefined,
    '',
    'x',
    `ff${given.slice(2)}`,
    `${given}-more`,
    `${given}0`,
    given.toUpperCase(),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-00`,
  ])('is a new one when the header is %j', (traceparent) => {
    expect(traceOf(traceparent)?.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(traceOf(traceparent)?.traceId).not.toBe(traceId);
  });
});
