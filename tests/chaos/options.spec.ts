import { describe, expect, it } from 'vitest';
import { BadUsage, readOptions } from './options.js';

describe('npm run chaos', () => {
  it('places two thousand orders and applies twelve faults with one broker, by a seed of its own, when nothing is asked for', () => {
    expect(readOptions([])).toMatchObject({ orders: 2_000, faults: 12, profile: 'single', write: false });
    const seeds = Array.from({ length: 20 }, () => readOptions([]).seed);
    expect(new Set(seeds).size).toBeGreaterThan(15);
  });

  it('is ten times as large with three nodes', () => {
    expect(readOptions(['--profile', 'cluster'])).toMatchObject({ orders: 20_000, faults: 100 });
  });

  it('takes what it is told', () => {
    const asked = [
      '--orders',
      '300',
      '--minutes',
      '1.5',
      '--seed',
      '0',
      '--faults',
      '3',
      '--only',
      'service killed,delay',
      '--bug',
      'no-inbox',
    ];
    const { orders, minutes, seed, faults, only, bug } = readOptions(asked);
    expect([orders, minutes, seed, faults, only, bug]).toEqual([300, 1.5, 0, 3, ['service killed', 'delay'], 'no-inbox']);
  });

  it.each([
    ['--orders', '49'],
    ['--orders', 'many'],
    ['--minutes', '0'],
    ['--seed', '0.5'],
    ['--seed', ''],
    ['--faults', '-1'],
    ['--profile', 'double'],
    ['--only', 'service killed,nothing'],
    ['--bug', 'nobody'],
    ['--nonsense'],
    ['orders'],
  ])('refuses %s %s', (...args) => {
    expect(() => readOptions(args)).toThrow(BadUsage);
  });
});
