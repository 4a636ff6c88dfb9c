import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { asCustomer, asOperator, eventually, startWorld, type ServiceProcess, type World } from '#libs/testing';
import { Customer } from './customer.spec-support.js';

let world: World;
let replica: ServiceProcess;
let carol: Customer;

beforeAll(async () => {
  world = await startWorld({
    asleep: ['notification', 'psp-simulator'],
    proxied: ['payment.rabbitmq'],
    // A replica of the payment service knows what it hears; the order service looks again and again.
    envOf: { payment: { SETTINGS_REREAD_MS: '3600000' }, order: { SETTINGS_REREAD_MS: '50' } },
  });
  carol = new Customer(world);
  // One that starts later has to find out what was set before.
  await change(world.payment, `${queue}.paused`, true);
  replica = await world.replica('payment');
});
afterAll(() => world?.stop());

interface Setting {
  readonly value: unknown;
  readonly configured: unknown;
  readonly changed: { readonly value: unknown; readonly at: string; readonly by: string; readonly reason: string } | null;
}

const reason = 'a spec';
const call = (service: ServiceProcess, method: string, path: string, body?: object, caller = asOperator('olga')) =>
  fetch(service.baseUrl + path, {
    method,
    headers: { ...caller, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
const change = async (service: ServiceProcess, name: string, value: unknown) =>
  expect((await call(service, 'PUT', `/settings/${name}`, { value, reason })).status).toBe(200);
const reset = async (service: ServiceProcess, name: string) =>
  expect((await call(service, 'DELETE', `/settings/${name}?reason=over`)).status).toBe(200);

async function settingOf(service: ServiceProcess, name: string): Promise<Setting | undefined> {
  const { items } = (await (await call(service, 'GET', '/settings')).json()) as { items: ({ name: string } & Setting)[] };
  return items.find((item) => item.name === name);
}
const sees = (service: ServiceProcess, name: string, value: unknown, within = 5_000) =>
  eventually(async () => expect(await settingOf(service, name)).toMatchObject({ value }), { within });

/** What another process would have stored, without anybody being told. */
async function store(url: string, name: string, value: unknown): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`INSERT INTO setting_changes (name, value, operator, reason) VALUES ($1, $2, 'nobody', 'unsaid')`, [
    name,
    JSON.stringify(value),
  ]);
  await client.end();
}

const queue = 'payment.open-payment';
const depth = () => world.vhost.depth(queue);
const linesOf = ({ log }: ServiceProcess) => log.map(({ msg }) => String(msg)).filter((line) => line.startsWith(queue));

describe('a consumer that an operator pauses', () => {
  it('takes nothing on any replica, be it that it started later, says so, and then takes all', async () => {
    const placed = await Promise.all(Array.from({ length: 20 }, () => carol.place()));
    await eventually(async () => expect(await depth()).toEqual({ messages: 20, consumers: 0 }));
    for (const service of [world.payment, replica]) {
      expect(await settingOf(service, `${queue}.paused`)).toMatchObject({ value: true });
      expect(await (await fetch(`${service.baseUrl}/health/ready`)).json()).toMatchObject({
        status: 'degraded',
        checks: { messaging: { detail: `${queue} is paused by an operator` } },
      });
      expect(await (await fetch(`${service.baseUrl}/metrics`)).text()).toContain(`orderly_consumers_paused{queue="${queue}"} 1`);
    }
    await change(replica, `${queue}.paused`, false);
    for (const { id } of placed) expect(await eventually(() => carol.payment(id))).toMatchObject({ status: 'open' });
    await eventually(async () => expect(await depth()).toEqual({ messages: 0, consumers: 2 }));
  });
});

describe('a setting that an operator changes', () => {
  it('is seen at every replica, with who changed it and why, and goes back to what is configured', async () => {
    expect(await settingOf(replica, 'trace-sampling')).toEqual(expect.objectContaining({ value: 1, configured: 1, changed: null }));
    await change(world.payment, 'trace-sampling', 0.25);
    expect(await settingOf(world.payment, 'trace-sampling')).toMatchObject({
      value: 0.25,
      configured: 1,
      changed: { value: 0.25, by: 'olga', reason },
    });
    await sees(replica, 'trace-sampling', 0.25);
    expect(await settingOf(replica, 'trace-sampling')).toEqual(await settingOf(world.payment, 'trace-sampling'));
    await reset(replica, 'trace-sampling');
    await sees(world.payment, 'trace-sampling', 1);
    expect(await settingOf(world.payment, 'trace-sampling')).toMatchObject({ changed: { value: null, by: 'olga', reason: 'over' } });
  });

  it.each([
    ['log-level', 'loud'],
    ['trace-sampling', 1.5],
    [`${queue}.batch-size`, 0],
    [`${queue}.prefetch`, 2.5],
    [`${queue}.paused`, 'yes'],
  ])('stays what it is everywhere when %s is to be %s', async (name, value) => {
    const before = await settingOf(world.payment, name);
    const answer = await call(world.payment, 'PUT', `/settings/${name}`, { value, reason });
    expect([answer.status, await answer.json()]).toEqual([
      422,
      expect.objectContaining({ type: '/problems/validation', errors: [expect.objectContaining({ pointer: '#/value' })] }),
    ]);
    for (const service of [world.payment, replica]) expect(await settingOf(service, name)).toEqual(before);
  });

  it('is one that there is, and is changed by an operator who says why', async () => {
    expect((await call(world.payment, 'PUT', '/settings/weather', { value: 'fine', reason })).status).toBe(404);
    expect((await call(world.payment, 'PUT', '/settings/payment-window-seconds', { value: 60, reason })).status).toBe(404);
    expect((await call(world.payment, 'PUT', '/settings/log-level', { value: 'warn' })).status).toBe(422);
    for (const [method, path, body] of [
      ['GET', '/settings', undefined],
      ['PUT', '/settings/log-level', { value: 'warn', reason }],
      ['DELETE', '/settings/log-level?reason=none', undefined],
    ] as const) {
      expect((await call(world.payment, method, path, body, asCustomer('carol'))).status).toBe(403);
    }
    expect(await settingOf(world.payment, 'log-level')).toMatchObject({ value: 'info', changed: null });
  });
});

describe('the log of every replica', () => {
  it('has the lines that are worth one by the level that was set', async () => {
    await change(world.payment, 'log-level', 'error');
    // Its last line: what it has said before is read.
    await eventually(() => expect(replica.log.map(({ msg }) => msg)).toContain('log-level is error from now on, and was info'));
    const before = linesOf(replica).length;
    await change(world.payment, `${queue}.paused`, true);
    await sees(replica, `${queue}.paused`, true);
    await eventually(async () => expect(await depth()).toEqual({ messages: 0, consumers: 0 }));
    await reset(world.payment, 'log-level');
    await sees(replica, 'log-level', 'info');
    await reset(world.payment, `${queue}.paused`);
    await eventually(() => expect(linesOf(replica).at(-1)).toContain('an operator has resumed it'));
    expect(linesOf(replica).slice(before).join('; ')).not.toContain('is paused by an operator');
  });
});

describe('a change that nobody was told of', () => {
  it('applies when the broker is there again', async () => {
    await store(world.databaseUrls.payment, `${queue}.batch-size`, 7);
    expect(await settingOf(replica, `${queue}.batch-size`)).toMatchObject({ value: 100 });
    world.proxy('payment.rabbitmq').cut();
    for (const service of [world.payment, replica]) await sees(service, `${queue}.batch-size`, 7, 15_000);
  });

  it('applies at the next look, and what may not be set does not', async () => {
    await store(world.databaseUrls.order, 'payment-window-seconds', 1);
    await store(world.databaseUrls.order, 'order.settle-order.prefetch', 7);
    await sees(world.order, 'order.settle-order.prefetch', 7);
    expect(await settingOf(world.order, 'payment-window-seconds')).toMatchObject({ value: 900, changed: { value: 1, by: 'nobody' } });
  });
});

describe('two changes of one setting at once', () => {
  it('leave the last word to the one that is committed last', async () => {
    const other = new Client({ connectionString: world.databaseUrls.payment });
    await other.connect();
    await other.query('BEGIN');
    await other.query(`SELECT pg_advisory_xact_lock(hashtext('setting_changes'))`);
    await other.query(`INSERT INTO setting_changes (name, value, operator, reason) VALUES ('trace-sampling', '0.1', 'otto', 'at once')`);
    const ours = change(world.payment, 'trace-sampling', 0.5);
    const waiting = `SELECT count(*)::int AS waiting FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await eventually(async () => expect((await other.query(waiting)).rows).toEqual([{ waiting: 1 }]));
    await other.query('COMMIT');
    await ours;
    await other.end();
    expect(await settingOf(world.payment, 'trace-sampling')).toMatchObject({ value: 0.5, changed: { by: 'olga' } });
    await reset(world.payment, 'trace-sampling');
  });
});

describe('the payment window', () => {
  it('is that of new orders, when their customers name none', async () => {
    const windowOf = ({ placedAt, paymentDeadline }: { placedAt: string; paymentDeadline: string }) =>
      (Date.parse(paymentDeadline) - Date.parse(placedAt)) / 1000;
    const old = await carol.place();
    await change(world.order, 'payment-window-seconds', 60);
    expect(windowOf(await carol.place())).toBe(60);
    expect(windowOf(await carol.place({ paymentWindowSeconds: 3600 }))).toBe(3600);
    expect(windowOf(await carol.order(old.id))).toBe(900);
  });
});
