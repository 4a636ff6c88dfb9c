import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was said, by whom, about which order: kept as it passed, without what people must not see. */
export class CreateAuditTrail1767225600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_trail (
        message_id   uuid PRIMARY KEY,
        exchange     text NOT NULL,
        type         text NOT NULL,
        source       text,
        subject      text,
        said_at      timestamptz(3) NOT NULL,
        causation_id text,
        sequence     bigint,
        -- The redacted data as JSON; null when it is none, or is larger than what is kept.
        data         text,
        size_bytes   integer NOT NULL,
        recorded_at  timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX audit_trail_of_subject ON audit_trail (subject, said_at)');
    await runner.query('CREATE INDEX audit_trail_recorded_at ON audit_trail (recorded_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_trail');
  }
}
