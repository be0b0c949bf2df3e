/**
 * What support may read, put right at every `vidhuk migrate`: a role belongs to the server and is in no dump of a database, so in one that was restored it is
 * missing, and with it all that it was granted. Whatever a migration grants stands here as well.
 */
import type { DataSource } from 'typeorm';

const tables = [
  ...['contact_status', 'contact_channel_status', 'activity', 'activity_raw', 'address_status', 'workflow_request'],
  ...[
    'migration',
    'source',
    'projection_rule',
    'projection',
    'contact_floor',
    'contact_channel_floor',
    'horizon',
    'batch_elements',
  ],
];

const statements = [
  // Another database of the server may have made it already, or be making it now.
  `do $$ begin
    if not exists (select from pg_roles where rolname = 'vidhuk_support') then
      create role vidhuk_support nologin;
    end if;
  exception when duplicate_object or unique_violation then null;
  end $$`,
  `grant usage on schema vidhuk to vidhuk_support`,
  ...tables.map((table) => `grant select on vidhuk.${table} to vidhuk_support`),
  `grant select (id, source, origin, received_at) on vidhuk.batch to vidhuk_support`,
];

/** By the owner of the tables. May be called again; waits no longer for a table than the connection's `lock_timeout`. */
export async function grantSupport(dataSource: Pick<DataSource, 'query'>): Promise<void> {
  for (const statement of statements) await dataSource.query(statement);
}
