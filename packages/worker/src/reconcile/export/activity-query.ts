/** The statement that reads the table of activities, for the columns that this export has. */
import { PermanentError } from '@vidhuk/shared';
import { webhookNameOf } from '../road-element.js';
import type { Period } from '../road.js';
import { textOfClock } from '../wall-clock.js';
import { quoted, type ExportColumn, type ExportTable } from './find-table.js';

export interface Query {
  text: string;
  /** The number of rows comes behind them. */
  values: unknown[];
}

/** As text by the clock of the source, in whole seconds: $1 is its time zone. */
function secondOf({ name, type }: ExportColumn): string {
  const column = quoted(name);
  if (type === 'timestamp with time zone') return `to_char(${column} at time zone $1, 'YYYY-MM-DD"T"HH24:MI:SS')`;
  if (type.startsWith('timestamp')) return `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS')`;
  return `left(replace(${column}, ' ', 'T'), 19)`;
}

/** A condition that an index on the column can serve, where it is a time; $2 and $3 are the bounds. */
function within({ name, type }: ExportColumn): string {
  const column = quoted(name);
  if (type === 'timestamp with time zone')
    return `${column} >= $2::timestamp at time zone $1 and ${column} < $3::timestamp at time zone $1`;
  if (type.startsWith('timestamp')) return `${column} >= $2::timestamp and ${column} < $3::timestamp`;
  return `replace(${column}, ' ', 'T') >= $2 and replace(${column}, ' ', 'T') < $3`;
}

/**
 * Gives, for a period and the last second that was read of it (null: none yet), the statement that reads what follows: so many rows, and all of the
 * last one's second. Throws a `PermanentError` where the table lacks what makes an activity.
 */
export function activityQuery({ name, columns }: ExportTable, timeZone: string): (period: Period, after: string | null) => Query {
  const columnOf = (field: string) =>
    columns.find((column) => column.name.toLowerCase() === field.toLowerCase()) ??
    columns.find((column) => webhookNameOf(column.name) === field);
  const time = columnOf('activityDateTime');
  if (time === undefined || columnOf('activityStatus') === undefined)
    throw new PermanentError(`the export's table ${name} has no column for activityDateTime or activityStatus`);
  const others = columns.filter((column) => column !== time && webhookNameOf(column.name) !== 'activityDateTime');
  const second = secondOf(time);
  const texts = others.map((column) => `${quoted(column.name)}::text`);
  const text = `select ${[`${second} as "activityDateTime"`, ...texts.map((expression, nth) => `${expression} as ${quoted(others[nth]?.name ?? '')}`)].join(', ')}
    from ${name} where ${within(time)} and ($4::text is null or ${second} > $4)
      and ($1::text is not null)
      and $1::text is not null -- so that it has a type where no column needs it
    order by ${second} fetch first $5 rows with ties`;
  return ({ from, to }, after) => ({
    text,
    values: [timeZone, textOfClock(from), textOfClock(to), after],
  });
}
