import type { DataSource } from 'typeorm';

/** Why one flag, time or value of a contact or channel is as it is; a row of the function `vidhuk.explain`. */
export interface Explained {
  /** `contact`, or the media type of a channel. */
  scope: string;
  /** The column. */
  what: string;
  /** As the table holds it; times in ISO 8601, null where it never happened. */
  value: string | null;
  /** Whether the log says the same. */
  agrees: boolean;
  /** Of the activity that decided it, as the following ones; null where none did, or the log has it no more. */
  occurredAt: Date | null;
  status: string | null;
  mediaType: string | null;
  messageId: number | null;
  reason: string | null;
  /** In words. */
  rule: string;
  /** How a tie was decided, where there was one. */
  tie: string | null;
  /** What would change it, in words. */
  changes: string | null;
  activityKey: string | null;
  batchId: string | null;
  /** By which road the activity came first, and when that was received. */
  origin: string | null;
  receivedAt: Date | null;
}

/** The contact first, then its channels; flags before times. Empty for a contact that nobody knows. */
export async function explainContact(
  dataSource: DataSource,
  { source, contactId }: { source: string; contactId: number },
): Promise<Explained[]> {
  const rows = await dataSource.query<(Omit<Explained, 'messageId'> & { messageId: string | null })[]>(
    `select scope, what, value, agrees, occurred_at as "occurredAt", status, media_type as "mediaType", message_id as "messageId", reason, rule, tie, changes,
       activity_key as "activityKey", batch_id as "batchId", origin, received_at as "receivedAt"
     from vidhuk.explain($1, $2)`,
    [source, contactId],
  );
  return rows.map((row) => ({ ...row, messageId: row.messageId === null ? null : Number(row.messageId) }));
}
