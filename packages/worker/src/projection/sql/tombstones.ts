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
/** The same for a rebuild's transactions, which go on while all batches wait. */
export const rebuildLock = 'vidhuk rebuild batches';
/** Held by transactions that bring activities, each beside the others, and by one that writes tombstones, moves the horizon or ends a rebuild, alone. */
const lock = `hashtextextended('${batchesLock}', 0)`;

/** Waits for the batches under way; those that come wait until the commit. */
export async function holdBatches(client: ClientBase): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(${lock})`);
}

/** Two numbers that nobody else uses in this database: the letters "eras", and nothing. */
const erasing = { purpose: 0x65726173, key: 0 };

/** For as long as this connection lasts, or until it is told otherwise; several may erase at once. Taken before the tombstones are written. */
export async function announceErasing(client: Pick<ClientBase, 'query'>): Promise<void> {
  await client.query('select pg_advisory_lock_shared($1, $2)', [erasing.purpose, erasing.key]);
}

export async function endErasing(client: Pick<ClientBase, 'query'>): Promise<void> {
  await client.query('select pg_advisory_unlock_shared($1, $2)', [erasing.purpose, erasing.key]);
}

/** Whether somebody is being erased. Whoever asks it while they hold a lock of batches learns of all but those whose tombstones wait for that lock. */
export async function isErasing(client: Pick<ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await client.query<{ erasing: boolean }>(
    `select exists (
       select from pg_locks where locktype = 'advisory' and classid = $1 and objid = $2 and objsubid = 2 and granted
         and database = (select oid from pg_database where datname = current_database())) as erasing`,
    [erasing.purpose, erasing.key],
  );
  return rows[0]?.erasing === true;
}

/** What a batch has to know before it may write. */
export interface Bounds {
  /** The latest tombstone's id, '0' where nobody was erased. */
  latest: string;
  /** Where the log begins, ms since 1970; null: it goes back for ever. */
  horizon: number | null;
}

/** Until the end of the transaction neither moves. Two statements, sent at once: one snapshot would be older than its lock. */
export async function holdBounds(client: ClientBase): Promise<Bounds> {
  const [, bounds] = await Promise.all([
    client.query({ name: 'hold-tombstones', text: `select pg_advisory_xact_lock_shared(${lock})` }),
    readBounds(client),
  ]);
  return bounds;
}

export async function readBounds(client: Pick<ClientBase, 'query'>): Promise<Bounds> {
  const { rows } = await client.query<{ latest: string; horizon: Date | null }>({
    name: 'bounds',
    text: 'select coalesce(max(id), 0) as latest, (select log_from from vidhuk.horizon) as horizon from vidhuk.erased',
  });
  const [{ latest, horizon } = { latest: '0', horizon: null }] = rows;
  return { latest, horizon: horizon?.getTime() ?? null };
}

/** While all batches wait, until the commit; the horizon never comes back. */
export async function moveHorizon(client: ClientBase, to: Date): Promise<void> {
  await holdBatches(client);
  await client.query('update vidhuk.horizon set log_from = greatest(log_from, $1)', [to.toISOString()]);
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
  await client.query(`select pg_advisory_xact_lock(hashtextextended('${rebuildLock}', 0))`);
  const { rows } = await client.query<{ hash: Buffer }>(
    `insert into vidhuk.erased (source, kind, hash, key_check)
     select source, kind, hash, $4 from unnest($1::text[], $2::text[], $3::bytea[]) as t(source, kind, hash) order by source, kind, hash
     on conflict (source, kind, hash) do nothing returning hash`,
    [tombstones.map(({ source }) => source), tombstones.map(({ kind }) => kind), tombstones.map(({ hash }) => hash), keyCheck],
  );
  return new Set(rows.map(({ hash }) => hash.toString('hex')));
}
