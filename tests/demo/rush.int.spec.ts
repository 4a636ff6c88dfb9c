import { expect, it } from 'vitest';
import { DemoProcess } from './demo-process.spec-support.js';

it('npm run rush settles every order of its mix and finds that all books add up', { timeout: 180_000 }, async () => {
  const rush = DemoProcess.run('rush/main', '--orders', '200', '--seed', '3');
  expect([await rush.exitCode(), rush.output]).toEqual([
    0,
    expect.stringContaining('Nothing lost, nothing captured twice, nothing stuck.'),
  ]);
  expect(rush.output).toMatch(/approved +120 +120 paid \(captured\)/);
  expect(rush.output).toMatch(/paid too late +10 +10 expired \(refunded\)/);
  expect(rush.output).toMatch(/\n\d+ checks: \d+ ok, 1 skipped\n/);
});

it.each([['--orders', '99'], ['--orders', 'many'], ['--seed', '0.5'], ['--nonsense']])('npm run rush refuses %s %s', async (...options) => {
  const rush = DemoProcess.run('rush/main', ...options);
  expect(await rush.exitCode()).toBe(2);
  expect(rush.output).toContain('--orders <number>');
});
