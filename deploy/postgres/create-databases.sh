#!/bin/sh
# Postgres runs this once, when its volume is new: a database for each service, which no other service's role can enter.
set -eu

create_database() {
  psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --set service="$1" --set password="$2" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
-- Everybody may connect to a new database unless that is taken back.
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
}

create_database order "$ORDER_DATABASE_PASSWORD"
create_database payment "$PAYMENT_DATABASE_PASSWORD"
create_database notification "$NOTIFICATION_DATABASE_PASSWORD"
create_database psp_simulator "$PSP_SIMULATOR_DATABASE_PASSWORD"
create_database console "$CONSOLE_DATABASE_PASSWORD"
