-- Who may do what in a service's database. Run by an administrator, in that database, as often as one likes: whatever was before, this holds
-- afterwards. docker-compose.yml, npm start and the tests all run this file.
--
-- It is told by settings of the session, which SELECT set_config('orderly.owner', 'order_owner', false) sets:
--   orderly.owner, orderly.owner_password        owns the database, and runs the migrations
--   orderly.runtime, orderly.runtime_password    the service at work: rows, and no DDL. Which rows, the service says when it has migrated.
DO $$
DECLARE
  owner   constant text := current_setting('orderly.owner');
  runtime constant text := current_setting('orderly.runtime');
  role    text;
BEGIN
  FOREACH role IN ARRAY ARRAY[owner, runtime] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I', role);
    END IF;
  END LOOP;
  EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', owner, current_setting('orderly.owner_password'));
  EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', runtime, current_setting('orderly.runtime_password'));

  -- Once there was one role for both.
  EXECUTE format('REASSIGN OWNED BY %I TO %I', runtime, owner);
  EXECUTE format('ALTER DATABASE %I OWNER TO %I', current_database(), owner);
  EXECUTE format('ALTER SCHEMA public OWNER TO %I', owner);

  -- Everybody may connect to a new database, and make temporary tables there, unless that is taken back.
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), runtime);
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
  EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', runtime);
END $$;
