/** The quarantine: the person's broken elements are resolved and hold nothing; of a body that was no JSON the rest stays. */
import { eraseElements } from '../../activity/erase-elements.js';
import type { ClientBase } from 'pg';
import { names } from '../../activity/people.js';
import { stubOf } from '../../activity/erased-element.js';
import { inTransaction } from '../../db/transaction.js';
import { isRebuilt, secondSchema } from '../../projection/second-tables.js';
import { hintsOf, peopleOf, type Person } from './person.js';
import type { Place } from './place.js';

interface Row {
  id: string;
  contact_id: string | null;
  raw: string;
}

const escaped = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** At once. */
const pageSize = 100;

export const erasedRejections: Place = {
  name: 'rejected_activity',
  async erase({ dataSource }, person, trial) {
    const people = peopleOf(person);
    const patterns = hintsOf(person).map((hint) => `%${escaped(hint)}%`);
    let erased = 0;
    for (let after = '0'; ;) {
      const rows = await inTransaction(dataSource, async (client) => {
        const found = await client.query<Row>(
          `select id, contact_id, raw from vidhuk.rejected_activity
           where source = $1 and id > $2 and (contact_id = any($3::bigint[]) or raw like any($4::text[]) or detail like any($4::text[]))
           order by id limit ${pageSize} for update`,
          [person.source, after, person.contactIds, patterns],
        );
        for (const { id, contact_id, raw } of found.rows) {
          const isTheirs = contact_id !== null && people.hasContact(Number(contact_id));
          if (!isTheirs && !names(people, raw)) continue;
          erased++;
          if (trial) continue;
          const rest = eraseElements(Buffer.from(raw), { source: person.source, timeZone: 'UTC' }, people)?.body.toString();
          const left = rest === undefined || names(people, rest) ? stubOf('', undefined) : rest;
          const isAll = left === stubOf('', undefined);
          await client.query(
            `update vidhuk.rejected_activity set raw = $2, raw_bytes = octet_length($2), detail = 'erased', contact_id = null,
               resolved_at = case when $3 then coalesce(resolved_at, now()) else resolved_at end,
               resolution = case when $3 then coalesce(resolution, 'erased') else resolution end
             where id = $1`,
            [id, left, isAll],
          );
        }
        return found.rows;
      });
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
    if (!trial) await inTransaction(dataSource, (client) => emptyRebuilt(client, person, patterns));
    return erased;
  },
};

/** Those that a rebuild has found again: their place is all that it needs. */
async function emptyRebuilt(client: ClientBase, { source, contactIds }: Person, patterns: readonly string[]): Promise<void> {
  if (!(await isRebuilt(client, 'rejected_activity'))) return;
  await client.query(
    `update ${secondSchema}.rejected_activity set raw = '', raw_bytes = 0, detail = '', contact_id = null
     where source = $1 and (contact_id = any($2::bigint[]) or raw like any($3::text[]) or detail like any($3::text[]))`,
    [source, contactIds, patterns],
  );
}
