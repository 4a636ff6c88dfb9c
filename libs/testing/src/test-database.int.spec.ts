import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { testDatabase } from './test-database.js';

class CreateThings1700000000000 implements MigrationInterface {
  async up(queries: QueryRunner): Promise<void> {
    await queries.query('CREATE TABLE things (name text PRIMARY KEY)');
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE things');
  }
}

const databaseNames = async () => {
  const client = new Client({ connectionString: process.env['ORDERLY_POSTGRES_URL'] });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
  await client.end();
  return rows.map((row) => row.datname);
};

describe('a test database', () => {
  it('has its migrations run, and nothing in it that another one holds', async () => {
    const one = await testDatabase({ migrations: [CreateThings1700000000000] });
    const other = await testDatabase({ migrations: [CreateThings1700000000000] });
    await one.dataSource.query(`INSERT INTO things VALUES ('mine')`);
    expect(await one.dataSource.query('SELECT * FROM things')).toEqual([{ name: 'mine' }]);
    expect(await other.dataSource.query('SELECT * FROM things')).toEqual([]);
    await Promise.all([one.drop(), other.drop()]);
  });

  it('is gone after it is dropped, even while somebody is connected', async () => {
    const database = await testDatabase();
    const guest = new Client({ connectionString: database.url });
    const thrownOut = new Promise((settle) => guest.on('error', settle));
    await guest.connect();
    await database.drop();
    await thrownOut;
    expect(await databaseNames()).not.toContain(database.name);
  });

  it('keeps what is committed on disk', async () => {
    const database = await testDatabase();
    const rows = await database.dataSource.query(
      `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') ORDER BY name`,
    );
    expect(rows).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
    await database.drop();
  });
});
