import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A dead letter knows when its message was said, which says how long it can be replayed, and takes its history along when it goes. */
export class ForgetDeadLetters1767225600002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The default is for replicas of before, which do not know of the column and may still collect.
    await runner.query('ALTER TABLE dead_letters ADD COLUMN said_at timestamptz(3) NOT NULL DEFAULT now()');
    // Of the letters that are there it is not known; they died after it.
    await runner.query('UPDATE dead_letters SET said_at = died_at');
    // By the constraint, so that whoever may forget a letter need not have the right to delete of any history.
    await runner.query(`
      ALTER TABLE dead_letter_history DROP CONSTRAINT dead_letter_history_dead_letter_id_fkey,
        ADD CONSTRAINT dead_letter_history_dead_letter_id_fkey FOREIGN KEY (dead_letter_id) REFERENCES dead_letters (id) ON DELETE CASCADE`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE dead_letter_history DROP CONSTRAINT dead_letter_history_dead_letter_id_fkey,
        ADD CONSTRAINT dead_letter_history_dead_letter_id_fkey FOREIGN KEY (dead_letter_id) REFERENCES dead_letters (id)`);
    await runner.query('ALTER TABLE dead_letters DROP COLUMN said_at');
  }
}
