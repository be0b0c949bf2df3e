import type { DataSource } from 'typeorm';
import { readContent } from '../read-content.js';
import type { WorkflowRequest } from '../workflow-request.js';

/** A request as it is kept. */
export interface KeptRequest extends WorkflowRequest {
  /** When the transaction that stored it planned its follow-ups. */
  processedAt: Date;
}

/** Read at once. */
const pageSize = 100;

/** By id, which is the time of receipt, newest or oldest first. */
const sqlFor = (newestFirst: boolean): string => `
  select id, source, hook, received_at as "receivedAt", processed_at as "processedAt", method, query, content_type as "contentType", body,
    contact_id as "contactId", external_customer_id as "externalCustomerId", email, phone, workflow_instance_id as "workflowInstanceId"
  from vidhuk.workflow_request
  where hook = any($1::text[]) and not erased and received_at >= $2 and ($3::uuid is null or id ${newestFirst ? '<' : '>'} $3)
  order by id ${newestFirst ? 'desc' : ''} limit ${pageSize}`;

type Row = Omit<KeptRequest, 'key' | 'content' | 'contactId'> & { contactId: string | null };

/** The requests of these hooks, one after the other; at most `most` are looked at. */
export async function* readRequests(
  dataSource: DataSource,
  { hooks, since, newestFirst, most = Infinity }: { hooks: readonly string[]; since: Date; newestFirst: boolean; most?: number },
): AsyncGenerator<KeptRequest, void> {
  let last: string | null = null;
  for (let seen = 0; seen < most; seen += pageSize) {
    const page: Row[] = await dataSource.query(sqlFor(newestFirst), [hooks, since, last]);
    for (const { contactId, ...row } of page)
      yield {
        ...row,
        key: row.id,
        contactId: contactId === null ? null : Number(contactId),
        content: readContent(row.body, row.contentType),
      };
    const end = page.at(-1);
    if (end === undefined || page.length < pageSize) return;
    last = end.id;
  }
}
