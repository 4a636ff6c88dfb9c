import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CapturePayment, envelopeToHeaders, topology } from '#libs/contracts';
import { emptyDatabase, eventually, freePort, projectRoot, ServiceProcess, testVhost, type TestVhost } from '#libs/testing';
import { issuerOfDemo } from '../../demo/issuer-of-demo.js';
import { RunningDemo, type DemoAddresses } from '../../demo/running-demo.js';

let folder: string;
let vhost: TestVhost;
let database: Awaited<ReturnType<typeof emptyDatabase>>;
let service: ServiceProcess;
let client: ChannelModel;
let channel: ConfirmChannel;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderly-'));
  [vhost, database] = await Promise.all([testVhost('orderly'), emptyDatabase('console')]);
  const env = {
    ...issuerOfDemo(folder).environment,
    DATABASE_URL: database.url,
    RABBITMQ_URL: vhost.url,
    CURSOR_SECRET: 'a secret for tests only',
    NODE_ENV: 'test',
  };
  service = await ServiceProcess.start('console', env);
  await service.ready();
  client = await connect(vhost.url);
  channel = await client.createConfirmChannel();
});
afterAll(async () => {
  await client?.close();
  await service?.stop();
  await Promise.all([vhost?.drop(), database?.drop(), rm(folder, { recursive: true })]);
});

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const command = join(projectRoot, 'dist', 'demo', 'orderly', 'main.js');
  return new Promise((settle) => {
    execFile(process.execPath, [command, ...args], { cwd: projectRoot, env }, (error, stdout, stderr) =>
      settle({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const orderly = (...args: string[]) => run([...args, '--folder', folder], { ORDERLY_CONSOLE_URL: service.baseUrl });
const queue = 'payment.capture-payment';

/** Parks a message, and comes back with its dead letter's id when the console has it. */
async function parked(data: object = CapturePayment.example, error = 'Error: it broke'): Promise<string> {
  const messageId = randomUUID();
  const { orderId: subject } = CapturePayment.example;
  const { name: type } = CapturePayment;
  const headers = {
    ...envelopeToHeaders({ id: messageId, type, source: '/spec', subject, time: new Date().toISOString(), correlationId: subject }),
    'orderly-queue': queue,
    'orderly-reason': 'permanent',
    'orderly-error': error,
  };
  channel.publish(topology.deadLetters, queue, Buffer.from(JSON.stringify(data)), { messageId, headers });
  await channel.waitForConfirms();
  return eventually(async () => {
    const { items } = JSON.parse((await orderly('dead-letters', 'list', '--json')).stdout) as {
      items: { id: string; messageId: string }[];
    };
    return items.find((letter) => letter.messageId === messageId)?.id ?? Promise.reject(new Error('it is not here yet'));
  });
}

describe('npm run orderly', () => {
  it('lists and groups dead letters, and shows one, in short tables', async () => {
    const id = await parked({ orderId: 'broken', email: 'alice@example.com' }, 'Error: no order 7');
    const list = await orderly('dead-letters', 'list', '--queue', queue, '--status', 'parked');
    expect(list.stdout).toMatch(/^id +status +queue +type +died at +error\n/);
    expect(list.stdout).toMatch(new RegExp(`^${id}  parked  ${queue}  payment.capture.v1  \\S+Z  Error: no order 7$`, 'm'));
    const groups = await orderly('dead-letters', 'groups');
    expect(groups.stdout).toMatch(new RegExp(`^1 +${queue}  payment.capture.v1  \\S+Z +Error: no order #$`, 'm'));
    const shown = await orderly('dead-letters', 'show', id);
    expect(shown.stdout).toContain(`${id} is parked\n`);
    expect(shown.stdout).toContain('"email": "[e-mail]"');
    expect(shown.stdout).toMatch(/^at +is +because +by +why\n\S+Z +parked +died +- +Error: no order 7$/m);
    expect([list, groups, shown].map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
  });

  it('replays one, mends one and discards one, in the name of whoever does it', async () => {
    const [first, second, third] = [await parked(), await parked({}), await parked({})];
    const replayed = await orderly('dead-letters', 'replay', first, '--reason', 'it was chance', '--operator', 'olga');
    expect([replayed.code, replayed.stdout]).toEqual([0, expect.stringContaining(`${first} is replaying. `)]);
    const mending = ['dead-letters', 'edit-and-replay', second, '--reason', 'now it is whole', '--operator', 'olga'];
    const refused = await orderly(...mending, '--data', '{"orderId":"none"}');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^ {2}#\/data\/orderId {2}\S/m);
    expect((await orderly(...mending, '--data', JSON.stringify(CapturePayment.example))).code).toBe(0);
    expect((await orderly('dead-letters', 'discard', third, '--reason', 'a test', '--operator', 'olga')).stdout).toBe(
      `${third} is discarded.\n`,
    );
    const shown = await Promise.all([first, second, third].map((id) => orderly('dead-letters', 'show', id)));
    expect(shown.map(({ stdout }) => /(\S+ +\S+ +olga +.*)\n$/.exec(stdout)?.[1]?.replaceAll(/ +/g, ' '))).toEqual([
      'replaying replayed olga it was chance',
      'replaying edited olga now it is whole',
      'discarded discarded olga a test',
    ]);
    const again = await orderly('dead-letters', 'replay', first, '--reason', 'again');
    expect([again.code, again.stderr]).toEqual([1, 'The dead letter is not parked any more. It is replaying.\n']);
  });

  it('replays many only when it is told so twice', async () => {
    const ids = [await parked(undefined, 'Error: full'), await parked(undefined, 'Error: full')];
    const many = ['dead-letters', 'replay', '--error', 'Error: full', '--reason', 'there is room'];
    expect((await orderly(...many)).stdout).toBe([...ids, '2 of 2 would be replayed: say it again with --no-dry-run.', ''].join('\n'));
    expect((await orderly(...many, '--no-dry-run', '--limit', '1')).stdout).toBe(`${ids[0]}\n1 of 2 are replaying.\n`);
  });

  it('shows what waits in the queues', async () => {
    const { code, stdout } = await orderly('queues');
    expect(stdout).toMatch(/^orderly\.dead-letters +0 +1$/m);
    expect(code).toBe(0);
  });

  it('shows what each service has yet to send, and which of them does not answer', async () => {
    const { code, stdout } = await orderly('outbox');
    expect(stdout).toMatch(/^order +- +- +- +no answer within 2000 ms$/m);
    expect(stdout).toMatch(/^console +0 +0 +-$/m);
    expect(code).toBe(0);
  });

  it('prints nothing but JSON when asked to', async () => {
    const { stdout } = await orderly('queues', '--json');
    expect((JSON.parse(stdout) as { items: object[] }).items).toContainEqual({ name: 'orderly.dead-letters', messages: 0, consumers: 1 });
  });

  it('finds the console of the demo that runs in a folder', async () => {
    const demo = await RunningDemo.claim(folder, () => {});
    try {
      demo.reachableAt({ baseUrls: { console: service.baseUrl } } as unknown as DemoAddresses);
      expect((await run(['queues', '--folder', folder])).code).toBe(0);
    } finally {
      demo.release();
    }
  });

  it('takes the token that the environment has, and says who that is to nobody else', async () => {
    const env = { ORDERLY_CONSOLE_URL: service.baseUrl, ORDERLY_TOKEN: issuerOfDemo(folder).token('olga', 'operator', 60) };
    expect((await run(['queues'], env)).code).toBe(0);
    expect(await run(['queues', '--operator', 'eve'], env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ORDERLY_TOKEN says who'),
    });
    const customer = await run(['queues'], { ...env, ORDERLY_TOKEN: issuerOfDemo(folder).token('alice', 'customer', 60) });
    expect([customer.code, customer.stderr]).toEqual([1, expect.stringContaining('The caller may not do this')]);
  });

  it('passes verify on to what npm run verify does', async () => {
    const { code, stderr } = await run(['verify', '--folder', '.local/no-demo-was-ever-here']);
    expect([code, stderr]).toEqual([69, expect.stringContaining('No demo is running')]);
  });

  it('ends with 4 when there is no such dead letter', async () => {
    const { code, stderr } = await orderly('dead-letters', 'show', randomUUID());
    expect([code, stderr]).toEqual([4, 'There is no such dead letter.\n']);
    expect((await orderly('dead-letters', 'discard', 'nothing', '--reason', 'none')).code).toBe(4);
  });

  it('ends with 69 when the console cannot be reached, and says where it looked', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await orderly('queues', '--console', nobody);
    expect([code, stderr]).toEqual([69, expect.stringContaining(`The console cannot be reached at ${nobody}: `)]);
  });

  it.each([
    { args: [], says: 'What is to be done?' },
    { args: ['dead-letters'], says: 'There is no command dead-letters' },
    { args: ['dead-letters', 'burn'], says: 'There is no command dead-letters burn' },
    { args: ['dead-letters', 'show'], says: 'dead-letters show takes the id of a dead letter' },
    { args: ['dead-letters', 'discard', 'x'], says: 'dead-letters discard needs a --reason' },
    { args: ['dead-letters', 'replay', 'x', '--reason', 'r', '--queue', 'q'], says: '--queue is for many, and x is one' },
    { args: ['dead-letters', 'edit-and-replay', 'x', '--reason', 'r'], says: 'needs --data' },
    { args: ['dead-letters', 'edit-and-replay', 'x', '--reason', 'r', '--data', '{'], says: '--data takes JSON' },
    { args: ['dead-letters', 'list', '--limit', 'all'], says: '--limit takes a number, not all' },
    { args: ['queues', '--status', 'parked'], says: 'queues takes no --status' },
    { args: ['queues', 'all'], says: 'queues takes no all' },
    { args: ['--colour'], says: "Unknown option '--colour'" },
    { args: ['queues', '--console', 'here'], says: '--console takes an address, not here' },
  ])('ends with 2 upon $args, and says how it is used', async ({ args, says }) => {
    const { code, stderr } = await orderly(...args);
    expect(stderr).toContain(says);
    expect(stderr).toContain('npm run orderly -- <command> [options]');
    expect(code).toBe(2);
  });

  it('tells how it is used, with 0, when asked', async () => {
    expect(await orderly('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('dead-letters replay') });
  });
});
