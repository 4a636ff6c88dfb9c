import { randomUUID } from 'node:crypto';
import { register } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { forgetStatement, Retention } from '#libs/service';
import { testDatabase, type TestDatabase } from '#libs/testing';
import { services, type ServiceName } from './kept.spec-support.js';

/** What is never forgotten: what was ordered and paid and how it came to be, what operators did, and what each service needs to work. */
const keptForEver: Record<ServiceName, readonly string[]> = {
  order: ['products', 'orders', 'order_history'],
  payment: ['payments', 'attempts', 'refunds', 'payment_history', 'ledger_entries'],
  // The tries of a delivery go with it, and an endpoint when an operator removes it.
  notification: ['webhook_endpoints', 'webhook_attempts'],
  // The history of a dead letter goes with it.
  console: ['audit', 'dead_letter_history'],
};

/** What operators have set while a service ran: the last row of each name applies, and the others are the record of it. */
const settings = 'setting_changes';

/** Rows of these leave when their work is done, and those of the parked ones when a person has decided. */
const keptByWork = ['outbox', 'outbox_parked', 'standing_retries', 'migrations'];

/** Whose days are tables of their own, which are dropped. */
const keptByDays = /^activity(_\d{8})?$/;

const names = Object.keys(services) as ServiceName[];
const databases = {} as Record<ServiceName, TestDatabase>;

beforeAll(async () => {
  for (const name of names) databases[name] = await testDatabase({ name: 'retention', migrations: [...services[name].migrations] });
});
afterAll(() => Promise.all(Object.values(databases).map((database) => database.drop())));

const sql = <Row = unknown>(name: ServiceName, statement: string, values: unknown[] = []) =>
  databases[name].dataSource.query<Row[]>(statement, values);

const forget = (name: ServiceName) => new Retention(databases[name].dataSource, services[name].kept).forget();

/** What of a column is still there. */
async function left(name: ServiceName, table: string, column: string): Promise<unknown[]> {
  return (await sql<Record<string, unknown>>(name, `SELECT ${column} FROM ${table} ORDER BY ${column}`)).map((row) => row[column]);
}

describe('every table', () => {
  it.each(names)('of %s forgets after a time, or was meant not to', async (name) => {
    const tables = await sql<{ table: string }>(
      name,
      `SELECT table_name AS table FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
    );
    const decided = [...services[name].kept.map(({ table }) => table), ...keptForEver[name], settings, ...keptByWork];
    const undecided = tables.map(({ table }) => table).filter((table) => !decided.includes(table) && !keptByDays.test(table));
    expect(undecided, 'add these to `kept` of the module of their service, or to `keptForEver` here with a reason').toEqual([]);
  });

  it.each(names)('of %s that forgets finds what is old by an index, as the service asks for it', async (name) => {
    const runner = databases[name].dataSource.createQueryRunner();
    try {
      await runner.query('SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off');
      // A function of the owner's does by itself what the statement would.
      for (const { by: _, ...kept } of services[name].kept) {
        const plan: Record<string, string>[] = await runner.query(`EXPLAIN ${forgetStatement(kept)}`, [1000, '1 hour']);
        expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index (Only )?Scan/);
        expect(plan.map((row) => row['QUERY PLAN']).join('\n')).not.toContain('Seq Scan');
      }
    } finally {
      await runner.release();
    }
  });
});

describe('what is old goes, and what is young or unsettled stays', () => {
  it('in the inbox: also what still waits to be tried again', async () => {
    await sql(
      'order',
      `INSERT INTO inbox (consumer, message_id, handled_at)
       VALUES ('young', gen_random_uuid(), now() - interval '44 days 23 hours'), ('old', gen_random_uuid(), now() - interval '45 days 1 minute')`,
    );
    await sql(
      'order',
      `WITH waiting AS (INSERT INTO standing_retries (queue, message_id, type, headers, body, due_at)
                        VALUES ('waiting', gen_random_uuid(), 't', '{}', '', now()) RETURNING queue, message_id)
       INSERT INTO inbox (consumer, message_id, handled_at) SELECT queue, message_id, now() - interval '1 year' FROM waiting`,
    );
    expect(await forget('order')).toMatchObject({ inbox: 1 });
    expect(await left('order', 'inbox', 'consumer')).toEqual(['waiting', 'young']);
    const { values } = await register.getSingleMetric('orderly_rows_forgotten_total')!.get();
    expect(values.find(({ labels }) => labels['table'] === 'inbox')?.value).toBeGreaterThanOrEqual(1);
  });

  it('of the idempotency keys', async () => {
    for (const [key, age] of Object.entries({ young: '23 hours 59 minutes', old: '24 hours 1 minute' })) {
      await sql(
        'order',
        `INSERT INTO idempotency_keys (caller, method, path, key, fingerprint, created_at) VALUES ('a', 'POST', '/', $1, '', now() - $2::interval)`,
        [key, age],
      );
    }
    expect(await forget('order')).toMatchObject({ idempotency_keys: 1 });
    expect(await left('order', 'idempotency_keys', 'key')).toEqual(['young']);
  });

  it('of what the provider has told: also what is about something that is not known yet', async () => {
    for (const [id, age, appliedAt] of [
      ['young', '89 days', 'now()'],
      ['old', '91 days', 'now()'],
      ['unsettled', '91 days', 'NULL'],
    ]) {
      await sql(
        'payment',
        `INSERT INTO psp_events (id, type, created_at, received_at, applied_at) VALUES ($1, 't', now(), now() - $2::interval, ${appliedAt})`,
        [id, age],
      );
    }
    expect(await forget('payment')).toMatchObject({ psp_events: 1 });
    expect(await left('payment', 'psp_events', 'id')).toEqual(['unsettled', 'young']);
  });

  it('of the notifications: also what is still to be sent', async () => {
    for (const [subject, age, status] of [
      ['failed', '401 days', 'failed'],
      ['old', '401 days', 'sent'],
      ['unsettled', '401 days', 'pending'],
      ['young', '399 days', 'sent'],
    ]) {
      await sql(
        'notification',
        `INSERT INTO notifications (id, event_id, order_id, customer_id, kind, channel, status, recipient, subject, body, at, sent_at)
         VALUES ($1, $1, $1, 'alice', 'order-paid', 'email', $2, 'alice@example.com', $3, '', now() - $4::interval,
                 CASE $2 WHEN 'sent' THEN now() END)`,
        [randomUUID(), status, subject, age],
      );
    }
    expect(await forget('notification')).toMatchObject({ notifications: 2 });
    expect(await left('notification', 'notifications', 'subject')).toEqual(['unsettled', 'young']);
  });

  it('of the deliveries of webhooks, with their tries: also what is still to be sent', async () => {
    await sql(
      'notification',
      `INSERT INTO webhook_endpoints (id, url, event_types, secret, created_by) VALUES ($1, 'https://shop.example', '{order.paid}', '', 'olga')`,
      [randomUUID()],
    );
    for (const [type, age, status] of [
      ['delivered', '91 days', 'delivered'],
      ['failed', '91 days', 'failed'],
      ['unsettled', '91 days', 'pending'],
      ['young', '89 days', 'delivered'],
    ]) {
      await sql(
        'notification',
        `WITH delivery AS (
           INSERT INTO webhook_deliveries (id, endpoint_id, event_id, order_id, event_type, payload, status, next_attempt_at, created_at)
           SELECT $1, id, $1, $1, $2, '{}', $3, CASE $3 WHEN 'pending' THEN now() END, now() - $4::interval FROM webhook_endpoints
           RETURNING id)
         INSERT INTO webhook_attempts (delivery_id, number, at, duration_ms, answer_status) SELECT id, 1, now(), 5, 500 FROM delivery`,
        [randomUUID(), type, status, age],
      );
    }
    expect(await forget('notification')).toMatchObject({ webhook_deliveries: 2 });
    expect(await left('notification', 'webhook_deliveries', 'event_type')).toEqual(['unsettled', 'young']);
    expect(await left('notification', 'webhook_attempts', 'number')).toEqual([1, 1]);
  });

  it('of the dead letters: never an open one, however old, and a settled one not before its settling is old; what operators did stays', async () => {
    for (const [error, status, died, settled] of [
      ['done', 'done', '1 year', '91 days'],
      ['duplicate', 'duplicate', '1 year', '91 days'],
      ['discarded', 'discarded', '91 days', '91 days'],
      ['parked', 'parked', '1 year', '1 year'],
      ['replaying', 'replaying', '1 year', '1 year'],
      ['settled lately', 'done', '1 year', '89 days'],
    ]) {
      const [id, audit] = [randomUUID(), randomUUID()];
      await sql(
        'console',
        `INSERT INTO dead_letters (id, message_id, queue, status, version, reason, error, error_kind, attempts, headers, body, is_text, died_at, said_at)
         VALUES ($1, $1, 'q', $2, 2, 'r', $3, $3, 1, '{}', '', true, now() - $4::interval, now() - $4::interval)`,
        [id, status, error, died],
      );
      await sql('console', `INSERT INTO audit (id, operator, action, reason, what) VALUES ($1, 'olga', 'discard', 'r', '{}')`, [audit]);
      await sql(
        'console',
        `INSERT INTO dead_letter_history (dead_letter_id, sequence, status, cause, audit_id, at)
         VALUES ($1, 1, 'parked', 'died', NULL, now() - $2::interval), ($1, 2, $4, 'done', $5, now() - $3::interval)`,
        [id, died, settled, status, audit],
      );
    }
    expect(await forget('console')).toMatchObject({ dead_letters: 3 });
    expect(await left('console', 'dead_letters', 'error')).toEqual(['parked', 'replaying', 'settled lately']);
    expect(await left('console', 'audit', 'id')).toHaveLength(6);
    expect(await left('console', 'dead_letter_history', 'sequence')).toHaveLength(6);
  });

  it('of the audit trail', async () => {
    for (const [type, age] of Object.entries({ young: '29 days', old: '31 days' })) {
      await sql(
        'console',
        `INSERT INTO audit_trail (message_id, exchange, type, said_at, size_bytes, recorded_at)
         VALUES (gen_random_uuid(), 'e', $1, now(), 1, now() - $2::interval)`,
        [type, age],
      );
    }
    expect(await forget('console')).toMatchObject({ audit_trail: 1 });
    expect(await left('console', 'audit_trail', 'type')).toEqual(['young']);
  });
});

describe('several replicas', () => {
  it('forget together what is old, each row by one of them, and wait for none that somebody holds', async () => {
    const { dataSource, url } = databases.payment;
    await dataSource.query(
      `INSERT INTO inbox (consumer, message_id, handled_at)
       SELECT 'many', gen_random_uuid(), now() - interval '1 year' - n * interval '1 second' FROM generate_series(1, 3500) AS n`,
    );
    const other = await new DataSource({ type: 'postgres', url, extra: { options: '-c lock_timeout=500ms' } }).initialize();
    try {
      const counts = await dataSource.transaction(async (holder) => {
        await holder.query(`SELECT FROM inbox WHERE consumer = 'many' ORDER BY handled_at LIMIT 5 FOR UPDATE`);
        return Promise.all([forget('payment'), new Retention(other, services.payment.kept).forget()]);
      });
      expect(counts.reduce((sum, { inbox = 0 }) => sum + inbox, 0)).toBe(3495);
      expect(await forget('payment')).toMatchObject({ inbox: 5 });
    } finally {
      await other.destroy();
    }
  });
});
