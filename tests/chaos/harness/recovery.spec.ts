import { describe, expect, it } from 'vitest';
import { recoveryMs } from './recovery.js';

/** A sample each second, with so many orders settled in the second before it; null: nobody could be asked. */
function samplesOf(perSecond: readonly (number | null)[]) {
  let settled = 0;
  return perSecond.map((rate, second) => {
    settled += rate ?? 0;
    return { at: second * 1_000, settled: rate === null ? null : settled, outbox: 0, queued: 0, largestMb: null };
  });
}

const calm = Array<number>(10).fill(10);
const outage = Array<number>(5).fill(0);

describe('the time to 90 % of the earlier throughput', () => {
  it('is nothing when the throughput never fell', () => {
    expect(recoveryMs({ from: 10_000, until: 12_000 }, samplesOf([...calm, ...calm, ...calm]), 10)).toBe(0);
  });

  it('is counted from the end of the episode to the first seconds that are as good as before', () => {
    const samples = samplesOf([...calm, ...outage, 0, 0, 0, ...calm, ...calm]);
    expect(recoveryMs({ from: 10_000, until: 14_000 }, samples, 10)).toBe(3_000);
  });

  it('compares with the rate of orders, where a backlog was being worked off before', () => {
    const burst = Array<number>(10).fill(40);
    expect(recoveryMs({ from: 10_000, until: 12_000 }, samplesOf([...burst, ...calm, ...calm]), 10)).toBe(0);
  });

  it('passes by the seconds in which nobody could be asked', () => {
    const samples = samplesOf([...calm, null, null, null, null, ...calm, ...calm]);
    expect(recoveryMs({ from: 10_000, until: 12_000 }, samples, 10)).toBe(2_000);
  });

  it('is unknown when it was not seen', () => {
    expect(recoveryMs({ from: 10_000, until: 14_000 }, samplesOf([...calm, ...outage, ...outage]), 10)).toBeNull();
  });
});
