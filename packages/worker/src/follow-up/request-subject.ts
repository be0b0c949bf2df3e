import type { WorkflowRequest } from '../workflow/workflow-request.js';
import type { PlannedRequest } from './planned-activity.js';

/** Bytes of what the ledger keeps of a body, as JSON; a larger one stands in the table of requests only. */
const maxContentBytes = 64 * 1024;

/** The request as it stands in the ledger, and as handlers get it. */
export function toPlannedRequest(request: WorkflowRequest): PlannedRequest {
  const { id, source, hook, receivedAt, method, query, contentType } = request;
  const { contactId, externalCustomerId, email, phone, workflowInstanceId } = request;
  const at = receivedAt.toISOString();
  return {
    type: 'workflow',
    key: id,
    source,
    hook,
    occurredAt: at,
    method,
    query,
    contentType,
    body: isSmall(request.content) ? request.content : null,
    contactId,
    externalCustomerId,
    email,
    phone,
    workflowInstanceId,
  };
}

const isSmall = (content: unknown): boolean => content === null || Buffer.byteLength(JSON.stringify(content)) <= maxContentBytes;
