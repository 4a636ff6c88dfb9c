import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { page, pageOf, readChaos } from '../chaos/harness/report/page.js';
import { readPage } from './documentation.spec-support.js';

it('the page about chaos says what the run that was written down has shown, which UPDATE_DOCS=1 rewrites', () => {
  const current = pageOf(readChaos());
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, current);
  expect(readPage('docs/reference/chaos.md')).toBe(current);
});
