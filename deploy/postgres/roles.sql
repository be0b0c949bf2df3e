-- The roles of Vidhuk in PostgreSQL: made where they are missing, with the passwords of the environment and no more rights than each one needs.
-- psql as a superuser in Vidhuk's database, before "vidhuk migrate", which grants the rights to tables (packages/worker/src/db/grant-roles.ts).
-- It may run again at any time; a changed password is taken over.
\getenv owner POSTGRES_OWNER_PASSWORD
\getenv worker POSTGRES_WORKER_PASSWORD
\getenv ingress POSTGRES_INGRESS_PASSWORD
\getenv console POSTGRES_CONSOLE_PASSWORD
\getenv support POSTGRES_SUPPORT_PASSWORD

do $$
declare
  login text;
begin
  foreach login in array array['vidhuk_owner', 'vidhuk_worker', 'vidhuk_ingress', 'vidhuk_console', 'vidhuk_support_vidhuk'] loop
    if not exists (select from pg_roles where rolname = login) then execute format('create role %I', login); end if;
  end loop;
  -- What support may read; nobody logs in as it.
  if not exists (select from pg_roles where rolname = 'vidhuk_support') then create role vidhuk_support nologin; end if;
end $$;

-- Migrates: owns database and tables.
alter role vidhuk_owner login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'owner';
-- Reads and writes rows.
alter role vidhuk_worker login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'worker';
-- Reads what answers to workflows say; used where a hook has "answer: contact" alone.
alter role vidhuk_ingress login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'ingress';
-- Reads every table.
alter role vidhuk_console login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'console';
alter role vidhuk_console set default_transaction_read_only to on;
alter role vidhuk_console set statement_timeout to '60s';
-- Reads what is for support.
alter role vidhuk_support_vidhuk login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'support';
alter role vidhuk_support_vidhuk set search_path to vidhuk;
alter role vidhuk_support_vidhuk set timezone to 'UTC';
alter role vidhuk_support_vidhuk set statement_timeout to '60s';
alter role vidhuk_support_vidhuk set idle_in_transaction_session_timeout to '60s';
alter role vidhuk_support_vidhuk set default_transaction_read_only to on;
grant vidhuk_support to vidhuk_support_vidhuk;

-- So that a rebuild can say who keeps it from the tables.
grant pg_read_all_stats to vidhuk_owner;
select format('alter database %I owner to vidhuk_owner', current_database()) \gexec
select format('revoke connect, temporary on database %I from public', current_database()) \gexec
select format('grant connect, temporary on database %I to vidhuk_worker', current_database()) \gexec
select format('grant connect on database %I to vidhuk_ingress, vidhuk_console, vidhuk_support', current_database()) \gexec
-- Actions of the kind postgres-function live here, or in a schema of their own.
alter schema public owner to vidhuk_owner;
