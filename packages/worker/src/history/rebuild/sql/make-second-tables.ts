/** Makes the second tables as the tables are, empty, and lets the batches that come from now on be noted. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { throughConflicts } from '../../../db/through-conflicts.js';
import { inTransaction } from '../../../db/transaction.js';
import { besideTables, replacedSchema, secondSchema, swappedTables } from '../../../projection/second-tables.js';
import { describeGrants, describeKeys, describeTables, type TableParts } from './describe-tables.js';

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Keys only: other indexes are made when the rows are there. They have a log as the tables have, for they become the tables. A lock of `batch` is waited for
 * a second at most, and then again.
 */
export function makeSecondTables(dataSource: DataSource): Promise<void> {
  return throughConflicts(() =>
    inTransaction(dataSource, async (client) => {
      await client.query(`set local lock_timeout = '1s'`);
      await dropSchemas(client);
      await client.query(`create schema ${secondSchema}`);
      await client.query(`create schema ${replacedSchema}`);
      const tables = await describeTables(client, 'vidhuk', swappedTables);
      for (const table of tables) await makeTable(client, table);
      for (const statement of await describeKeys(client, secondSchema, swappedTables)) await client.query(statement);
      for (const statement of await describeGrants(client, secondSchema, swappedTables, { parts: true }))
        await client.query(statement);
      for (const { name, parent, bound } of tables)
        if (parent !== null)
          await client.query(
            `alter table ${secondSchema}.${parent} attach partition ${secondSchema}.${name} ${bound ?? 'default'}`,
          );
      await client.query(`create unlogged table ${secondSchema}.batch (like vidhuk.batch including all)`);
      for (const table of besideTables)
        if (table !== 'batch') await client.query(`create table ${secondSchema}.${table} (like vidhuk.${table} including all)`);
      // The second batch has no partitions.
      for (const statement of await describeGrants(client, secondSchema, besideTables, { parts: false }))
        await client.query(statement);
      await noteBatches(client);
      await letWritersIn(client);
    }),
  );
}

async function makeTable(client: ClientBase, { name, partitionKey, options, comment, owner }: TableParts): Promise<void> {
  const table = `${secondSchema}.${name}`;
  const partitioned = partitionKey === null ? '' : ` partition by ${partitionKey}`;
  const stored = options === null || options === '' ? '' : ` with (${options})`;
  await client.query(`create table ${table} (like vidhuk.${name} including all excluding indexes)${partitioned}${stored}`);
  if (comment !== null) await client.query(`comment on table ${table} is ${quoted(comment)}`);
  if (owner !== null) await client.query(`alter table ${table} owner to ${owner}`);
}

/** Which batches come from now on: when their transaction is committed they stand here, whatever their ids are. */
async function noteBatches(client: ClientBase): Promise<void> {
  await client.query(`create table ${secondSchema}.came (id uuid not null primary key)`);
  await client.query(`
    create function ${secondSchema}.note_batches() returns trigger language plpgsql security definer set search_path = '' as $$
    begin
      insert into ${secondSchema}.came select id from fresh on conflict do nothing;
      return null;
    end $$`);
  await client.query(`
    create trigger vidhuk_rebuild after insert on vidhuk.batch referencing new table as fresh
    for each statement execute function ${secondSchema}.note_batches()`);
}

/** Workers may be another user than who rebuilds: whoever writes the tables writes these. */
async function letWritersIn(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ writer: string }>(
    `select distinct case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end as writer
     from pg_class c cross join aclexplode(c.relacl) where c.oid = 'vidhuk.activity'::regclass and privilege_type = 'INSERT'`,
  );
  for (const { writer } of rows) {
    await client.query(`grant usage on schema ${secondSchema} to ${writer}`);
    await client.query(`grant select, insert, delete on ${secondSchema}.came to ${writer}`);
  }
}

/** With the trigger, whose function goes with its schema. */
async function dropSchemas(client: ClientBase): Promise<void> {
  await client.query(`drop schema if exists ${replacedSchema} cascade`);
  await client.query(`drop schema if exists ${secondSchema} cascade`);
}

export function dropSecondTables(dataSource: DataSource): Promise<void> {
  return throughConflicts(() =>
    inTransaction(dataSource, async (client) => {
      await client.query(`set local lock_timeout = '1s'; set local client_min_messages = warning`);
      await dropSchemas(client);
    }),
  );
}

export async function hasSecondTables(dataSource: DataSource): Promise<boolean> {
  const [row] = await dataSource.query<{ present: boolean }[]>(
    `select to_regclass('${secondSchema}.activity') is not null as present`,
  );
  return row?.present === true;
}
