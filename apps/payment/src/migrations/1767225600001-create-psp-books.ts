import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The scripted provider's own books. Nothing else of ours reads or writes them. */
export class CreatePspBooks1767225600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE psp_books (
        key text PRIMARY KEY,
        operation text NOT NULL CHECK (operation IN ('capture', 'refund')),
        asked text NOT NULL,
        reference text NOT NULL UNIQUE,
        outcome text NOT NULL CHECK (outcome IN ('captured', 'declined', 'refunded')),
        decline_code text,
        capture_reference text REFERENCES psp_books (reference),
        amount_minor bigint NOT NULL,
        currency text NOT NULL,
        at timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE INDEX psp_books_of_capture ON psp_books (capture_reference) WHERE capture_reference IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE psp_books');
  }
}
