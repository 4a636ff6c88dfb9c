import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments with their attempts and refunds, and the ledger. */
export class CreatePayments1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Amounts are bigints that JavaScript can still count exactly, as the totals of orders are.
    await runner.query(`
      CREATE TABLE payments (
        id uuid PRIMARY KEY,
        order_id uuid NOT NULL UNIQUE,
        customer_id text NOT NULL,
        customer_email text NOT NULL,
        status text NOT NULL CHECK (status IN ('open', 'authorising', 'captured', 'refunding', 'refunded', 'voided', 'review')),
        order_ended boolean NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 0 AND 9007199254740991),
        currency text NOT NULL,
        version integer NOT NULL,
        opened_at timestamptz(3) NOT NULL
      );
      CREATE TABLE attempts (
        id uuid PRIMARY KEY,
        payment_id uuid NOT NULL REFERENCES payments,
        payment_method text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('pending', 'captured', 'declined', 'unknown')),
        decline_code text,
        psp_reference text,
        asked_at timestamptz(3),
        at timestamptz(3) NOT NULL
      );
      CREATE INDEX attempts_of_payment ON attempts (payment_id);
      -- Never two attempts at once, and never a second one beside one that was captured, whatever the code believes.
      CREATE UNIQUE INDEX attempts_one_alive ON attempts (payment_id) WHERE outcome <> 'declined';
      CREATE TABLE refunds (
        id uuid PRIMARY KEY,
        payment_id uuid NOT NULL REFERENCES payments,
        amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 0 AND 9007199254740991),
        currency text NOT NULL,
        reason text NOT NULL CHECK (reason IN ('order_cancelled', 'late_payment')),
        status text NOT NULL CHECK (status IN ('pending', 'succeeded')),
        psp_reference text,
        at timestamptz(3) NOT NULL
      );
      CREATE INDEX refunds_of_payment ON refunds (payment_id);
      -- Money goes back once at a time, whatever the code believes.
      CREATE UNIQUE INDEX refunds_one_pending ON refunds (payment_id) WHERE status = 'pending';
    `);
    await runner.query(`
      CREATE TABLE ledger_entries (
        transaction_id uuid NOT NULL,
        account text NOT NULL CHECK (account IN ('provider', 'customer')),
        payment_id uuid NOT NULL REFERENCES payments,
        order_id uuid NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN -9007199254740991 AND 9007199254740991),
        currency text NOT NULL,
        at timestamptz(3) NOT NULL,
        PRIMARY KEY (transaction_id, account)
      );
      CREATE INDEX ledger_entries_of_order ON ledger_entries (order_id);

      CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'the ledger is append-only: book the reverse instead';
      END $$;
      CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

      CREATE FUNCTION refuse_unbalanced_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF EXISTS (SELECT FROM booked GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0) THEN
          RAISE EXCEPTION 'a ledger transaction does not sum to zero';
        END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER ledger_balances AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS booked
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_ledger();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE ledger_entries, refunds, attempts, payments;
      DROP FUNCTION refuse_ledger_change, refuse_unbalanced_ledger;
    `);
  }
}
