import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NoticeKind } from '#libs/contracts';
import { testDatabase } from '#libs/testing';
import { entities, migrations } from '../notification.module.js';

describe('the migrated database', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  beforeAll(async () => {
    database = await testDatabase({ entities, migrations });
  });
  afterAll(() => database?.drop());

  const insert = (kind: string, channel = 'email') =>
    database.dataSource.query(
      `INSERT INTO notifications (id, event_id, order_id, customer_id, kind, channel, status, recipient, subject, body, at)
       VALUES ($1, $1, $1, 'alice', $2, $3, 'pending', 'alice@example.com', 's', 'b', now())`,
      [randomUUID(), kind, channel],
    );

  it('has every column that the entities have, of the type that they say', async () => {
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    // Indexes and checks stand in the migrations alone.
    const missing = upQueries.map(({ query }) => query).filter((query) => /CREATE TABLE|COLUMN|ADD |TYPE/.test(query));
    expect(missing).toEqual([]);
  });

  it('takes every kind of notice that there is, and no other', async () => {
    for (const kind of NoticeKind.options) await insert(kind);
    await expect(insert('order-admired')).rejects.toThrow('notifications_kind_check');
  });

  it('takes no channel that does not exist', async () => {
    await expect(insert('order-paid', 'pigeon')).rejects.toThrow('notifications_channel_check');
  });
});
