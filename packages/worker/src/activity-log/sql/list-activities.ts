import type { DataSource } from 'typeorm';
import { valuesOf, type ActivityFilter, type Bounds } from '../activity-filter.js';
import { rowsWithinTime } from '../within-time.js';
import { askedFor, logWithBodies } from './asked-for.js';

export interface ListedActivity {
  occurredAt: Date;
  source: string;
  status: string;
  mediaType: string | null;
  contactId: number | null;
  /** Of the channel; null where it has none, or its body cannot be read. */
  address: string | null;
  messageId: number | null;
  messageName: string | null;
  workflowId: number | null;
  workflowInstanceId: string | null;
  iid: string | null;
  statusDescription: string | null;
  clickEventLink: string | null;
  key: string;
}

/** In the order of the primary key, so that bodies are read of what is shown only, unless the filter asks for what stands in them. */
const sql = `
  select occurred_at as "occurredAt", source, status, media_type as "mediaType", contact_id::float8 as "contactId", address,
    message_id::float8 as "messageId", message_name as "messageName", workflow_id::float8 as "workflowId", workflow_instance_id as "workflowInstanceId",
    iid, status_description as "statusDescription", click_event_link as "clickEventLink", activity_key as key
  from ${logWithBodies} as log
  where ${askedFor}
  order by occurred_at desc, activity_key desc
  limit $11`;

/** The latest `limit` of those asked for, latest first. */
export const listActivities = (dataSource: DataSource, filter: ActivityFilter, { limit, timeoutMs }: Bounds) =>
  rowsWithinTime<ListedActivity>(dataSource, timeoutMs, sql, [...valuesOf(filter), limit]);
