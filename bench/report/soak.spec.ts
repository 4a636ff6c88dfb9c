import { describe, expect, it } from 'vitest';
import { pageOf } from './performance.js';
import { soakTable, type SoakReport, type StretchReport } from './soak.js';

const stretch = (untilMinute: number, order: number): StretchReport => ({
  untilMinute,
  cost: {
    ordersPerSecond: 500,
    processorMs: 3.456,
    processorMsByPlace: { postgres: 1, rabbitmq: 1, order: 1, payment: 0.256, notification: 0.2 },
    kernelMs: 0.3,
    writeTransactions: 0.5,
    statements: 2,
    walBytes: 20_480,
  },
  mostMemoryMb: { order, payment: 160.4, notification: 165.6 },
});

const report: SoakReport = {
  takenOn: '2026-01-31',
  command: 'npm run bench:soak',
  machine: { processor: 'Abacus 9', cores: 2, memoryGb: 8, kernel: 'Linux 6 x64', node: '24.0.0', postgres: '18.0', rabbitmq: '4.0' },
  orders: 20_000,
  stretches: [stretch(0.667, 180), stretch(1.321, 186.4)],
};

describe('the report of a soak', () => {
  it('says of each stretch when it ended, what an order cost and what each service held', () => {
    const rows = soakTable(report).map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    expect(rows.slice(2)).toEqual([
      ['0.7', '500', '3.46', '180', '160', '166'],
      ['1.3', '500', '3.46', '186', '160', '166'],
    ]);
  });

  it('has its section on the page, with the command that repeats it', () => {
    const page = pageOf({ soak: report });
    expect(page).toContain('```sh\nnpm run bench:soak\n```');
    expect(page).toContain('40,000 orders in stretches of 20,000');
  });
});
