import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts the changes of a product, so that a replica can tell an old copy from a new one. */
export class AddProductVersion1767225600002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products ADD COLUMN version integer NOT NULL DEFAULT 1');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products DROP COLUMN version');
  }
}
