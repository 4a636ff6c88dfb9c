import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateNotifications1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE notifications (
        id            uuid PRIMARY KEY,
        event_id      uuid NOT NULL,
        order_id      uuid NOT NULL,
        customer_id   text NOT NULL,
        kind          text NOT NULL,
        channel       text NOT NULL,
        status        text NOT NULL,
        recipient     text NOT NULL,
        subject       text NOT NULL,
        body          text NOT NULL,
        at            timestamptz(3) NOT NULL,
        claimed_until timestamptz(3),
        sent_at       timestamptz(3),
        CONSTRAINT notifications_event_id_channel_key UNIQUE (event_id, channel),
        CONSTRAINT notifications_kind_check CHECK (kind IN ('order-placed', 'order-paid', 'order-cancelled', 'order-expired',
                                                            'order-refunded', 'payment-declined', 'payment-returned')),
        CONSTRAINT notifications_channel_check CHECK (channel IN ('email')),
        CONSTRAINT notifications_status_check CHECK (status IN ('pending', 'sent', 'failed')),
        CONSTRAINT notifications_sent_at_check CHECK ((status = 'sent') = (sent_at IS NOT NULL))
      )`);
    await runner.query('CREATE INDEX notifications_order_id_at_id_idx ON notifications (order_id, at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notifications');
  }
}
