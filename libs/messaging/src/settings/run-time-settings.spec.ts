import { describe, expect, it } from 'vitest';
import { Problem } from '#libs/http';
import type { Consumer } from '../consumer.js';
import { checkValue } from './run-time-settings.js';
import { consumerSettings, processSettings } from './setting-declarations.js';

const settings = new Map(
  [
    ...processSettings({ LOG_LEVEL: 'info', OTEL_TRACES_SAMPLER_ARG: 1 }),
    ...consumerSettings('q', { batch: 100, prefetch: 400 }, undefined as unknown as Consumer),
  ].map((setting) => [setting.name, setting]),
);

/** What is said against it: pointer and code. */
function faultsOf(name: string, value: unknown): string[] {
  try {
    checkValue(settings.get(name)!, value);
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.errors!.map(({ pointer, code }) => `${pointer} ${code}`);
  }
}

describe('a run-time setting', () => {
  it('may be what it is configured as', () => {
    for (const [name, { configured }] of settings) expect(faultsOf(name, configured)).toEqual([]);
  });

  it.each([
    ['log-level', 'trace'],
    ['trace-sampling', 0],
    ['trace-sampling', 0.01],
    ['q.batch-size', 1],
    ['q.batch-size', 1000],
    ['q.prefetch', 10_000],
    ['q.paused', true],
  ])('%s may be %s', (name, value) => {
    expect(faultsOf(name, value)).toEqual([]);
  });

  it.each([
    ['log-level', 'INFO', '#/value invalid-value'],
    ['log-level', '', '#/value invalid-value'],
    ['log-level', true, '#/value invalid-value'],
    ['trace-sampling', -0.1, '#/value too-small'],
    ['trace-sampling', 1.1, '#/value too-big'],
    ['trace-sampling', '1', '#/value wrong-type'],
    ['q.batch-size', 0, '#/value too-small'],
    ['q.batch-size', 1001, '#/value too-big'],
    ['q.batch-size', 2.5, '#/value not-an-integer'],
    // To the broker none is any number, and to us no acknowledgement.
    ['q.prefetch', 0, '#/value too-small'],
    ['q.prefetch', 10_001, '#/value too-big'],
    ['q.paused', 'true', '#/value wrong-type'],
    ['q.paused', 1, '#/value wrong-type'],
  ])('%s may not be %s', (name, value, fault) => {
    expect(faultsOf(name, value)).toEqual([fault]);
  });
});
