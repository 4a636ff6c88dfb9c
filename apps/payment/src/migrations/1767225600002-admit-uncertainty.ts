import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The provider is asked over a network: what it leaves open is looked up later, what it says unasked is kept, refunds may be of a part,
 * and a payment has a history. The books of the provider are its own now.
 */
export class AdmitUncertainty1767225600002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const [{ captured }] = (await runner.query(`SELECT count(*)::int AS captured FROM attempts WHERE outcome <> 'declined'`)) as [
      { captured: number },
    ];
    // That provider was a table of ours. Nobody could give the money back any more.
    if (captured > 0)
      throw new Error(
        `${captured} payments lie with the scripted provider of an earlier version: begin with an empty database (the demo: rm -rf .local/demo)`,
      );
    await runner.query(`
      DROP TABLE psp_books;

      -- What has been asked back so far, be it on its way or there: never more than was captured, whatever the code believes.
      ALTER TABLE payments ADD COLUMN refund_requested_minor bigint NOT NULL DEFAULT 0;
      ALTER TABLE payments ADD CONSTRAINT payments_refunds_within_amount CHECK (refund_requested_minor BETWEEN 0 AND amount_minor);

      CREATE TABLE payment_history (
        payment_id uuid NOT NULL REFERENCES payments,
        sequence integer NOT NULL,
        from_status text,
        to_status text NOT NULL,
        cause text NOT NULL,
        at timestamptz(3) NOT NULL,
        PRIMARY KEY (payment_id, sequence)
      );
      -- Payments from before, of which none was captured, have a history from here on; its first row says where they stood.
      INSERT INTO payment_history (payment_id, sequence, from_status, to_status, cause, at)
        SELECT id, version, NULL, status, 'opened', now() FROM payments;

      ALTER TABLE attempts
        -- How often it was looked up, which sets the next pause, and when it is looked up next.
        ADD COLUMN lookups smallint NOT NULL DEFAULT 0,
        ADD COLUMN reconcile_at timestamptz(3);
      -- What the sweeper looks through: nothing, nearly always.
      CREATE INDEX attempts_unsettled ON attempts (at) WHERE outcome IN ('pending', 'unknown');
      CREATE UNIQUE INDEX attempts_one_per_capture ON attempts (psp_reference) WHERE outcome = 'captured';

      ALTER TABLE refunds DROP CONSTRAINT refunds_reason_check;
      ALTER TABLE refunds
        ADD CONSTRAINT refunds_reason_check CHECK (reason IN ('order_cancelled', 'late_payment', 'operator')),
        ADD COLUMN note text,
        ADD COLUMN tries smallint NOT NULL DEFAULT 0,
        ADD COLUMN asked_at timestamptz(3),
        ADD COLUMN retry_at timestamptz(3);
      -- Several parts may be on their way at once; payments_refunds_within_amount keeps their sum.
      DROP INDEX refunds_one_pending;
      CREATE INDEX refunds_unsettled ON refunds (at) WHERE status = 'pending';
      CREATE UNIQUE INDEX refunds_one_per_reference ON refunds (psp_reference);

      -- What the provider has told us unasked, once per event, whatever came of it.
      CREATE TABLE psp_events (
        id text PRIMARY KEY,
        type text NOT NULL,
        -- What it is about, by our ids; neither for events that we have no use for.
        attempt_id uuid,
        refund_id uuid,
        news jsonb,
        created_at timestamptz(3) NOT NULL,
        received_at timestamptz(3) NOT NULL DEFAULT now(),
        -- Null while we do not know what it is about.
        applied_at timestamptz(3)
      );
      CREATE INDEX psp_events_kept ON psp_events (received_at) WHERE applied_at IS NULL;
    `);
    // The triggers refuse these to everybody; this refuses them to the service's role. (A superuser is asked neither way.)
    await runner.query('REVOKE UPDATE, DELETE, TRUNCATE ON ledger_entries, payment_history FROM CURRENT_USER');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      GRANT UPDATE, DELETE, TRUNCATE ON ledger_entries, payment_history TO CURRENT_USER;
      DROP TABLE psp_events, payment_history;
      DROP INDEX attempts_unsettled, attempts_one_per_capture, refunds_unsettled, refunds_one_per_reference;
      ALTER TABLE attempts DROP COLUMN lookups, DROP COLUMN reconcile_at;
      ALTER TABLE refunds DROP COLUMN note, DROP COLUMN tries, DROP COLUMN asked_at, DROP COLUMN retry_at;
      ALTER TABLE refunds DROP CONSTRAINT refunds_reason_check;
      ALTER TABLE refunds ADD CONSTRAINT refunds_reason_check CHECK (reason IN ('order_cancelled', 'late_payment'));
      CREATE UNIQUE INDEX refunds_one_pending ON refunds (payment_id) WHERE status = 'pending';
      ALTER TABLE payments DROP COLUMN refund_requested_minor;
      CREATE TABLE psp_books (
        key text PRIMARY KEY,
        operation text NOT NULL,
        asked text NOT NULL,
        reference text NOT NULL UNIQUE,
        outcome text NOT NULL,
        decline_code text,
        capture_reference text,
        amount_minor bigint NOT NULL,
        currency text NOT NULL
      );
    `);
  }
}
