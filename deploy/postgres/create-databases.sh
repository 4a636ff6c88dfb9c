#!/bin/sh
# Postgres runs this once, when its volume is new: a database for each service, with a role that owns it and one that the service works as.
# Their passwords lie in files that are called after the roles.
set -eu

create_database() {
  # Nothing that it answers is shown: the passwords are among it.
  psql --no-psqlrc --set ON_ERROR_STOP=1 --output /dev/null --username "$POSTGRES_USER" --dbname postgres \
    --set service="$1" --set password="$(cat "/run/secrets/$1")" \
    --set owner="$1_owner" --set owner_password="$(cat "/run/secrets/$1_owner")" <<'SQL'
CREATE DATABASE :"service";
\connect :"service"
SELECT set_config('orderly.owner', :'owner', false), set_config('orderly.owner_password', :'owner_password', false),
       set_config('orderly.runtime', :'service', false), set_config('orderly.runtime_password', :'password', false);
\include /etc/orderly/service-roles.sql
SQL
}

for service in order payment notification psp_simulator console; do create_database "$service"; done

# Nobody of them has anything to look for here.
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --command 'REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC'
