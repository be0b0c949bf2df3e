import type { DataSource } from 'typeorm';

/** A follow-up that a contact caused. */
export interface ContactFollowUp {
  id: string;
  action: string;
  state: string;
  attempts: number;
  occurredAt: Date;
  createdAt: Date;
  nextAttemptAt: Date | null;
  doneAt: Date | null;
  lastError: string | null;
}

/** The latest `limit` of one contact, by when they were planned; by the index of contacts. null for a user who may not read them, as support. */
export async function readContactFollowUps(
  dataSource: DataSource,
  { source, contactId }: { source: string; contactId: number },
  limit: number,
): Promise<ContactFollowUp[] | null> {
  const [user] = await dataSource.query<{ may: boolean }[]>(`select has_table_privilege('vidhuk.follow_up', 'select') as may`);
  if (user?.may !== true) return null;
  return dataSource.query<ContactFollowUp[]>(
    `select id, action, state, attempts, occurred_at as "occurredAt", created_at as "createdAt", next_attempt_at as "nextAttemptAt",
       done_at as "doneAt", last_error as "lastError"
     from vidhuk.follow_up where contact_id = $1 and source = $2 order by created_at desc, id desc limit $3`,
    [contactId, source, limit],
  );
}
