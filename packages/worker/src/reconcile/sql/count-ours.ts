import type { DataSource } from 'typeorm';
import type { Period } from '../road.js';
import { timeOf } from '../wall-clock.js';

export interface OursCount {
  /** YYYY-MM-DD, UTC. */
  day: string;
  status: string;
  count: number;
}

/** The first bounds find the partitions and the index, the others are exact: around a change of the clock an hour comes twice or never. */
const sql = `
  select to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD') as day, status, count(*)::integer as count
  from vidhuk.activity
  where source = $1 and occurred_at >= $2 and occurred_at < $3
    and occurred_at at time zone $4 >= $5::timestamp and occurred_at at time zone $4 < $6::timestamp
  group by day, status`;

/** More than a clock is ever set by. */
const slackMs = 3 * 3_600_000;

/** What the log has of the period, by the clock of the source. */
export function countOurs(dataSource: DataSource, source: string, timeZone: string, { from, to }: Period): Promise<OursCount[]> {
  const slack = timeZone === 'UTC' ? 0 : slackMs;
  return dataSource.query<OursCount[]>(sql, [
    source,
    new Date(timeOf(from, timeZone) - slack).toISOString(),
    new Date(timeOf(to, timeZone) + slack).toISOString(),
    timeZone,
    new Date(from).toISOString().slice(0, -1),
    new Date(to).toISOString().slice(0, -1),
  ]);
}
