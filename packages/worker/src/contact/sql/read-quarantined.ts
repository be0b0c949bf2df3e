import type { DataSource } from 'typeorm';

/** An element in the quarantine that is about a contact and, sound, would have moved a flag. */
export interface QuarantinedElement {
  id: number;
  reason: string;
  detail: string;
}

/** Whom an element may be about. */
export interface Suspect {
  /** null: of any source. */
  source: string | null;
  contactId: number | null;
  /** E-mail addresses, phone numbers, ids of others, as they may stand in the element. */
  names: readonly string[];
}

/** Names that are shorter stand in too many texts by chance. */
const shortestName = 5;
/** Elements whose text is looked at. */
const lookedThrough = 1_000;

/**
 * The latest few that wait: those of the contact, by its index, and, among the latest of all, those in whose text a name stands, unless they are
 * another contact's. null for a user who may not read them, as support.
 */
export async function readQuarantined(
  dataSource: DataSource,
  { source, contactId, names }: Suspect,
  limit: number,
): Promise<QuarantinedElement[] | null> {
  const [user] = await dataSource.query<{ may: boolean }[]>(
    `select has_table_privilege('vidhuk.rejected_activity', 'select') as may`,
  );
  if (user?.may !== true) return null;
  const waits = `moves_flag and resolved_at is null and ($2::text is null or source = $2)`;
  return dataSource.query<QuarantinedElement[]>(
    `select id::integer, reason, detail from (
       select id, reason, detail from vidhuk.rejected_activity where contact_id = $1 and ${waits}
       union
       select id, reason, detail
       from (select * from vidhuk.rejected_activity where ${waits} order by id desc limit ${lookedThrough}) as latest
       where ($1::bigint is null or contact_id is null)
         and exists (select from unnest($3::text[]) as name where position(lower(name) in lower(raw)) > 0)
     ) as found
     order by id desc limit $4`,
    [contactId, source, names.filter((name) => name.length >= shortestName), limit],
  );
}
