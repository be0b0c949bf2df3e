/** From a job of the queue to a request, whatever its bytes are. */
import { pairsOf, unpackBody, type WorkflowJob } from '@vidhuk/shared';
import { fieldsOf, parseContent, storable } from './read-content.js';
import { readFields } from './read-fields.js';
import { requestKey } from './request-key.js';
import type { WorkflowRequest } from './workflow-request.js';

export async function readRequest(job: WorkflowJob): Promise<WorkflowRequest> {
  const { id, source, hook, method, query: encoded, contentType, oncePerRun } = job;
  const body = await unpackBody(job);
  const pairs = fieldsOf(pairsOf(encoded));
  const content = parseContent(body, contentType);
  const fields = readFields(pairs, content, body);
  const { workflowInstanceId } = fields;
  const key = requestKey({ id, source, hook, workflowInstanceId, oncePerRun, method, query: encoded, body });
  const receivedAt = new Date(job.receivedAt);
  return {
    id,
    key,
    source,
    hook,
    receivedAt,
    method,
    query: storable(pairs),
    contentType,
    body,
    content: storable(content),
    ...fields,
  };
}
