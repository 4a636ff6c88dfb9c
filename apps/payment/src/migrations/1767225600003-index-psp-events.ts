import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the provider has told of one payment can be found without reading all that it ever told. */
export class IndexPspEvents1767225600003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX psp_events_about ON psp_events (coalesce(attempt_id, refund_id))');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX psp_events_about');
  }
}
