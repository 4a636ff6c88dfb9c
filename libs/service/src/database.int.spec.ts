import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyDatabase, freePort } from '#libs/testing';
import { databaseModule } from './database.js';
import { Health } from './health.js';
import { ServiceModule } from './service.module.js';

class CreateThings1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE things (id bigserial PRIMARY KEY, at timestamptz(3) DEFAULT now())');
    // Longer than any statement of a session may wait for a lock: the other replicas have to.
    await runner.query('SELECT pg_sleep(2.5)');
    await runner.query('INSERT INTO things DEFAULT VALUES');
  }
  async down(): Promise<void> {}
}

let database: Awaited<ReturnType<typeof emptyDatabase>>;
const started: INestApplicationContext[] = [];

beforeEach(async () => {
  database = await emptyDatabase('service');
});
afterEach(async () => {
  for (const app of started.splice(0)) await app.close();
  await database.drop();
});

async function start(
  url = database.url,
  migrations: Function[] = [CreateThings1767225600000],
  connectAttempts = 3,
): Promise<INestApplicationContext> {
  class App {}
  const imports = [
    ServiceModule.forRoot({ name: 'order', instance: 'order-1' }),
    databaseModule({ url, tls: undefined, poolSize: 4, connectAttempts, applicationName: 'orderly-order', entities: [], migrations }),
  ];
  const app = await NestFactory.createApplicationContext({ module: App, imports }, { logger: false, abortOnError: false });
  started.push(app);
  return app;
}

describe('the database of a service', () => {
  it('is migrated once by replicas that start together', async () => {
    const replicas = await Promise.all([start(), start(), start()]);
    for (const replica of replicas) {
      expect(await replica.get(DataSource).query('SELECT id, at, sum(1) OVER () AS count FROM things')).toEqual([
        { id: 1, at: expect.any(Date), count: 1 },
      ]);
    }
  });

  it('has sessions that are named and limited', async () => {
    const dataSource = (await start(database.url, [])).get(DataSource);
    const names = ['application_name', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    const [settings] = await dataSource.query<Record<string, string>[]>(
      `SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join()}`,
    );
    expect(settings).toEqual({
      application_name: 'orderly-order',
      statement_timeout: '15s',
      lock_timeout: '2s',
      idle_in_transaction_session_timeout: '15s',
    });
  });

  it('is watched: losing its connections makes the service unready and takes nothing else with it', async () => {
    const app = await start(database.url, []);
    const health = app.get(Health);
    expect((await health.report()).checks).toEqual({ database: { status: 'up' } });
    await app.get(DataSource).query('SELECT 1');
    await database.drop();
    expect((await health.report()).checks).toEqual({ database: { status: 'down', detail: 'does not answer' } });
  });

  it('that is not there is tried again, and then given up with exit code 69', async () => {
    const port = await freePort();
    await expect(start(`postgres://nobody:hush@127.0.0.1:${port}/nowhere`, [], 2)).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(/^(?!.*hush).*DATABASE_URL.*after 2 attempts.*ECONNREFUSED/),
    });
  });

  it('is not used when a migration fails', async () => {
    class Broken1767225600000 implements MigrationInterface {
      up = async (runner: QueryRunner): Promise<void> => void (await runner.query('SELECT nonsense'));
      down = async (): Promise<void> => {};
    }
    await expect(start(database.url, [Broken1767225600000])).rejects.toThrow('nonsense');
  });
});
