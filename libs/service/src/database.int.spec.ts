import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyDatabase, freePort, serviceDatabase } from '#libs/testing';
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

describe('a database with an owner and a role that the service works as', () => {
  let roles: Awaited<ReturnType<typeof serviceDatabase>>;
  beforeEach(async () => {
    roles = await serviceDatabase('service');
  });
  afterEach(async () => {
    for (const app of started.splice(0)) await app.close();
    await roles.drop();
  });

  class CreateThing1767225600000 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      await runner.query('CREATE TABLE things (id bigserial PRIMARY KEY, n int); CREATE TABLE history (n int)');
    }
    async down(): Promise<void> {}
  }
  class CreateMore1767225600001 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      await runner.query('CREATE TABLE more (n int)');
    }
    async down(): Promise<void> {}
  }

  async function startWith(migrations: Function[], migrationsUrl?: string, url = roles.environment.DATABASE_URL, appendOnly = ['history']) {
    const options = {
      tls: undefined,
      poolSize: 2,
      connectAttempts: 1,
      applicationName: 'orderly-order',
      entities: [],
      migrations,
      appendOnly,
    };
    class App {}
    const imports = [ServiceModule.forRoot({ name: 'order', instance: 'order-1' }), databaseModule({ url, migrationsUrl, ...options })];
    const app = await NestFactory.createApplicationContext({ module: App, imports }, { logger: false, abortOnError: false });
    started.push(app);
    return app.get(DataSource);
  }

  it('lets the service work with whatever was migrated, and only add to what is append-only', async () => {
    const owner = roles.environment.DATABASE_MIGRATIONS_URL;
    await startWith([CreateThing1767225600000], owner);
    const works = await startWith([CreateThing1767225600000, CreateMore1767225600001], owner);
    await works.query('INSERT INTO things (n) VALUES (1)');
    await works.query('UPDATE things SET n = 2');
    await works.query('DELETE FROM things');
    await works.query('INSERT INTO more VALUES (1)');
    await works.query('INSERT INTO history VALUES (1)');
    await expect(works.query('DELETE FROM history')).rejects.toThrow('permission denied for table history');
  });

  it('lets it start without the owner while there is nothing to migrate, and not when there is', async () => {
    await startWith([CreateThing1767225600000], roles.environment.DATABASE_MIGRATIONS_URL);
    const works = await startWith([CreateThing1767225600000]);
    expect(await works.query('SELECT n FROM things')).toEqual([]);
    await expect(startWith([CreateThing1767225600000, CreateMore1767225600001])).rejects.toThrow('permission denied for schema public');
  });

  it('is not used when nobody is named who works with it, or an append-only table is not there', async () => {
    const owner = roles.environment.DATABASE_MIGRATIONS_URL;
    const nobody = Object.assign(new URL(roles.environment.DATABASE_URL), { username: '', password: '' }).href;
    await expect(startWith([CreateThing1767225600000], owner, nobody)).rejects.toThrow('DATABASE_URL names no role');
    await expect(startWith([CreateThing1767225600000], owner, undefined, ['ledger'])).rejects.toThrow('relation "ledger" does not exist');
  });
});
