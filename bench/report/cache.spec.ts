import { describe, expect, it } from 'vitest';
import { cacheTables, type CacheReport } from './cache.js';
import { pageOf } from './performance.js';

const report: CacheReport = {
  takenOn: '2026-01-01',
  command: 'npm run bench:cache',
  machine: { processor: 'Abacus', cores: 2, memoryGb: 8, kernel: 'Linux 6', node: '24.0.0', postgres: '17', rabbitmq: '4.0' },
  products: 5_000,
  seconds: 30,
  freshSeconds: 10,
  levels: [{ level: 'memory', reads: 5_000, latency: { p50: 0.51, p99: 1.2, most: 7 }, perSecond: 6_100 }],
  mixes: [
    {
      title: 'memory and Redis',
      reads: 90_000,
      latency: { p50: 0.6, p99: 2, most: 20 },
      shares: { memory: 0.9, redis: 0.07, database: 0.03, stale: 0 },
    },
  ],
};

describe('the report of the cache', () => {
  it('says how long each level takes, and what share each had', () => {
    const rows = cacheTables(report).map((line) => line.split('|').map((cell) => cell.trim()));
    expect(rows[2]!.slice(1, -1)).toEqual(['memory', '5,000', '0.51 / 1.2 / 7', '6,100']);
    expect(rows.at(-1)!.slice(1, -1)).toEqual(['memory and Redis', '90,000', '90 %', '7 %', '3 %', '0.6 / 2 / 20']);
  });

  it('has its section on the page', () => {
    expect(pageOf({ cache: report })).toContain('```sh\nnpm run bench:cache\n```');
  });
});
