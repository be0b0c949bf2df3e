/** What the tables hold against what the bodies say, and the log of what has no body any more; table by table. */
import type { ClientBase } from 'pg';
import { secondSchema } from '../../../projection/second-tables.js';

/** `missing`: the bodies say it, and the table has it not; `extra`: the other way round; `differs`: both have it, and not alike. */
type DifferenceKind = 'missing' | 'extra' | 'differs';

export interface Difference {
  kind: DifferenceKind;
  key: Record<string, unknown>;
  /** Of `differs`: each column that differs, as the table has it and as the bodies say. */
  columns: Record<string, { is: unknown; shouldBe: unknown }>;
}

export interface TableDifference {
  table: string;
  counts: Record<DifferenceKind, number>;
  examples: Difference[];
}

/** A month below the horizon may still be there: its floors are taken, and it is about to go. */
const ofLog = `occurred_at >= coalesce((select log_from from vidhuk.horizon), '-infinity')`;

/** By key, and without what follows from the order of arrival. */
const compared = {
  activity: { key: ['occurred_at', 'activity_key'], leftOut: ['batch_id', 'position'], live: ofLog },
  contact_status: { key: ['source', 'contact_id'], leftOut: ['updated_at'], live: 'true' },
  contact_channel_status: { key: ['source', 'contact_id', 'media_type'], leftOut: ['updated_at'], live: 'true' },
} as const;
export type ComparedTable = keyof typeof compared;
export const comparedTables = Object.keys(compared) as ComparedTable[];

interface Parts {
  key: readonly string[];
  columns: readonly string[];
}

async function partsOf(client: ClientBase, table: ComparedTable): Promise<Parts> {
  const { rows } = await client.query<{ name: string }>(
    `select attname::text as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [`vidhuk.${table}`],
  );
  const { key, leftOut } = compared[table];
  const not = new Set<string>([...key, ...leftOut]);
  return { key, columns: rows.map(({ name }) => name).filter((name) => !not.has(name)) };
}

/** Names in quotes: some are words of SQL. */
const qualified = (alias: string, names: readonly string[]): string => names.map((name) => `${alias}."${name}"`).join(', ');

/** Rows of one side that the other does not have just so: `except`, on everything that is compared. */
const difference = (table: ComparedTable, { key, columns }: Parts): string => `
  select ${key.map((name) => `coalesce(${qualified('live', [name])}, ${qualified('made', [name])}) as ${name}`).join(', ')},
    case when live.${key[0]} is null then 'missing' when made.${key[0]} is null then 'extra' else 'differs' end as kind,
    to_jsonb(live) as live, to_jsonb(made) as made
  from (select * from vidhuk.${table} where ($1::text is null or source = $1) and ${compared[table].live}) as live
  full join (select * from ${secondSchema}.${table} where $1::text is null or source = $1) as made using (${key.join(', ')})
  where (live.${key[0]} is null or made.${key[0]} is null or (${qualified('live', columns)}) is distinct from (${qualified('made', columns)}))`;

const examplesShown = 5;

export async function compareTable(client: ClientBase, table: ComparedTable, source: string | null): Promise<TableDifference> {
  const parts = await partsOf(client, table);
  const { rows } = await client.query<{ kind: DifferenceKind; count: number }>(
    `select kind, count(*)::integer as count from (${difference(table, parts)}) as d group by kind`,
    [source],
  );
  const counts = { missing: 0, extra: 0, differs: 0 };
  for (const { kind, count } of rows) counts[kind] = count;
  const examples: Difference[] = [];
  for (const { kind } of rows) {
    const found = await client.query<{ live: Record<string, unknown> | null; made: Record<string, unknown> | null }>(
      `select live, made from (${difference(table, parts)}) as d where kind = $2 limit ${examplesShown}`,
      [source, kind],
    );
    examples.push(...found.rows.map(({ live, made }) => describe(kind, parts, live ?? {}, made ?? {})));
  }
  return { table, counts, examples };
}

function describe(
  kind: DifferenceKind,
  { key, columns }: Parts,
  live: Record<string, unknown>,
  made: Record<string, unknown>,
): Difference {
  const pick = (name: string): [string, unknown] => [name, live[name] ?? made[name]];
  const differing = kind === 'differs' ? columns.filter((name) => JSON.stringify(live[name]) !== JSON.stringify(made[name])) : [];
  return {
    kind,
    key: Object.fromEntries([...key, ...(key.includes('source') ? [] : ['source', 'contact_id', 'status'])].map(pick)),
    columns: Object.fromEntries(differing.map((name) => [name, { is: live[name] ?? null, shouldBe: made[name] ?? null }])),
  };
}
