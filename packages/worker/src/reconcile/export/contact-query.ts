/** The statement that reads the export's table of contacts. */
import { PermanentError } from '@vidhuk/shared';
import type { RoadContact } from '../road.js';
import { clockOfText } from '../wall-clock.js';
import { quoted, type ExportColumn, type ExportTable } from './find-table.js';

export interface ContactRow {
  id: string;
  sent: string | null;
  delivered: string | null;
  opened: string | null;
  clicked: string | null;
  emailStatus: string | null;
}

/** In exports RECEIVED means opened, and yet `lastReceivedDate` is that of the last delivery. */
const dates = { sent: 'lastsentdate', delivered: 'lastreceiveddate', opened: 'lastvieweddate', clicked: 'lastclickeddate' };

/** As text by the clock of the source ($1). */
function clockTextOf({ name, type }: ExportColumn): string {
  const column = quoted(name);
  const time = type === 'timestamp with time zone' ? `${column} at time zone $1` : `nullif(${column}::text, '')::timestamp`;
  return `to_char(${time}, 'YYYY-MM-DD"T"HH24:MI:SS')`;
}

/** Contacts with one of their dates in the period ($2, $3), behind an id ($4), so many ($5). */
export function contactQuery({ name, columns }: ExportTable): string {
  const columnOf = (wanted: string) => columns.find((column) => column.name.toLowerCase() === wanted);
  const id = columnOf('contactid');
  if (id === undefined) throw new PermanentError(`the export's table ${name} has no column contactId`);
  const texts = Object.entries(dates).map(([key, column]) => {
    const found = columnOf(column);
    return { key, text: found === undefined ? 'null::text' : clockTextOf(found) };
  });
  const status = columnOf('emailstatus');
  return `
    select * from (
      select ${quoted(id.name)}::text::bigint as id, ${texts.map(({ key, text }) => `${text} as ${key}`).join(', ')},
        ${status === undefined ? 'null::text' : `${quoted(status.name)}::text`} as "emailStatus"
      from ${name} where $1::text is not null) as contact
    where id > $4 and (${texts.map(({ key }) => `${key} >= $2 and ${key} < $3`).join(' or ')})
    order by id limit $5`;
}

const clockOf = (text: string | null): number | null => (text === null ? null : clockOfText(text));

export const toRoadContact = ({ id, sent, delivered, opened, clicked, emailStatus }: ContactRow): RoadContact => ({
  contactId: Number(id),
  sent: clockOf(sent),
  delivered: clockOf(delivered),
  opened: clockOf(opened),
  clicked: clockOf(clicked),
  emailStatus,
});
