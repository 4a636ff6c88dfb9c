import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';

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

const intervalMs = 10 * 60_000;
const batch = 1000;

/** Forgets keys that have been kept for 24 hours. A provider of each app that has idempotent routes. */
@Injectable()
export class IdempotencyKeyRetention implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(IdempotencyKeyRetention.name);
  private timer?: NodeJS.Timeout;
  private forgetting: Promise<unknown> = Promise.resolve();

  constructor(private readonly dataSource: DataSource) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.forgetting = this.forget().catch((error: unknown) => this.logger.warn(`old idempotency keys stay for now: ${String(error)}`));
    }, intervalMs).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.forgetting;
  }

  /** Returns how many keys were forgotten. In small steps, so that no request waits for it; replicas may do it at the same time. */
  async forget(): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const [, count] = await this.dataSource.query<[unknown, number]>(
        `DELETE FROM idempotency_keys WHERE (caller, method, path, key) IN (
           SELECT caller, method, path, key FROM idempotency_keys
           WHERE created_at < now() - interval '24 hours' ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
        [batch],
      );
      forgotten += count;
      if (count < batch) return forgotten;
    }
  }
}
