import type { ClientBase } from 'pg';
import {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  learnTypes,
  RowArray,
  textColumn,
  timeColumn,
  uuidColumn,
} from '../../db/rows/row-array.js';
import type { WorkflowRequest } from '../workflow-request.js';

const requestRows = new RowArray<WorkflowRequest>('vidhuk.workflow_request_input', [
  uuidColumn('key', (request) => request.key),
  uuidColumn('id', (request) => request.id),
  textColumn('source', (request) => request.source),
  textColumn('hook', (request) => request.hook),
  timeColumn('received_at', (request) => request.receivedAt.getTime()),
  textColumn('method', (request) => request.method),
  textColumn('query', (request) => JSON.stringify(request.query)),
  textColumn('content_type', (request) => request.contentType),
  bytesColumn('body', (request) => request.body),
  bigintColumn('contact_id', (request) => request.contactId),
  textColumn('external_customer_id', (request) => request.externalCustomerId),
  textColumn('email', (request) => request.email),
  textColumn('phone', (request) => request.phone),
  textColumn('workflow_instance_id', (request) => request.workflowInstanceId),
  booleanColumn('erased', (request) => request.erased ?? false),
]);

const columns =
  'id, source, hook, received_at, method, query, content_type, body, contact_id, external_customer_id, email, phone, workflow_instance_id, erased';

/**
 * Where a repetition is dropped: by its key in a table of its own, see the migration. In order, so that two transactions with the same requests wait for
 * each other instead of deadlocking.
 */
const sql = `
  with given as materialized (select * from ${requestRows.unnested}),
  fresh as (
    insert into vidhuk.workflow_request_key (key, request_id, received_at) select key, id, received_at from given order by key, id
    on conflict (key) do nothing
    returning request_id
  )
  insert into vidhuk.workflow_request (${columns})
  select ${columns.replace('query', 'query::jsonb')} from given where id in (select request_id from fresh)
  returning id`;

/** Gives the ids of those that nobody had brought before. */
export async function insertRequests(client: ClientBase, requests: readonly WorkflowRequest[]): Promise<ReadonlySet<string>> {
  await learnTypes(client, [requestRows]);
  const bytes = requests.reduce((sum, { body }) => sum + body.length, 0);
  const values = [requestRows.parameter(client, requestRows.encode(requests, bytes))];
  const { rows } = await client.query<{ id: string }>({ name: 'insert-requests', text: sql, values });
  return new Set(rows.map(({ id }) => id));
}
