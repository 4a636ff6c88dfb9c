import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messagingMigrations } from '#libs/messaging';
import { testDatabase, type TestDatabase } from '#libs/testing';
import { readPage } from './documentation.spec-support.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase({ migrations: messagingMigrations });
});
afterAll(() => database.drop());

describe('the SQL of the page about guarantees', () => {
  it('puts parked rows back into the outbox as if they had never been refused', async () => {
    const [, sql = ''] = /```sql\n(.*?)```/s.exec(readPage('docs/explanation/delivery-guarantees.md')) ?? [];
    await database.dataSource.query(
      `INSERT INTO outbox_parked (id, type, headers, body, attempts, error, at)
       SELECT gen_random_uuid(), 'order.paid.v1', '{}', body, 10, 'unroutable', now() FROM unnest(ARRAY['one', 'two']) AS body`,
    );
    await database.dataSource.query(sql);
    expect(await database.dataSource.query('SELECT type, body, attempts, retry_at, error FROM outbox ORDER BY body')).toEqual(
      ['one', 'two'].map((body) => ({ type: 'order.paid.v1', body, attempts: 0, retry_at: null, error: null })),
    );
    expect(await database.dataSource.query('SELECT * FROM outbox_parked')).toEqual([]);
  });
});
