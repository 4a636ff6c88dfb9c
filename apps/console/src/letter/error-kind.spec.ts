import { expect, it } from 'vitest';
import { errorKind } from './error-kind.js';

it.each([
  ['Error: no order 0199b3a0-0000-7000-8000-000000000001 for 2598 EUR', 'Error: no order … for # EUR'],
  ['Error: cannot write to alice@example.com', 'Error: cannot write to [e-mail]'],
  ['Unreadable: total: Required', 'Unreadable: total: Required'],
])('%s is of the kind %s', (error, kind) => {
  expect(errorKind(error)).toBe(kind);
});

it('is short, however long the error is', () => {
  expect(errorKind('x'.repeat(5000))).toHaveLength(300);
});
