/** An index on a large table, without anybody waiting for it. */
import type { ClientBase } from 'pg';

export interface NewIndex {
  /** At most 46 characters: partitions' indexes add the month to it. */
  name: string;
  table: string;
  /** What stands behind the table's name: `using btree (source) where …`. */
  definition: string;
}

/**
 * Partition by partition where there are any, outside of a transaction. What was cut off begins again where it was: an index that is there and valid stays, one
 * that is not valid is made anew. `onPartition` hears of each that is done.
 */
export async function createIndexConcurrently(
  client: ClientBase,
  { name, table, definition }: NewIndex,
  onPartition: (partition: string) => void = () => undefined,
): Promise<void> {
  const partitions = await leavesOf(client, table);
  const [only] = partitions;
  if (partitions.length === 1 && only === table) {
    await createOne(client, name, table, definition);
    onPartition(table);
    return;
  }
  await client.query(`create index if not exists ${name} on only vidhuk.${table} ${definition}`);
  for (const partition of partitions) {
    if (await hasAttached(client, name, partition)) continue; // it was made with it meanwhile, or it is done
    const own = `${name}${partition.slice(table.length)}`;
    await createOne(client, own, partition, definition);
    await client.query(`alter index vidhuk.${name} attach partition vidhuk.${own}`);
    onPartition(partition);
  }
}

async function createOne(client: ClientBase, name: string, table: string, definition: string): Promise<void> {
  const { rows } = await client.query<{ valid: boolean }>(
    `select indisvalid as valid from pg_index where indexrelid = to_regclass($1)`,
    [`vidhuk.${name}`],
  );
  if (rows[0]?.valid === true) return;
  // It waits for transactions that began before it, and nobody waits for it: however long that takes, given up it would begin anew.
  await client.query('set lock_timeout = 0');
  try {
    if (rows[0] !== undefined) await client.query(`drop index concurrently vidhuk.${name}`);
    await client.query(`create index concurrently ${name} on vidhuk.${table} ${definition}`);
  } finally {
    await client.query('reset lock_timeout');
  }
}

async function hasAttached(client: ClientBase, name: string, partition: string): Promise<boolean> {
  const { rows } = await client.query(
    `select from pg_inherits join pg_index on indexrelid = inhrelid
     where inhparent = to_regclass($1) and indrelid = to_regclass($2) and indisvalid`,
    [`vidhuk.${name}`, `vidhuk.${partition}`],
  );
  return rows.length > 0;
}

/** The table itself, where it is not partitioned. */
async function leavesOf(client: ClientBase, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `with recursive tree as (
       select $1::regclass::oid as oid union all select inhrelid from tree join pg_inherits on inhparent = tree.oid
     )
     select relname as name from tree join pg_class using (oid) where relkind = 'r' order by relname`,
    [`vidhuk.${table}`],
  );
  return rows.map(({ name }) => name);
}
