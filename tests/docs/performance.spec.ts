import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { page, pageOf, readPerformance } from '../../bench/report/performance.js';
import { readPage } from './documentation.spec-support.js';

it('the page about performance says what its figures say, which UPDATE_DOCS=1 rewrites', () => {
  const current = pageOf(readPerformance());
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, current);
  expect(readPage('docs/reference/performance.md')).toBe(current);
});
