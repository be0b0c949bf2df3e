/** The log and the quarantine against the temporary tables of `ExpectedLog`, a few set-based statements in all. */
import type { ClientBase } from 'pg';
import type { Difference, DifferenceKind, Differences } from './difference.js';

/** The largest integer of PostgreSQL. */
const NO_LIMIT = 2 ** 31 - 1;

/** A column as the ledger's time: ISO 8601 in UTC. */
const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const MISSING = `
  select e.activity_key as key, ${iso('e.occurred_at')} as "occurredAt", e.contact_id::text as "contactId", e.line, e.position,
    (select r.reason || ': ' || r.detail from vidhuk.rejected_activity r where r.source = e.source and md5(r.raw)::uuid = e.digest limit 1) as quarantined
  from expected_activity e
  where acknowledged and not exists (
    select from vidhuk.activity a where a.occurred_at = e.occurred_at and a.activity_key = e.activity_key)
  order by line, position`;

/** By the key alone: the table's own key would allow it at another time. */
const REPEATED = `
  select a.activity_key as key, count(*)::integer as times
  from vidhuk.activity a join expected_activity e on a.activity_key = e.activity_key
  group by a.activity_key having count(*) > 1
  order by a.activity_key`;

const UNEXPECTED = `
  select a.activity_key as key, ${iso('a.occurred_at')} as "occurredAt", a.contact_id::text as "contactId", a.batch_id as "batchId"
  from vidhuk.activity a
  where exists (select from expected_activity e where e.source = a.source and e.contact_id = a.contact_id)
    and not exists (select from expected_activity e where e.occurred_at = a.occurred_at and e.activity_key = a.activity_key)
  order by a.occurred_at, a.activity_key`;

const ALTERED = `
  select e.activity_key as key, ${iso('e.occurred_at')} as "occurredAt", e.line, e.position, c."column", c.expected, c.actual
  from expected_activity e join vidhuk.activity a on a.occurred_at = e.occurred_at and a.activity_key = e.activity_key,
    lateral (values
      ('source', e.source, a.source),
      ('contact_id', e.contact_id::text, a.contact_id::text),
      ('status', e.status, a.status),
      ('media_type', e.media_type, a.media_type),
      ('hard_bounce', e.hard_bounce::text, a.hard_bounce::text)) as c("column", expected, actual)
  where c.expected is distinct from c.actual
  order by e.line, e.position, c."column"`;

const MISSING_REJECTIONS = `
  select e.kind as broken, e.line, e.position, e.raw
  from expected_rejection e
  where not exists (select from vidhuk.rejected_activity r where r.source = e.source and md5(r.raw)::uuid = e.digest)
  order by line, position`;

type Fields<K extends DifferenceKind> = Omit<Extract<Difference, { kind: K }>, 'kind'>;

/** Adds what differs to `differences`. Rejects with the driver's error. */
export async function compareLog(client: ClientBase, differences: Differences): Promise<void> {
  const context = { client, differences };
  await collect(context, 'missing-activity', MISSING, (fields) => ({ kind: 'missing-activity', ...fields }));
  await collect(context, 'repeated-activity', REPEATED, (fields) => ({ kind: 'repeated-activity', ...fields }));
  await collect(context, 'unexpected-activity', UNEXPECTED, (fields) => ({ kind: 'unexpected-activity', ...fields }));
  await collect(context, 'altered-activity', ALTERED, (fields) => ({ kind: 'altered-activity', ...fields }));
  await collect(context, 'missing-rejection', MISSING_REJECTIONS, (fields) => ({ kind: 'missing-rejection', ...fields }));
}

/** Counts the rows of `sql`, and reads as many as there is room to describe. */
async function collect<K extends DifferenceKind>(
  { client, differences }: { client: ClientBase; differences: Differences },
  kind: K,
  sql: string,
  toDifference: (fields: Fields<K>) => Difference,
): Promise<void> {
  const { rows } = await client.query<{ total: number; fields: Fields<K> }>(
    `select count(*) over ()::integer as total, to_json(d) as fields from (${sql}) as d limit $1`,
    [Math.max(1, Math.min(differences.room, NO_LIMIT))],
  );
  for (const { fields } of rows) differences.add(toDifference(fields));
  differences.count(kind, (rows[0]?.total ?? 0) - rows.length);
}
