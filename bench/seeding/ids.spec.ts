import { v7 as uuidv7 } from 'uuid';
import { expect, it } from 'vitest';
import { firstIdAt } from './ids.js';

it('the first id of a moment comes before all that are made in it, and after those from before', () => {
  const moment = Date.UTC(2026, 0, 31, 12);
  expect(firstIdAt(moment) <= uuidv7({ msecs: moment, seq: 0, random: new Uint8Array(16) })).toBe(true);
  expect(firstIdAt(moment) > uuidv7({ msecs: moment - 1, seq: 0xffffffff, random: new Uint8Array(16).fill(255) })).toBe(true);
});
