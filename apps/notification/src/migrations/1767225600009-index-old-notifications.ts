import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the notifications that were kept for their time. Those that are still to be sent are never among them. */
export class IndexOldNotifications1767225600009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX notifications_settled ON notifications (at) WHERE status <> 'pending'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX notifications_settled');
  }
}
