import type { MigrationInterface, QueryRunner } from 'typeorm';
import { replayableDays, shortestInboxDays } from '#libs/contracts';
import type { Kept } from '#libs/service';

/** Creates what messaging keeps in each service's database. */
export class CreateMessagingTables1763800000000 implements MigrationInterface {
  readonly name = 'CreateMessagingTables1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    // Rows live for milliseconds, so the table stays small only if vacuum comes often.
    const shortLived = '(autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)';
    await runner.query(`
      CREATE TABLE outbox (
        seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id       uuid NOT NULL,
        type     text NOT NULL,
        headers  json NOT NULL,
        body     text NOT NULL,
        due_at   timestamptz,
        -- How often it was refused, which sets the next pause, and how many of those are held against it.
        attempts smallint NOT NULL DEFAULT 0,
        strikes  smallint NOT NULL DEFAULT 0,
        retry_at timestamptz,
        error    text,
        at       timestamptz NOT NULL DEFAULT now()
      ) WITH ${shortLived}`);
    await runner.query(`
      CREATE TABLE outbox_parked (
        id        uuid PRIMARY KEY,
        type      text NOT NULL,
        headers   json NOT NULL,
        body      text NOT NULL,
        due_at    timestamptz,
        attempts  smallint NOT NULL,
        error     text NOT NULL,
        at        timestamptz NOT NULL,
        parked_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE inbox (
        consumer   text NOT NULL,
        message_id uuid NOT NULL,
        handled_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, message_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE inbox, outbox_parked, outbox');
  }
}

/** Lets a message go out that was said before, to the one queue that is to have it again. */
export class AddRedeliveries1763800000001 implements MigrationInterface {
  readonly name = 'AddRedeliveries1763800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox ADD COLUMN queue text');
    // The same message may be on its way to two queues, and be refused by both.
    await runner.query('ALTER TABLE outbox_parked ADD COLUMN queue text, DROP CONSTRAINT outbox_parked_pkey');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox_parked DROP COLUMN queue, ADD PRIMARY KEY (id)');
    await runner.query('ALTER TABLE outbox DROP COLUMN queue');
  }
}

/** Keeps what waits in the delay service to be tried again. */
export class AddStandingRetries1763800000002 implements MigrationInterface {
  readonly name = 'AddStandingRetries1763800000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE standing_retries (
        queue      text NOT NULL,
        message_id uuid NOT NULL,
        type       text NOT NULL,
        headers    json NOT NULL,
        body       text NOT NULL,
        due_at     timestamptz NOT NULL,
        PRIMARY KEY (queue, message_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE standing_retries');
  }
}

/** Finds what an inbox has kept for its time without reading all of it. */
export class IndexInbox1763800000003 implements MigrationInterface {
  readonly name = 'IndexInbox1763800000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX inbox_handled_at ON inbox (handled_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX inbox_handled_at');
  }
}

/** Keeps what operators have set while the service ran: the last row of a name applies, and none is ever changed. */
export class CreateSettingChanges1763800000004 implements MigrationInterface {
  readonly name = 'CreateSettingChanges1763800000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE setting_changes (
        id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name     text NOT NULL,
        -- Null: back to what is configured.
        value    json,
        operator text NOT NULL,
        reason   text NOT NULL,
        at       timestamptz(3) NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query('CREATE INDEX setting_changes_last_of_name ON setting_changes (name, id DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE setting_changes');
  }
}

/**
 * How long an inbox is kept. What waits to be tried again may have been handled already, and is known for as long as it waits.
 * @throws RangeError when a message could come again, and be handled twice, by a replay of its dead letter
 */
export function inboxKept(days: number): Kept {
  if (days < shortestInboxDays) {
    throw new RangeError(`an inbox is kept for ${shortestInboxDays} days at least: dead letters are replayed for ${replayableDays}`);
  }
  return {
    table: 'inbox',
    since: 'handled_at',
    hours: days * 24,
    settled: `NOT EXISTS (SELECT FROM standing_retries AS retry WHERE retry.queue = inbox.consumer AND retry.message_id = inbox.message_id)`,
  };
}

export const messagingMigrations = [
  CreateMessagingTables1763800000000,
  AddRedeliveries1763800000001,
  AddStandingRetries1763800000002,
  IndexInbox1763800000003,
  CreateSettingChanges1763800000004,
];
