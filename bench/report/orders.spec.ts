import { describe, expect, it } from 'vitest';
import type { Figures } from '../measuring/run.js';
import { doubts, explanations, figuresTable, ratiosTable, type OrdersReport } from './orders.js';
import { pageOf } from './performance.js';

/** A round in which an order cost so much; what is not named follows from that. */
function figures(processorMs: number, others: Partial<Figures> = {}): Figures {
  return {
    ordersPerSecond: 1000 / processorMs,
    processorMs,
    processorMsByPlace: { postgres: processorMs / 2, rabbitmq: processorMs / 4, order: processorMs / 4, payment: 0, notification: 0 },
    kernelMs: processorMs / 10,
    loadGeneratorMs: 0.1,
    writeTransactions: 0.5,
    statements: 2,
    published: 7,
    delivered: 9,
    walBytes: 10_240,
    toldAtSaturation: { p50: 500, p95: 900, p99: 1234 },
    toldPaced: { p50: 20, p95: 30, p99: 40 },
    peakMemoryMb: { order: 120.4, payment: 110, notification: 100 },
    ...others,
  };
}

function report(contenders: Record<string, Figures[]>): OrdersReport {
  return {
    takenOn: '2026-01-31',
    command: 'npm run bench',
    machine: { processor: 'Abacus 9', cores: 2, memoryGb: 8, kernel: 'Linux 6 x64', node: '24.0.0', postgres: '18.0', rabbitmq: '4.0' },
    perSecond: 100,
    seconds: 20,
    contenders: Object.entries(contenders).map(([name, rounds]) => ({
      name,
      about: `what ${name} is`,
      warmUpOrders: 1000,
      orders: name === 'careless' ? 2000 : 5000,
      rounds,
    })),
  };
}

const line = (lines: readonly string[], start: string) =>
  lines
    .find((text) => text.startsWith(`| ${start}`))
    ?.split('|')
    .map((cell) => cell.trim())
    .slice(2, -1);

describe('the report of a bench', () => {
  const three = report({
    careless: [figures(6), figures(12), figures(6)],
    orderly: [figures(2), figures(3), figures(2.4)],
  });

  it('shows the median of each figure', () => {
    const lines = figuresTable(three);
    expect(line(lines, 'CPU-ms')).toEqual(['6', '2.4']);
    expect(line(lines, 'told at saturation')).toEqual(['500 / 900 / 1,234', '500 / 900 / 1,234']);
    expect(line(lines, 'peak memory')).toEqual(['120 / 110 / 100', '120 / 110 / 100']);
  });

  it('compares within each round, and gives the median with the least and the most', () => {
    // 2 of 6, 3 of 12, 2.4 of 6: the second round was slow for both, which says nothing about either.
    expect(line(ratiosTable(three), 'CPU per order')).toEqual(['0.333 × (0.25–0.4)']);
    expect(line(ratiosTable(three), 'orders/s')).toEqual(['3 × (2.5–4)']);
  });

  it('compares nothing when orderly or everybody else is missing', () => {
    expect(ratiosTable(report({ orderly: [figures(2)] }))).toEqual([]);
    expect(ratiosTable(report({ careless: [figures(2)], floor: [figures(1)] }))).toEqual([]);
  });

  it('doubts a contender whose rounds differ by more than a quarter', () => {
    expect(doubts(three)).toEqual([
      expect.stringContaining('The CPU per order of careless differs by 100 %'),
      expect.stringContaining('The CPU per order of orderly differs by 42 %'),
    ]);
    expect(doubts(report({ orderly: [figures(2), figures(2.2), figures(1.9)] }))).toEqual([]);
  });

  it('explains every line but those that split another', () => {
    const titles = figuresTable(three).flatMap((text) => /^\| ([^·| -].*?) +\|/.exec(text)?.[1] ?? []);
    expect(explanations(three).map((text) => /^- \*\*(.*)\*\*: /.exec(text)?.[1])).toEqual(titles);
  });
});

describe('the page', () => {
  const page = pageOf({ orders: report({ careless: [figures(6), figures(6)], orderly: [figures(2), figures(2)] }) });

  it('says what each contender is, on which machine it was taken, and how to repeat it', () => {
    expect(page).toContain('- **careless**: what careless is.');
    expect(page).toContain('Abacus 9, 2 cores, 8 GB');
    expect(page).toContain('```sh\nnpm run bench\n```');
    expect(page).toContain('1,000 orders to warm up and 5,000 at saturation (careless: 1,000 and 2,000)');
  });

  it('has no section about what was never measured', () => {
    expect(pageOf({})).not.toContain('The cost of an order');
  });
});
