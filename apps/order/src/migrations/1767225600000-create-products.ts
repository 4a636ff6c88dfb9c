import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What can be bought. Prices are ours: a customer sends a sku and a quantity, never a price. */
export class CreateProducts1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE products (
        sku text PRIMARY KEY,
        name text NOT NULL,
        price_minor integer NOT NULL CHECK (price_minor > 0),
        -- One shop, one currency: an order's total is one sum.
        currency char(3) NOT NULL CHECK (currency = 'EUR')
      )`);
    await runner.query(`
      INSERT INTO products (sku, name, price_minor, currency) VALUES
        ('COFFEE-BEANS-1KG', 'Espresso beans, 1 kg', 2190, 'EUR'),
        ('COFFEE-GRINDER', 'Hand coffee grinder', 5900, 'EUR'),
        ('FRENCH-PRESS-1L', 'French press, 1 l', 3450, 'EUR'),
        ('KETTLE-GOOSENECK', 'Gooseneck kettle', 7999, 'EUR'),
        ('MUG-STONEWARE', 'Stoneware mug', 1299, 'EUR'),
        ('PAPER-FILTERS-100', 'Paper filters, pack of 100', 450, 'EUR'),
        ('SCALE-DIGITAL', 'Digital scale with timer', 3990, 'EUR'),
        ('TEA-DARJEELING-250G', 'Darjeeling first flush, 250 g', 1680, 'EUR'),
        ('TEAPOT-CAST-IRON', 'Cast-iron teapot', 6450, 'EUR')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE products');
  }
}
