import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, projectRoot, testVhost } from '#libs/testing';
import { checks, type CheckResult } from '#libs/verify';
import { RunningDemo, type DemoAddresses } from '../../demo/running-demo.js';
import { HealthyBooks, idOf } from './healthy-books.spec-support.js';

describe('npm run verify', () => {
  let books: HealthyBooks;

  beforeAll(async () => {
    books = await HealthyBooks.write();
  });
  afterEach(() => books.heal());
  afterAll(() => books.drop());

  it('prints a line for each check and one to close with, and ends with 0 when nothing is wrong', async () => {
    const { code, stdout } = await verify(environment(books.urls));
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter((line) => /^(ok|skipped) /.test(line))).toHaveLength(checks.length);
    expect(lines).toContainEqual(expect.stringMatching(/^ok {7}ledger-balances +7$/));
    expect(lines).toContainEqual(expect.stringMatching(/^skipped {2}work-queues-are-empty +the broker was not given$/));
    expect(lines.at(-1)).toMatch(new RegExp(`^${checks.length} checks: \\d+ ok, \\d+ skipped$`));
    expect(code).toBe(0);
  });

  it('names what is wrong, and ends with 1', async () => {
    const urls = await books.harmed({ order: `UPDATE orders SET version = 9 WHERE id = '${idOf('paid.order')}'` });
    const { code, stdout } = await verify(environment(urls));
    expect(stdout).toMatch(/^FAILED {3}order-histories-are-whole +8 {2}1 wrong\. The history of/m);
    expect(stdout).toContain(`\n           ${idOf('paid.order')} is paid in version 9, and its history ends with paid in row 2\n`);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/ 1 FAILED/);
    expect(code).toBe(1);
  });

  it('prints nothing but JSON when asked to', async () => {
    const { code, stdout } = await verify(environment(books.urls), '--json');
    const results = JSON.parse(stdout) as CheckResult[];
    expect(results.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
    expect(code).toBe(0);
  });

  it('ends with 69 and names what cannot be reached', async () => {
    const { code, stderr } = await verify({ ...environment(books.urls), PAYMENT_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' });
    expect(stderr).toMatch(/^the database of payment cannot be reached: /);
    expect(code).toBe(69);
  });

  it('verifies the demo that runs in a folder, until it ends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'verify-'));
    const demo = await RunningDemo.claim(folder, () => {});
    const vhost = await testVhost('verify');
    try {
      expect((await verify({}, '--folder', folder)).code).toBe(69);
      const databaseUrls = books.urls as DemoAddresses['databaseUrls'];
      const nobody = `http://127.0.0.1:${await freePort()}`;
      const baseUrls = { order: nobody, payment: nobody, console: nobody };
      demo.reachableAt({ databaseUrls, rabbitmq: { url: vhost.url, managementUrl: vhost.managementUrl }, baseUrls });
      // All of it is looked at, up to a service that is not there.
      expect((await verify({}, '--folder', folder)).stderr).toMatch(/^the order service cannot be reached: .*ECONNREFUSED/);
      demo.release();
      expect((await verify({}, '--folder', folder)).stderr).toMatch(/^No demo is running/);
    } finally {
      await vhost.drop();
      await rm(folder, { recursive: true });
    }
  });

  it('ends with 69 when no system is named and no demo runs', async () => {
    const { code, stderr } = await verify({}, '--folder', '.local/no-demo-was-ever-here');
    expect(stderr).toMatch(/^No demo is running in .*no-demo-was-ever-here/);
    expect(code).toBe(69);
  });

  it.each([
    { what: 'an unknown option', env: {}, options: ['--fix'], says: "Unknown option '--fix'" },
    { what: 'a time that is none', env: {}, options: ['--within', 'soon'], says: '--within takes whole seconds, not soon' },
    {
      what: 'half of the addresses',
      env: { ORDER_DATABASE_URL: 'postgres://localhost/order', RABBITMQ_URL: 'amqp://localhost' },
      options: [],
      says: 'PAYMENT_DATABASE_URL, NOTIFICATION_DATABASE_URL, RABBITMQ_MANAGEMENT_URL are missing',
    },
  ])('ends with 2 upon $what', async ({ env, options, says }) => {
    const { code, stderr } = await verify(env, ...options);
    expect(stderr).toContain(says);
    expect(stderr).toContain('npm run verify -- [options]');
    expect(code).toBe(2);
  });
});

function environment(urls: HealthyBooks['urls']): Record<string, string> {
  return {
    ORDER_DATABASE_URL: urls.order,
    PAYMENT_DATABASE_URL: urls.payment,
    NOTIFICATION_DATABASE_URL: urls.notification,
    PSP_DATABASE_URL: urls['psp-simulator'] ?? '',
    CONSOLE_DATABASE_URL: urls.console ?? '',
  };
}

function verify(env: Record<string, string | undefined>, ...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = join(projectRoot, 'dist', 'demo', 'verify.js');
  return new Promise((settle) => {
    execFile(process.execPath, [command, ...options], { cwd: projectRoot, env }, (error, stdout, stderr) =>
      settle({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
