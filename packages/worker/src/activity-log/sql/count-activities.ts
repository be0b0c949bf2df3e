import type { DataSource } from 'typeorm';
import { asksForBody, valuesOf, type ActivityFilter, type Bounds } from '../activity-filter.js';
import { rowsWithinTime } from '../within-time.js';
import { askedFor, logAlone, logByBatch } from './asked-for.js';

/** What activities are counted by, each as text; null where there is none. */
const expressions = {
  day: `to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD')`,
  hour: `to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:00"Z"')`,
  source: 'source',
  status: 'status',
  'media-type': 'media_type',
  message: 'message_id::text',
  'message-name': 'message_name',
  workflow: 'workflow_id::text',
  domain: 'domain',
  reason: 'status_description',
} as const;
export type CountedBy = keyof typeof expressions;
export const countedBy = Object.keys(expressions) as CountedBy[];

const inBody: ReadonlySet<CountedBy> = new Set(['message-name', 'domain']);
const inTime: ReadonlySet<CountedBy> = new Set(['day', 'hour']);

export interface ActivityCounts {
  /** Of all groups, also of those beyond the limit. */
  total: number;
  groups: number;
  rows: { values: (string | null)[]; count: number }[];
}

interface Row {
  values: (string | null)[];
  count: number;
  total: number;
  groups: number;
}

/** How many of those asked for there are of each combination of `by`: in order of time where that is one of them, else the most frequent first. */
export async function countActivities(
  dataSource: DataSource,
  filter: ActivityFilter,
  by: readonly CountedBy[],
  { limit, timeoutMs }: Bounds,
): Promise<ActivityCounts> {
  const columns = by.map((name, at) => ({ group: `group_${at}`, sql: expressions[name], inTime: inTime.has(name) }));
  const groups = columns.map(({ group }) => group);
  const order = [...columns.filter((column) => column.inTime).map(({ group }) => group), 'count desc', ...groups];
  const log = asksForBody(filter) || by.some((name) => inBody.has(name)) ? logByBatch : logAlone;
  const rows = await rowsWithinTime<Row>(
    dataSource,
    timeoutMs,
    `select array[${groups.join()}]::text[] as values, count::float8, (sum(count) over ())::float8 as total, (count(*) over ())::float8 as groups
     from (
       select ${columns.map(({ group, sql }) => `${sql} as ${group}`).join()}, count(*) as count
       from ${log} as log where ${askedFor} group by ${columns.map((_, at) => at + 1).join()}
     ) as counted
     order by ${order.join()} limit $11`,
    [...valuesOf(filter), limit],
  );
  return { total: rows[0]?.total ?? 0, groups: rows[0]?.groups ?? 0, rows: rows.map(({ values, count }) => ({ values, count })) };
}
