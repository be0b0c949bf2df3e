/** Requests of the workflow block, as the worker reads them from the queue. */
import { randomUUID } from 'node:crypto';
import { packBody, type WorkflowJob } from '../../packages/shared/src/index.js';
import { readRequest } from '../../packages/worker/src/workflow/read-request.js';
import type { WorkflowRequest } from '../../packages/worker/src/workflow/workflow-request.js';

export type GivenRequest = Partial<Omit<WorkflowJob, 'body' | 'bytes'>> & { body?: string | Buffer | object };

/** A POST of JSON to the hook `order-paid` of `main`, but for what is given. */
export async function requestOf({ body: given = {}, ...rest }: GivenRequest = {}): Promise<WorkflowRequest> {
  const body = Buffer.isBuffer(given) ? given : Buffer.from(typeof given === 'string' ? given : JSON.stringify(given));
  return readRequest({
    id: randomUUID(),
    source: 'main',
    hook: 'order-paid',
    receivedAt: new Date().toISOString(),
    method: 'POST',
    query: '',
    contentType: 'application/json',
    oncePerRun: false,
    ...rest,
    bytes: body.length,
    body: await packBody(body),
  });
}
