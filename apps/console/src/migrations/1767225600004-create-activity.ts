import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What callers did, a partition for each day in UTC: so that a day is forgotten by dropping a table, not by deleting a million rows. */
export class CreateActivity1767225600004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE activity (
        id          uuid NOT NULL,
        at          timestamptz(3) NOT NULL,
        service     text NOT NULL,
        instance    text NOT NULL,
        method      text NOT NULL,
        route       text NOT NULL,
        status      smallint NOT NULL,
        duration_ms double precision NOT NULL,
        caller      text,
        order_id    uuid,
        trace_id    text NOT NULL,
        PRIMARY KEY (at, id)
      ) PARTITION BY RANGE (at)`);
    await runner.query('CREATE INDEX activity_caller_at_id_idx ON activity (caller, at, id)');
    await runner.query('CREATE INDEX activity_order_id_at_id_idx ON activity (order_id, at, id)');
    // The console works as a role that may neither create nor drop a table.
    await runner.query(`
      CREATE FUNCTION prepare_activity() RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
      DECLARE
        day  date;
        name text;
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('activity'));
        -- From yesterday, as what arrives may be a day old.
        FOR day IN SELECT generate_series(current_date - 1, current_date + 3, interval '1 day') LOOP
          name := 'activity_' || to_char(day, 'YYYYMMDD');
          -- Looked for first: creating it would lock the whole table.
          IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF activity FOR VALUES FROM (%L) TO (%L)', name, day::timestamptz, (day + 1)::timestamptz);
          END IF;
        END LOOP;
      END $$`);
    await runner.query(`
      CREATE FUNCTION forget_activity(kept interval) RETURNS integer
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
      DECLARE
        old       regclass;
        forgotten integer := 0;
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('activity'));
        FOR old IN
          SELECT inhrelid::regclass FROM pg_inherits
           WHERE inhparent = 'activity'::regclass
             -- Nobody makes it forget this week.
             AND to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD') + 1 <= now() - greatest(kept, interval '7 days')
        LOOP
          EXECUTE format('DROP TABLE %s', old);
          forgotten := forgotten + 1;
        END LOOP;
        RETURN forgotten;
      END $$`);
    await runner.query('SELECT prepare_activity()');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION prepare_activity, forget_activity');
    await runner.query('DROP TABLE activity');
  }
}
