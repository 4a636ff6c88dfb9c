import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, isFree, projectRoot } from '#libs/testing';
import { DemoProcess, portAmongFreeOnes } from './demo-process.spec-support.js';

let folder: string;
let port: number;
let demo: DemoProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-demo-'));
  port = await portAmongFreeOnes();
});
afterAll(() => {
  demo.child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const start = (...options: string[]) => DemoProcess.run('main', '--folder', folder, '--port', String(port), ...options);
const ready = 'stops everything';
const hasCurl = spawnSync('curl', ['--version']).status === 0;

async function databasesOfDemos(): Promise<string[]> {
  const client = new Client({ connectionString: process.env['ORDERLY_POSTGRES_URL'] });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(`SELECT datname AS name FROM pg_database WHERE datname LIKE 'demo\\_%'`);
  await client.end();
  return rows.map(({ name }) => name);
}

describe('npm start', () => {
  it('tells the story of five orders, and goes on running', { timeout: 90_000 }, async () => {
    demo = start();
    await demo.says(ready);
    expect(demo.output).toMatch(/alice +paid +captured +2 +\d+ ms\n/);
    expect(demo.output).toMatch(/bob +paid +captured +3 +\d+ ms\n/);
    expect(demo.output).toMatch(/dave +paid +captured +2 +\d+ ms\n/);
    expect(demo.output).toMatch(/carol +expired +voided +2 +5\d{3} ms\n/);
    expect(demo.output).toMatch(/erin +expired +refunded +3 +5\d{3} ms\n/);
    expect(demo.output.match(/ expired \d+ ms after its deadline\n/g)).toHaveLength(2);
    expect(demo.output.split('\n').filter((line) => line.length > 100 && !/^(TOKEN|OPERATOR)=/.test(line))).toEqual([]);
  });

  it('prints nothing but plain text when it is not on a terminal', () => {
    // oxlint-disable-next-line no-control-regex
    expect(demo.output).not.toMatch(/[\u001b\r]/);
  });

  it.skipIf(!hasCurl)('prints commands that work: an order is placed and paid, and its customer hears of it', async () => {
    const [, commands = ''] = /Try it.*?\n(.*)\nThe tokens are good/s.exec(demo.output) ?? [];
    const shell = spawn('/bin/sh', ['-euc', `${commands}\nwait`], { detached: true });
    let heard = '';
    shell.stdout.on('data', (chunk) => (heard += chunk));
    try {
      await eventually(() => expect(heard).toContain('event: order-paid'), { within: 15_000 });
      expect(heard).toMatch(/"status":"(authorising|captured)"/);
      expect(heard).toMatch(/\{"items":\[.*\],"next":null\}/);
      await demo.says('you@example.com: Your order is paid');
    } finally {
      process.kill(-shell.pid!);
    }
  });

  it('leaves books in which npm run verify finds nothing wrong', { timeout: 60_000 }, async () => {
    const verify = DemoProcess.run('verify', '--folder', folder, '--within', '40');
    expect([await verify.exitCode(), verify.output]).toEqual([0, expect.stringMatching(/\n(\d+) checks: \1 ok/)]);
  });

  it('does not start a second time in the same folder, and says what to do', async () => {
    const second = start();
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toMatch(/^A demo is running already \(process \d+.*npm run stop\n$/s);
  });

  it('says who has a port that it needs', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'orderly-demo-'));
    const second = DemoProcess.run('main', '--folder', elsewhere, '--port', String(port + 3));
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toMatch(new RegExp(`Port ${port + 3} is taken( by .+)?\\.\n.*--port`));
    rmSync(elsewhere, { recursive: true });
  });

  it('is stopped from elsewhere and leaves nothing behind', async () => {
    const stop = DemoProcess.run('stop', '--folder', folder);
    expect(await stop.exitCode()).toBe(0);
    expect(await demo.exitCode()).toBe(0);
    expect(await isFree(port)).toBe(true);
    expect(await databasesOfDemos()).toEqual([]);
    expect(await DemoProcess.run('stop', '--folder', folder).exitCode()).toBe(0);
  });

  it('that was killed leaves nothing that npm run stop does not end', { timeout: 60_000 }, async () => {
    demo = start('--no-story');
    await demo.says(ready);
    const { parts } = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as { parts: { pid: number }[] };
    expect(parts).toHaveLength(5);
    demo.child.kill('SIGKILL');
    expect(await DemoProcess.run('stop', '--folder', folder).exitCode()).toBe(0);
    // One that has ended keeps its number until whoever it was left to has seen it.
    await eventually(() => {
      for (const { pid } of parts) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    });
  });

  it('is not for production: its issuer gives anybody any token', async () => {
    for (const [program = '', ...args] of [['main'], ['token', 'alice']]) {
      const command = [join(projectRoot, 'dist', 'demo', `${program}.js`), ...args, '--folder', folder];
      const { status, stderr } = spawnSync(process.execPath, command, {
        env: { ...process.env, NODE_ENV: 'production' },
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([78, expect.stringContaining('NODE_ENV is production')]);
    }
  });

  it('refuses an option that it does not know', async () => {
    const misunderstood = start('--nonsense');
    expect(await misunderstood.exitCode()).toBe(2);
    expect(misunderstood.output).toContain('--no-story');
  });
});
