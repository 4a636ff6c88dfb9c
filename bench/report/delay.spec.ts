import { describe, expect, it } from 'vitest';
import { delayTable, type DelayReport } from './delay.js';
import { pageOf } from './performance.js';

const report: DelayReport = {
  takenOn: '2026-01-31',
  command: 'npm run bench:delay',
  machine: { processor: 'Abacus 9', cores: 2, memoryGb: 8, kernel: 'Linux 6 x64', node: '24.0.0', postgres: '18.0', rabbitmq: '4.0' },
  outstanding: { inLane: 49_800, inCascade: 50_200 },
  perSecond: 50,
  seconds: 60,
  windows: { least: 5, most: 60 },
  steady: { deadlines: 3_000, p50: 15.2, p99: 61, most: 120, early: 0 },
  atOnce: { deadlines: 20_000, p50: 2_100, p99: 3_900, most: 4_000, early: 0 },
};

describe('the report of deadlines', () => {
  it('says how late, and of those that fell due together how many a second', () => {
    const rows = delayTable(report).map((line) => line.split('|').map((cell) => cell.trim()));
    expect(rows.slice(2).map((cells) => cells.slice(2, -1))).toEqual([
      ['3,000', '15.2 / 61 / 120', '0', '50'],
      ['20,000', '2,100 / 3,900 / 4,000', '0', '5,000'],
    ]);
  });

  it('has its section on the page, which says what stood in the queues meanwhile', () => {
    const page = pageOf({ delay: report });
    expect(page).toContain('While 100,000 other orders await their payment');
    expect(page).toContain('```sh\nnpm run bench:delay\n```');
  });
});
