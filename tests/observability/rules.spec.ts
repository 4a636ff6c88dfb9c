import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { projectRoot } from '#libs/testing';
import { findPromtool, promtool } from './promtool.spec-support.js';

const dir = join(projectRoot, 'deploy', 'observability');
const rules = readFileSync(join(dir, 'alerts.yml'), 'utf8');
const alerts = [...rules.matchAll(/- alert: (\w+)\n/g)].map(([, name = '']) => name);
const howTo = readFileSync(join(projectRoot, 'docs', 'how-to', 'watch-it.md'), 'utf8');

let tool: string | undefined;
const copies: string[] = [];

beforeAll(async () => {
  tool = await findPromtool();
}, 300_000);
afterAll(() => copies.forEach((copy) => rmSync(copy, { recursive: true, force: true })));

function ask(context: TestContext, ...args: readonly string[]) {
  return promtool(tool ?? context.skip('promtool is not on this machine, and neither is apt-get'), dir, ...args);
}

describe('what Prometheus is told', () => {
  it('is a configuration that it takes', async (context) => {
    expect(await ask(context, 'check', 'config', 'prometheus.yml')).toMatchObject({ content: true });
  });

  it('has rules that fire when they should and not before', async (context) => {
    expect(await ask(context, 'test', 'rules', 'alerts.test.yml')).toMatchObject({ content: true });
  });
});

describe.each(alerts)('the alert %s', (alert) => {
  it('is missed when it does not fire', async (context) => {
    const copy = mkdtempSync(join(tmpdir(), 'orderly-rules-'));
    copies.push(copy);
    cpSync(dir, copy, { recursive: true });
    const silenced = rules.replace(new RegExp(`(- alert: ${alert}\n +expr:)(?: \\|\n(?: {10,}.*\n)+| .*\n)`), '$1 vector(0) > 1\n');
    expect(silenced).not.toBe(rules);
    writeFileSync(join(copy, 'alerts.yml'), silenced);
    if (tool === undefined) context.skip('promtool is not on this machine, and neither is apt-get');
    const { content, said } = await promtool(tool!, copy, 'test', 'rules', 'alerts.test.yml');
    expect(content).toBe(false);
    expect(said).toContain(`alertname: ${alert}`);
  });

  it('says where it is explained what to do', () => {
    expect(rules).toContain(`runbook: docs/how-to/watch-it.md#${alert.toLowerCase()}\n`);
    expect(howTo).toContain(`\n### ${alert}\n`);
  });
});

it('explains no alert that there is not', () => {
  const explained = [...howTo.slice(howTo.indexOf('## The alerts')).matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(explained).toEqual(alerts);
});
