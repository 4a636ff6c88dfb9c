import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIdempotencyKeys1767225500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_keys (
        caller text NOT NULL,
        method text NOT NULL,
        path text NOT NULL,
        key text NOT NULL,
        fingerprint text NOT NULL,
        status smallint,
        headers jsonb,
        body text,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (caller, method, path, key)
      ) WITH (fillfactor = 50)`);
    await runner.query('CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_keys');
  }
}

/** Creates the table behind `answerOnce`. */
export const httpMigrations = [CreateIdempotencyKeys1767225500000];

/** How long keys are kept, for `Retention`; the contract of the HTTP surface promises 24 hours. */
export const idempotencyKeysKept = (hours: number) => ({ table: 'idempotency_keys', since: 'created_at', hours });
