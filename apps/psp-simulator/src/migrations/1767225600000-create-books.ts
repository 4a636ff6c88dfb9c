import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateBooks1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE payment_intents (
        id text PRIMARY KEY,
        amount_minor bigint NOT NULL CHECK (amount_minor > 0),
        currency text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
        status text NOT NULL
          CHECK (status IN ('requires_confirmation', 'requires_payment_method', 'processing', 'succeeded', 'canceled')),
        payment_method text,
        amount_received_minor bigint NOT NULL DEFAULT 0,
        decline_code text,
        metadata jsonb NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        canceled_at timestamptz(3),
        -- How it goes: the words of its scenario.
        answer text NOT NULL,
        webhooks text NOT NULL,
        refunds text,
        -- When it stops to be processing.
        decides_at timestamptz(3),
        -- All of it or nothing.
        CHECK (amount_received_minor = CASE status WHEN 'succeeded' THEN amount_minor ELSE 0 END),
        CHECK ((status = 'processing') = (decides_at IS NOT NULL))
      );
      CREATE INDEX payment_intents_metadata ON payment_intents USING gin (metadata jsonb_path_ops);
      CREATE INDEX payment_intents_undecided ON payment_intents (decides_at) WHERE decides_at IS NOT NULL;

      CREATE TABLE refunds (
        id text PRIMARY KEY,
        payment_intent text NOT NULL REFERENCES payment_intents,
        amount_minor bigint NOT NULL CHECK (amount_minor > 0),
        currency text NOT NULL,
        status text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
        metadata jsonb NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        decides_at timestamptz(3),
        CHECK ((status = 'pending') = (decides_at IS NOT NULL))
      );
      CREATE INDEX refunds_of_payment_intent ON refunds (payment_intent, created_at);
      CREATE INDEX refunds_undecided ON refunds (decides_at) WHERE decides_at IS NOT NULL;

      -- Results by the caller's key. A row is written with what the question did.
      CREATE TABLE idempotency_keys (
        key text PRIMARY KEY,
        asked text NOT NULL,
        status integer NOT NULL,
        body jsonb NOT NULL,
        request_id text NOT NULL,
        at timestamptz(3) NOT NULL DEFAULT now()
      );

      -- How questions are treated whose treatment has to be remembered: it was drawn, or the first time is another than the rest.
      CREATE TABLE treatments (
        key text PRIMARY KEY,
        scenario jsonb NOT NULL,
        -- The sequence that it was drawn from and its place in it.
        sequence text,
        place integer,
        times integer NOT NULL DEFAULT 1,
        at timestamptz(3) NOT NULL DEFAULT now()
      );

      -- What PUT /_faults has set, and when.
      CREATE TABLE faults (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        settings jsonb NOT NULL,
        at timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE TABLE sequences (
        name text PRIMARY KEY,
        place integer NOT NULL
      );

      CREATE TABLE events (
        id text PRIMARY KEY,
        type text NOT NULL,
        payment_intent text NOT NULL REFERENCES payment_intents,
        -- As it was then.
        object jsonb NOT NULL,
        created_at timestamptz(3) NOT NULL
      );
      CREATE INDEX events_of_payment_intent ON events (payment_intent);

      CREATE TABLE deliveries (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id text NOT NULL REFERENCES events,
        signing text NOT NULL CHECK (signing IN ('genuine', 'forged', 'stale')),
        -- Null: not before somebody asks for it, or never again.
        due_at timestamptz(3),
        -- Not before this one has ended.
        after bigint REFERENCES deliveries,
        tries integer NOT NULL DEFAULT 0,
        delivered_at timestamptz(3),
        given_up_at timestamptz(3),
        last_status integer
      );
      CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
      CREATE INDEX deliveries_of_event ON deliveries (event_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deliveries, events, sequences, faults, treatments, idempotency_keys, refunds, payment_intents');
  }
}
