import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateDeadLetters1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit (
        id       uuid PRIMARY KEY,
        operator text NOT NULL,
        action   text NOT NULL,
        reason   text NOT NULL,
        what     json NOT NULL,
        at       timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT audit_action_check CHECK (action IN ('replay', 'replay-many', 'edit-and-replay', 'discard'))
      )`);
    await runner.query(`
      CREATE TABLE dead_letters (
        id            uuid PRIMARY KEY,
        message_id    uuid NOT NULL,
        queue         text NOT NULL,
        type          text,
        subject       text,
        status        text NOT NULL,
        version       integer NOT NULL,
        reason        text NOT NULL,
        error         text NOT NULL,
        -- The error without what differs from one message to the next.
        error_kind    text NOT NULL,
        attempts      integer NOT NULL,
        headers       json NOT NULL,
        -- What it says now, and what it said before an operator changed that.
        body          bytea NOT NULL,
        original_body bytea,
        -- UTF-8, as all that is sent from here has to be.
        is_text       boolean NOT NULL,
        -- The last one.
        replay_id     uuid UNIQUE,
        died_at       timestamptz(3) NOT NULL,
        CONSTRAINT dead_letters_message_id_queue_key UNIQUE (message_id, queue),
        CONSTRAINT dead_letters_status_check CHECK (status IN ('parked', 'replaying', 'done', 'duplicate', 'discarded'))
      )`);
    await runner.query('CREATE INDEX dead_letters_newest_first ON dead_letters (died_at DESC, id DESC)');
    await runner.query('CREATE INDEX dead_letters_by_status ON dead_letters (status, died_at DESC, id DESC)');
    await runner.query('CREATE INDEX dead_letters_of_subject ON dead_letters (subject)');
    await runner.query(`
      CREATE TABLE dead_letter_history (
        dead_letter_id uuid NOT NULL REFERENCES dead_letters (id),
        sequence       integer NOT NULL,
        status         text NOT NULL,
        cause          text NOT NULL,
        error          text,
        replay_id      uuid,
        audit_id       uuid REFERENCES audit (id),
        at             timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (dead_letter_id, sequence)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dead_letter_history, dead_letters, audit');
  }
}
