import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '#libs/testing';

const services = ['order', 'payment', 'notification', 'psp-simulator', 'console'] as const;
type Service = (typeof services)[number];

let world: World;
beforeAll(async () => {
  world = await startWorld({ console: true });
});
afterAll(() => world?.stop());

/** What the role of a running service gets to hear, be it in its own database or, as whom it is there, in another's. */
async function asked(service: Service, statement: string, database: string | undefined = world.databaseUrls[service]): Promise<string> {
  const url = new URL(world.environmentOf(service)['DATABASE_URL']!);
  url.pathname = new URL(database!).pathname;
  const client = new Client({ connectionString: url.href });
  try {
    await client.connect();
    await client.query(statement);
    return 'done';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end().catch(() => {});
  }
}

describe.each(services)('the role that the %s service works as', (service) => {
  it.each([
    'CREATE TABLE mine ()',
    'CREATE TEMPORARY TABLE mine ()',
    'CREATE SCHEMA mine',
    'CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'CREATE ROLE mine',
    'CREATE DATABASE mine',
  ])('may not %s', async (statement) => {
    expect(await asked(service, statement)).toMatch(/permission denied/);
  });

  it('may neither change, drop, empty nor own any table', async () => {
    const client = new Client({ connectionString: world.databaseUrls[service]! });
    await client.connect();
    const { rows } = await client.query<{ table: string }>(
      `SELECT format('%I', tablename) AS table FROM pg_tables WHERE schemaname = 'public'`,
    );
    await client.end();
    expect(rows.length).toBeGreaterThan(1);
    for (const { table } of rows) {
      expect(await asked(service, `ALTER TABLE ${table} ADD COLUMN mine int`)).toBe(`must be owner of table ${table}`);
      expect(await asked(service, `DROP TABLE ${table}`)).toBe(`must be owner of table ${table}`);
      expect(await asked(service, `TRUNCATE ${table}`)).toBe(`permission denied for table ${table}`);
    }
  });

  it('may not say that something was migrated', async () => {
    expect(await asked(service, 'SELECT FROM migrations')).toBe('done');
    expect(await asked(service, `INSERT INTO migrations (timestamp, name) VALUES (1, 'x')`)).toBe('permission denied for table migrations');
    expect(await asked(service, 'DELETE FROM migrations')).toBe('permission denied for table migrations');
  });

  it.each(services.filter((other) => other !== service))('cannot connect to the database of the %s service', async (other) => {
    const name = new URL(world.databaseUrls[other]!).pathname.slice(1);
    expect(await asked(service, 'SELECT 1', world.databaseUrls[other])).toBe(`permission denied for database "${name}"`);
  });
});

describe('what happened', () => {
  it.each([
    ['payment', 'ledger_entries'],
    ['payment', 'payment_history'],
    ['order', 'order_history'],
    ['console', 'audit'],
    ['console', 'audit_trail'],
    ['console', 'dead_letter_history'],
  ] as const)('can be read by the %s service in %s, and neither changed nor removed', async (service, table) => {
    expect(await asked(service, `SELECT FROM ${table}`)).toBe('done');
    for (const statement of [`UPDATE ${table} SET at = now()`, `DELETE FROM ${table}`, `SELECT FROM ${table} FOR UPDATE`])
      expect(await asked(service, statement.replace('at =', table === 'audit_trail' ? 'said_at =' : 'at ='))).toBe(
        `permission denied for table ${table}`,
      );
  });

  it('is not forgotten by the console within a week, whatever it asks for', async () => {
    const client = new Client({ connectionString: world.databaseUrls.console! });
    await client.connect();
    await client.query(
      `INSERT INTO audit_trail (message_id, exchange, type, said_at, size_bytes, recorded_at)
       VALUES (gen_random_uuid(), 'orderly.events', 'six.days.old', now(), 0, now() - interval '6 days'),
              (gen_random_uuid(), 'orderly.events', 'eight.days.old', now(), 0, now() - interval '8 days')`,
    );
    expect(await asked('console', 'SELECT forget_audit_trail(0, 1000000)')).toBe('done');
    const { rows } = await client.query(`SELECT type FROM audit_trail WHERE type LIKE '%.days.old'`);
    await client.end();
    expect(rows).toEqual([{ type: 'six.days.old' }]);
  });
});
