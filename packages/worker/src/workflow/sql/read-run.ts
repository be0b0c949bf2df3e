import type { DataSource } from 'typeorm';

/** What happened in one run of a workflow: a request that it made, or an activity of a message that it sent. */
export interface RunStep {
  /** When: of a request the time of its receipt, of an activity its own. */
  at: Date;
  kind: 'request' | 'activity';
  source: string;
  contactId: number | null;
  /** Of a request. */
  request: {
    id: string;
    hook: string;
    method: string;
    query: Record<string, string | string[]>;
    contentType: string | null;
    /** As text; null where it is not UTF-8. */
    body: string | null;
    bytes: number;
    externalCustomerId: string | null;
    email: string | null;
    phone: string | null;
  } | null;
  /** Of an activity. */
  activity: {
    key: string;
    status: string;
    mediaType: string | null;
    messageId: number | null;
    workflowId: number | null;
    iid: string | null;
    statusDescription: string | null;
    clickEventLink: string | null;
  } | null;
}

/**
 * By the two indexes of runs. Requests first where the times are the same: the platform writes whole seconds. A body is sent as it is: what is no UTF-8 could
 * not be converted, and would refuse all.
 */
const sql = `
  select * from (
    select received_at as at, 'request' as kind, source, contact_id, id, json_build_object('id', id, 'hook', hook, 'method', method, 'query', query,
      'contentType', content_type, 'bytes', length(body), 'externalCustomerId', external_customer_id, 'email', email, 'phone', phone) as about, body
    from vidhuk.workflow_request where workflow_instance_id = $1
    union all
    select occurred_at, 'activity', source, contact_id, activity_key, json_build_object('key', activity_key, 'status', status, 'mediaType', media_type,
      'messageId', message_id, 'workflowId', workflow_id, 'iid', iid, 'statusDescription', status_description, 'clickEventLink', click_event_link), null
    from vidhuk.activity where workflow_instance_id = $1
  ) as steps
  where $2::text is null or source = $2
  order by at, kind desc, id
  limit $3`;

interface Row {
  at: Date;
  kind: RunStep['kind'];
  source: string;
  contact_id: string | null;
  about: unknown;
  body: Buffer | null;
}

/** The first `limit` steps of the run, in order of time. `instance`: normalised, see `normaliseInstance`. */
export async function readRun(
  dataSource: DataSource,
  instance: string,
  { source, limit }: { source: string | null; limit: number },
): Promise<RunStep[]> {
  const rows = await dataSource.query<Row[]>(sql, [instance, source, limit]);
  return rows.map(({ at, kind, source: from, contact_id, about, body }) => ({
    at,
    kind,
    source: from,
    contactId: contact_id === null ? null : Number(contact_id),
    request: kind === 'request' ? { ...(about as NonNullable<RunStep['request']>), body: textOf(body) } : null,
    activity: kind === 'activity' ? (about as RunStep['activity']) : null,
  }));
}

const textOf = (body: Buffer | null): string | null => {
  const text = body?.toString('utf8') ?? null;
  return text !== null && Buffer.from(text, 'utf8').equals(body ?? Buffer.alloc(0)) ? text : null;
};
