import type { DataSource } from 'typeorm';

/** A row of the log as far as one without iid is told by it. */
export interface AlikeRow {
  key: string;
  occurredAt: number;
  status: string;
  contactId: number | null;
  mediaType: string | null;
  messageInstanceId: number | null;
}

const sql = `
  select activity_key as key, extract(epoch from occurred_at)::float8 * 1000 as "occurredAt", status, contact_id::float8 as "contactId",
    media_type as "mediaType", message_instance_id::float8 as "messageInstanceId"
  from vidhuk.activity where source = $1 and iid is null and occurred_at = any($2::timestamptz[])
  order by activity_key`;

/** The rows without iid of these times, ms since 1970. */
export const findAlike = (dataSource: DataSource, source: string, times: readonly number[]): Promise<AlikeRow[]> =>
  dataSource.query<AlikeRow[]>(sql, [source, times.map((time) => new Date(time).toISOString())]);
