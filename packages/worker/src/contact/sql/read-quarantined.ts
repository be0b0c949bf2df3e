import type { DataSource } from 'typeorm';

/** An element in the quarantine that is about a contact and, sound, would have moved a flag. */
export interface QuarantinedElement {
  id: number;
  reason: string;
  detail: string;
}

/** The latest few that wait; by the index of contacts. null for a user who may not read them, as support. */
export async function readQuarantined(
  dataSource: DataSource,
  { source, contactId }: { source: string; contactId: number },
  limit: number,
): Promise<QuarantinedElement[] | null> {
  const [user] = await dataSource.query<{ may: boolean }[]>(
    `select has_table_privilege('vidhuk.rejected_activity', 'select') as may`,
  );
  if (user?.may !== true) return null;
  return dataSource.query<QuarantinedElement[]>(
    `select id::integer, reason, detail from vidhuk.rejected_activity
     where contact_id = $1 and source = $2 and moves_flag and resolved_at is null order by id desc limit $3`,
    [contactId, source, limit],
  );
}
