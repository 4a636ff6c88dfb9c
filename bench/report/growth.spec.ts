import { describe, expect, it } from 'vitest';
import type { Cost } from '../measuring/burst.js';
import { doubtsAboutGrowth, growthTable, type GrowthReport } from './growth.js';
import { pageOf } from './performance.js';

/** What follows from how much processor time an order took. */
const cost = (processorMs: number): Cost => ({
  ordersPerSecond: 1000 / processorMs,
  processorMs,
  processorMsByPlace: { postgres: processorMs / 2, rabbitmq: processorMs / 4, order: processorMs / 4, payment: 0, notification: 0 },
  kernelMs: processorMs / 10,
  writeTransactions: 0.5,
  statements: 2,
  walBytes: 20_480,
});

const report: GrowthReport = {
  takenOn: '2026-01-31',
  command: 'npm run bench:growth',
  machine: { processor: 'Abacus 9', cores: 2, memoryGb: 8, kernel: 'Linux 6 x64', node: '24.0.0', postgres: '18.0', rabbitmq: '4.0' },
  rounds: 3,
  warmUpOrders: 1_000,
  orders: 4_000,
  stocks: [
    { finished: 1_000, waiting: 0, rounds: [2, 4, 2].map(cost) },
    { finished: 1_000_000, waiting: 0, rounds: [2.2, 4, 2.4].map(cost) },
    { finished: 1_000, waiting: 100_000, rounds: [2, 4.4, 2.1].map(cost) },
  ],
  backlog: {
    messages: 100_000,
    seconds: 12.5,
    perSecond: 8_000,
    processorMs: 0.13,
    memoryMb: [150, 180, 190, 185, 188],
    mostMemoryMb: 200,
  },
};

const cells = (start: string) =>
  growthTable(report)
    .find((line) => line.startsWith(`| ${start}`))
    ?.split('|')
    .map((cell) => cell.trim())
    .slice(2, -1);

describe('the report of growth', () => {
  it('names the orders that were there already', () => {
    expect(cells('orders already there')).toEqual(['1,000', '1,000,000', '1,000 + 100,000 waiting']);
  });

  it('compares with the first within each round, so that a slow round of all is no growth', () => {
    expect(cells('· against the first')).toEqual(['1 ×', '1.1 × (1–1.2)', '1.05 × (1–1.1)']);
  });

  it('doubts what differs by more than a quarter between rounds', () => {
    expect(doubtsAboutGrowth(report)).toHaveLength(3);
    expect(doubtsAboutGrowth({ ...report, stocks: [{ finished: 1, waiting: 0, rounds: [2, 2.2].map(cost) }] })).toEqual([]);
  });

  it('has its section on the page, with the command that repeats it', () => {
    const page = pageOf({ growth: report });
    expect(page).toContain('```sh\nnpm run bench:growth\n```');
    expect(page).toContain('150 / 180 / 190 / 185 / 188');
  });
});
