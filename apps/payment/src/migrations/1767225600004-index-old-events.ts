import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the events that were kept for their time. Those that wait to be applied are never among them. */
export class IndexOldEvents1767225600004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX psp_events_applied ON psp_events (received_at) WHERE applied_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX psp_events_applied');
  }
}
