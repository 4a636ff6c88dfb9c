import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOrders1767225600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The total is a bigint that JavaScript can still count exactly: 50 lines of 100 pieces reach past an integer.
    await runner.query(`
      CREATE TABLE orders (
        id uuid PRIMARY KEY,
        customer_id text NOT NULL,
        email text NOT NULL,
        status text NOT NULL CHECK (status IN ('awaiting_payment', 'paid', 'cancelled', 'expired', 'refunding', 'refunded')),
        items jsonb NOT NULL,
        total_minor bigint NOT NULL CHECK (total_minor BETWEEN 0 AND 9007199254740991),
        currency char(3) NOT NULL,
        version integer NOT NULL,
        placed_at timestamptz(3) NOT NULL,
        payment_deadline timestamptz(3) NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE order_history (
        order_id uuid NOT NULL REFERENCES orders (id),
        sequence integer NOT NULL,
        from_status text,
        to_status text NOT NULL,
        cause text NOT NULL,
        at timestamptz(3) NOT NULL,
        PRIMARY KEY (order_id, sequence)
      )`);
    // For the pages of a customer, the pages of an operator, those by status, and the sweeper.
    await runner.query('CREATE INDEX orders_of_customer ON orders (customer_id, placed_at DESC, id DESC)');
    await runner.query('CREATE INDEX orders_newest_first ON orders (placed_at DESC, id DESC)');
    await runner.query('CREATE INDEX orders_by_status ON orders (status, placed_at DESC, id DESC)');
    await runner.query(`CREATE INDEX orders_awaiting_payment ON orders (payment_deadline) WHERE status = 'awaiting_payment'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE order_history');
    await runner.query('DROP TABLE orders');
  }
}
