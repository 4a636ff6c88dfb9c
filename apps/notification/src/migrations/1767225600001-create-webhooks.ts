import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateWebhooks1767225600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE webhook_endpoints (
        id              uuid PRIMARY KEY,
        url             text NOT NULL,
        event_types     text[] NOT NULL,
        -- Encrypted: signing needs it as it is, so no hash would do.
        secret          bytea NOT NULL,
        status          text NOT NULL DEFAULT 'enabled',
        disabled_reason text,
        disabled_at     timestamptz(3),
        failed_in_a_row integer NOT NULL DEFAULT 0,
        created_by      text NOT NULL,
        created_at      timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT webhook_endpoints_event_types_check CHECK (cardinality(event_types) > 0),
        CONSTRAINT webhook_endpoints_status_check CHECK (status IN ('enabled', 'disabled')),
        CONSTRAINT webhook_endpoints_disabled_check CHECK ((status = 'disabled') = (disabled_at IS NOT NULL)
                                                           AND (status = 'disabled') = (disabled_reason IS NOT NULL)),
        CONSTRAINT webhook_endpoints_disabled_reason_check CHECK (disabled_reason IN ('failing', 'gone', 'operator'))
      )`);
    await runner.query('CREATE INDEX webhook_endpoints_created_at_id_idx ON webhook_endpoints (created_at, id)');
    await runner.query(`
      CREATE TABLE webhook_deliveries (
        id              uuid PRIMARY KEY,
        endpoint_id     uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
        event_id        uuid NOT NULL,
        order_id        uuid NOT NULL,
        event_type      text NOT NULL,
        -- As it is signed: each try sends the same bytes.
        payload         text NOT NULL,
        status          text NOT NULL DEFAULT 'pending',
        -- All that were made, and those since an operator last began it anew: the rung of the ladder.
        attempts        integer NOT NULL DEFAULT 0,
        rung            integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz(3) DEFAULT now(),
        claimed_until   timestamptz(3),
        created_at      timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT webhook_deliveries_endpoint_id_event_id_key UNIQUE (endpoint_id, event_id),
        CONSTRAINT webhook_deliveries_status_check CHECK (status IN ('pending', 'delivered', 'failed')),
        CONSTRAINT webhook_deliveries_next_attempt_at_check CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
      )`);
    await runner.query('CREATE INDEX webhook_deliveries_created_at_id_idx ON webhook_deliveries (created_at, id)');
    await runner.query('CREATE INDEX webhook_deliveries_endpoint_id_created_at_id_idx ON webhook_deliveries (endpoint_id, created_at, id)');
    await runner.query('CREATE INDEX webhook_deliveries_order_id_idx ON webhook_deliveries (order_id)');
    await runner.query(
      `CREATE INDEX webhook_deliveries_next_attempt_at_idx ON webhook_deliveries (next_attempt_at) WHERE status = 'pending'`,
    );
    await runner.query(`
      CREATE TABLE webhook_attempts (
        delivery_id   uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
        number        integer NOT NULL,
        at            timestamptz(3) NOT NULL,
        duration_ms   integer NOT NULL,
        answer_status smallint,
        error         text,
        PRIMARY KEY (delivery_id, number),
        CONSTRAINT webhook_attempts_answer_check CHECK ((answer_status IS NULL) = (error IS NOT NULL))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE webhook_attempts, webhook_deliveries, webhook_endpoints');
  }
}
