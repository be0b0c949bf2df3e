/** The planner's statistics hold values of columns: they are gathered anew once the rows have changed, of a rebuild's tables too. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../../db/transaction.js';
import { isRebuilt, secondSchema } from '../../projection/second-tables.js';

const tables = [
  'contact_status',
  'contact_channel_status',
  'contact_floor',
  'contact_channel_floor',
  'activity',
  'batch',
  'rejected_activity',
  'follow_up',
  'workflow_request',
] as const;

/** Of those that an erasure may leave without a row: a row that is nobody's. */
const nobody: Readonly<Record<string, string>> = {
  contact_status: `(source, contact_id, first_activity_at, last_activity_at) values ('', 0, now(), now())`,
  contact_channel_status: `(source, contact_id, media_type, first_activity_at, last_activity_at) values ('', 0, '', now(), now())`,
  contact_floor: `(source, contact_id) values ('', 0)`,
  contact_channel_floor: `(source, contact_id, media_type) values ('', 0, '')`,
};

/** May be called again. */
export async function forgetStatistics(dataSource: DataSource): Promise<void> {
  for (const table of tables)
    await inTransaction(dataSource, async (client) => {
      for (const schema of (await isRebuilt(client, table)) ? ['vidhuk', secondSchema] : ['vidhuk']) {
        await client.query(`analyze ${schema}.${table}`);
        await forgetEmptied(client, schema, table);
      }
    });
}

/** Of a table without rows "analyze" gathers nothing, and leaves what it knew. */
async function forgetEmptied(client: ClientBase, schema: string, table: string): Promise<void> {
  const { rows } = await client.query<{ name: string; canClear: boolean }>(
    `with recursive tree as (
       select to_regclass($1)::oid as oid union all select inhrelid from tree join pg_inherits on inhparent = tree.oid
     )
     select relname as name, to_regproc('pg_catalog.pg_clear_attribute_stats') is not null as "canClear"
     from tree join pg_class c on c.oid = tree.oid`,
    [`${schema}.${table}`],
  );
  for (const { name, canClear } of rows) {
    const { rows: left } = await client.query(`select from ${schema}.${name} limit 1`);
    if (left.length > 0) continue;
    if (canClear) await clear(client, schema, name);
    else await forgetByRow(client, schema, name);
  }
}

/** Of the table, and of its indexes of expressions, which have statistics of their own: not every user is shown those in pg_stats. */
async function clear(client: ClientBase, schema: string, name: string): Promise<void> {
  await client.query(
    `select pg_clear_attribute_stats($1, relname, attname, inherited)
     from pg_class c join pg_attribute on attrelid = c.oid, unnest(array[false, true]) as inherited
     where attnum > 0 and not attisdropped and c.oid in (
       select to_regclass($2) union all select indexrelid from pg_index where indrelid = to_regclass($2) and indexprs is not null
     )`,
    [schema, `${schema}.${name}`],
  );
}

/** Before PostgreSQL 18: by a row, which nobody else ever sees. `name`: of a table, which is empty. */
export async function forgetByRow(client: ClientBase, schema: string, name: string): Promise<void> {
  if (nobody[name] === undefined) return;
  await client.query(
    `insert into ${schema}.${name} ${nobody[name]}; analyze ${schema}.${name}; delete from ${schema}.${name} where source = '' and contact_id = 0`,
  );
}
