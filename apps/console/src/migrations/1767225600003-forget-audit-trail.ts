import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The one way in which anything leaves the audit trail, for a console that may not delete from it: when it is old. */
export class ForgetAuditTrail1767225600003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION forget_audit_trail(most integer, kept interval) RETURNS integer
      LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        WITH gone AS (
          DELETE FROM audit_trail WHERE message_id IN (
            -- Nobody makes it forget last week.
            SELECT message_id FROM audit_trail WHERE recorded_at < now() - greatest(kept, interval '7 days')
             ORDER BY recorded_at LIMIT most FOR UPDATE SKIP LOCKED)
          RETURNING 1)
        SELECT count(*)::integer FROM gone
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION forget_audit_trail');
  }
}
