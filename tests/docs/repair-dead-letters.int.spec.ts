import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CapturePayment, envelopeToHeaders, topology } from '#libs/contracts';
import {
  asOperator,
  emptyDatabase,
  eventually,
  operatorToken,
  projectRoot,
  ServiceProcess,
  testVhost,
  type TestVhost,
} from '#libs/testing';
import { letterStatuses, moves } from '../../apps/console/src/letter/letter-state.js';
import { fenced, generatedLines, readPage } from './documentation.spec-support.js';

const page = 'docs/how-to/repair-dead-letters.md';

let vhost: TestVhost;
let database: Awaited<ReturnType<typeof emptyDatabase>>;
let service: ServiceProcess;
let client: ChannelModel;
let channel: ConfirmChannel;

beforeAll(async () => {
  [vhost, database] = await Promise.all([testVhost('repair'), emptyDatabase('console')]);
  const env = { DATABASE_URL: database.url, RABBITMQ_URL: vhost.url, CURSOR_SECRET: 'a secret for tests only', NODE_ENV: 'test' };
  service = await ServiceProcess.start('console', env);
  await service.ready();
  client = await connect(vhost.url);
  channel = await client.createConfirmChannel();
});
afterAll(async () => {
  await client?.close();
  await service?.stop();
  await Promise.all([vhost?.drop(), database?.drop()]);
});

/** The id of a new dead letter of the queue that the page is about. */
async function newLetter(): Promise<string> {
  const messageId = randomUUID();
  const { name: type, example } = CapturePayment;
  const headers = {
    ...envelopeToHeaders({
      id: messageId,
      type,
      source: '/spec',
      subject: example.orderId,
      time: new Date().toISOString(),
      correlationId: 'c',
    }),
    'orderly-queue': 'payment.capture-payment',
    'orderly-error': 'Error: too many connections',
  };
  channel.publish(topology.deadLetters, 'payment.capture-payment', Buffer.from(JSON.stringify(example)), { messageId, headers });
  await channel.waitForConfirms();
  return eventually(async () => {
    const response = await fetch(`${service.baseUrl}/dead-letters?limit=100`, { headers: asOperator('olga') });
    const { items } = (await response.json()) as { items: { id: string; messageId: string }[] };
    return items.find((letter) => letter.messageId === messageId)?.id ?? Promise.reject(new Error('it is not here yet'));
  });
}

/** Runs shell commands in which npm is what `npm run orderly --` runs. */
function shell(script: string, ID: string): Promise<{ code: number; output: string }> {
  const npm = `npm() { shift 3; '${process.execPath}' '${join(projectRoot, 'dist', 'demo', 'orderly', 'main.js')}' "$@"; }`;
  const env = { PATH: process.env['PATH'], ORDERLY_CONSOLE_URL: service.baseUrl, ORDERLY_TOKEN: operatorToken('olga'), ID };
  return new Promise((settle) => {
    execFile('/bin/sh', ['-euc', `${npm}\n${script}`], { cwd: projectRoot, env }, (error, stdout, stderr) =>
      settle({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

describe('the page about repairing dead letters', () => {
  const scripts = [...readPage(page).matchAll(/^```sh\n(.*?)^```$/gms)].map(([, script = '']) => script);

  it.each(scripts)('has commands that work: %s', async (script) => {
    const { code, output } = await shell(script, await newLetter());
    expect([code, output]).toEqual([0, expect.any(String)]);
    expect(output).not.toMatch(/^(No dead letters|0 of)/m);
  });

  it('names every call of the console about dead letters', async () => {
    const { paths } = (await (await fetch(`${service.baseUrl}/docs-json`)).json()) as { paths: Record<string, object> };
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const text = readPage(page);
    expect(calls.filter((call) => call.includes('/dead-letters') && !text.includes(`\`${call}\``))).toEqual([]);
  });

  it('says in which states a letter can be, and draws its moves, which UPDATE_DOCS=1 rewrites', () => {
    for (const status of letterStatuses) expect(readPage(page)).toContain(`\n| \`${status}\` | `);
    const lines = fenced('mermaid', [
      'stateDiagram-v2',
      `  [*] --> ${letterStatuses[0]}: died`,
      ...moves.map(({ from, cause, to }) => `  ${from} --> ${to}: ${cause}`),
    ]);
    expect(generatedLines(page, 'letter-states', lines)).toEqual(lines);
  });
});
