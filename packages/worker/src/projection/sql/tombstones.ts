/** The table `erased`, and the lock that keeps a batch under way and an erasure apart. */
import type { ClientBase } from 'pg';

export type TombstoneKind = 'contact' | 'address';

export interface TombstoneRow {
  /** bigint, as text. */
  id: string;
  hash: Buffer;
  key_check: Buffer;
}

export const batchesLock = 'vidhuk batches';
/** Held by transactions that bring activities, each beside the others, and by one that writes tombstones or ends a rebuild, alone. */
const lock = `hashtextextended('${batchesLock}', 0)`;

/** Waits for the batches under way; those that come wait until the commit. */
export async function holdBatches(client: ClientBase): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(${lock})`);
}

/** The latest one's id, '0' where nobody was erased; until the end of the transaction there will be none that is later. Two statements, sent at once: one snapshot would be older than its lock. */
export async function latestTombstone(client: ClientBase): Promise<string> {
  const [, { rows }] = await Promise.all([
    client.query({ name: 'hold-tombstones', text: `select pg_advisory_xact_lock_shared(${lock})` }),
    client.query<{ latest: string }>({
      name: 'latest-tombstone',
      text: 'select coalesce(max(id), 0) as latest from vidhuk.erased',
    }),
  ]);
  return rows[0]?.latest ?? '0';
}

/** In order of their ids. */
export async function readTombstones(client: Pick<ClientBase, 'query'>): Promise<TombstoneRow[]> {
  return (await client.query<TombstoneRow>('select id, hash, key_check from vidhuk.erased order by id')).rows;
}

/** While all batches wait, until the commit. Tombstones that are there already stay; gives the others. */
export async function writeTombstones(
  client: ClientBase,
  tombstones: readonly { source: string; kind: TombstoneKind; hash: Buffer }[],
  keyCheck: Buffer,
): Promise<Set<string>> {
  await holdBatches(client);
  const { rows } = await client.query<{ hash: Buffer }>(
    `insert into vidhuk.erased (source, kind, hash, key_check)
     select source, kind, hash, $4 from unnest($1::text[], $2::text[], $3::bytea[]) as t(source, kind, hash) order by source, kind, hash
     on conflict (source, kind, hash) do nothing returning hash`,
    [tombstones.map(({ source }) => source), tombstones.map(({ kind }) => kind), tombstones.map(({ hash }) => hash), keyCheck],
  );
  return new Set(rows.map(({ hash }) => hash.toString('hex')));
}
