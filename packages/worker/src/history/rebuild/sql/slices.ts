/** The table `rebuild_slice`: the pieces of a rebuild. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { SliceKind } from '../../../db/entities/rebuild-slice.js';
import { secondSchema } from '../../../projection/second-tables.js';
import type { Run } from './runs.js';

export interface Slice {
  nth: number;
  kind: SliceKind;
  /** Of copied contacts. */
  of: string | null;
  first: string;
  last: string;
  elements: number;
}

/** Elements of one slice, and of one transaction, unless one body alone has more: a worker's usual transactions have about as many. */
export const sliceElements = 4_000;
/** Of bodies they have no more than 8 MiB. */
const bytesPerElement = (8 * 2 ** 20) / sliceElements;
const contactsAtOnce = 5_000;

const insert = `insert into vidhuk.rebuild_slice (rebuild_id, nth, kind, source, first, last, elements)
  select $1, (select coalesce(max(nth), 0) from vidhuk.rebuild_slice where rebuild_id = $1) + row_number() over (order by first, last), `;

/** Of batches in the order of their ids, so many together as one transaction takes. */
const ofBatches = (kind: SliceKind, batches: string): string => `
  with batch as (${batches}), sized as (
    select id, total, sum(greatest(total, bytes / ${bytesPerElement}, 1)) over (order by id) - greatest(total, bytes / ${bytesPerElement}, 1) as before from batch
  ), slice as (
    select (array_agg(id order by id))[1]::text as first, (array_agg(id order by id desc))[1]::text as last, sum(total) as elements
    from sized group by floor(before / ${sliceElements})
  )
  ${insert} '${kind}', null, first, last, elements from slice`;

type Unit = 'hour' | 'day';
const lengths: Record<Unit, string> = { hour: '1 hour', day: '24 hours' };

/** Hours, or days in UTC, in which the log has anything, found by one look into the index for each. */
const ofLog = (kind: SliceKind, unit: Unit): string => `
  with recursive unit as (
    select min(occurred_at) as at from vidhuk.activity
    union all
    select (select min(occurred_at) from vidhuk.activity where occurred_at >= date_trunc('${unit}', unit.at, 'UTC') + interval '${lengths[unit]}') from unit where unit.at is not null
  ), slice as (
    select date_trunc('${unit}', at, 'UTC') as first, date_trunc('${unit}', at, 'UTC') + interval '${lengths[unit]}' as last from unit where at is not null
  )
  ${insert} '${kind}', null, first::text, last::text, 0 from slice`;

/** Of the largest month of a log whose slices are days: some 25,000 activities a day, 600,000 where all of them are of one. */
const littleBytes = 31 * 4 * 2 ** 20;

/** A slice costs a job and a transaction, whatever is in it: a thin log has one for a day. One dense month, or what lies in none, makes all of them hours. */
async function unitOfLog(client: ClientBase): Promise<Unit> {
  const { rows } = await client.query<{ isThin: boolean }>(
    `select coalesce(max(pg_relation_size(inhrelid)), 0) <= $1 as "isThin" from pg_inherits where inhparent = 'vidhuk.activity'::regclass`,
    [littleBytes],
  );
  return rows[0]?.isThin === true ? 'day' : 'hour';
}

const ofContacts = `
  with numbered as (
    select source, contact_id, (row_number() over (partition by source order by contact_id) - 1) / ${contactsAtOnce} as nth
    from vidhuk.contact_status where source <> $2
  ), slice as (
    select source, min(contact_id) as first, max(contact_id) as last, count(*) as elements from numbered group by source, nth
  )
  ${insert} 'copy-contacts', source, first::text, last::text, 0 from slice`;

/** All that can be said at the beginning; the batches that are there now are among them. */
export async function planSlices(client: ClientBase, { id, source }: Run): Promise<void> {
  await client.query('delete from vidhuk.rebuild_slice where rebuild_id = $1', [id]);
  const unit = await unitOfLog(client);
  if (source !== null) {
    await client.query(ofLog('copy-log', unit), [id]);
    await client.query(ofContacts, [id, source]);
  }
  await client.query(
    ofBatches('bodies', 'select id, bytes, total from vidhuk.batch where body is not null and ($2::text is null or source = $2)'),
    [id, source],
  );
  await client.query(ofLog('log', unit), [id]);
}

/** Of the batches that came meanwhile. */
export async function planLate(client: ClientBase, { id }: Run): Promise<void> {
  await client.query(
    ofBatches('late', `select b.id, b.bytes, b.total from ${secondSchema}.came join vidhuk.batch b on b.id = came.id`),
    [id],
  );
}

export async function listOpen(
  dataSource: DataSource,
  id: string,
  kinds: readonly SliceKind[],
  after: number,
  limit: number,
): Promise<number[]> {
  const rows = await dataSource.query<{ nth: number }[]>(
    `select nth from vidhuk.rebuild_slice where rebuild_id = $1 and kind = any($2) and nth > $3 and done_at is null order by nth limit $4`,
    [id, kinds, after, limit],
  );
  return rows.map(({ nth }) => nth);
}

/** A slice that is still to be done, of a rebuild that is under way. */
export async function readSlice(
  dataSource: DataSource,
  rebuild: string,
  nth: number,
): Promise<(Slice & { run: Pick<Run, 'id' | 'source' | 'contexts'> }) | undefined> {
  const [row] = await dataSource.query<(Slice & Pick<Run, 'source' | 'contexts'>)[]>(
    `select s.nth, s.kind, s.source as "of", s.first, s.last, s.elements, r.source, r.contexts
     from vidhuk.rebuild_slice s join vidhuk.rebuild r on r.id = s.rebuild_id
     where s.rebuild_id = $1 and s.nth = $2 and s.done_at is null and r.state = 'running'`,
    [rebuild, nth],
  );
  if (row === undefined) return undefined;
  const { source, contexts, ...slice } = row;
  return { ...slice, run: { id: rebuild, source, contexts } };
}

export async function markDone(dataSource: DataSource, rebuild: string, nth: number): Promise<void> {
  await dataSource.query(
    'update vidhuk.rebuild_slice set done_at = now(), problem = null where rebuild_id = $1 and nth = $2 and done_at is null',
    [rebuild, nth],
  );
}

export async function noteProblem(dataSource: DataSource, rebuild: string, nth: number, problem: string): Promise<void> {
  await dataSource.query('update vidhuk.rebuild_slice set problem = $3 where rebuild_id = $1 and nth = $2 and done_at is null', [
    rebuild,
    nth,
    problem.slice(0, 500),
  ]);
}

export interface SliceProgress {
  /** Of the rebuild; `undefined`: it is gone. */
  state: string | undefined;
  /** Slices of the kinds asked for that are to be done. */
  open: number;
  slices: number;
  /** Of bodies, whatever kind was asked for. */
  elementsDone: number;
  elements: number;
  problem: string | null;
}

export async function readProgress(dataSource: DataSource, id: string, kinds: readonly SliceKind[]): Promise<SliceProgress> {
  const [row] = await dataSource.query<SliceProgress[]>(
    `select (select state from vidhuk.rebuild where id = $1) as state,
       count(*) filter (where kind = any($2) and done_at is null)::float8 as open, count(*) filter (where kind = any($2))::float8 as slices,
       coalesce(sum(elements) filter (where done_at is not null), 0)::float8 as "elementsDone", coalesce(sum(elements), 0)::float8 as elements,
       min(problem) filter (where done_at is null) as problem
     from vidhuk.rebuild_slice where rebuild_id = $1`,
    [id, kinds],
  );
  return row ?? { state: undefined, open: 0, slices: 0, elementsDone: 0, elements: 0, problem: null };
}
