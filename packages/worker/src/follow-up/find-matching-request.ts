/** The latest kept request that an action would be called for. */
import type { DataSource } from 'typeorm';
import { readRequests } from '../workflow/sql/read-requests.js';
import type { WorkflowRequest } from '../workflow/workflow-request.js';
import type { Action } from './action.js';

/** Of its hooks, whose bodies then do not match. */
const mostCandidates = 5_000;

/** null where there is none among the latest of its hooks. */
export async function findMatchingRequest(dataSource: DataSource, { when }: Action): Promise<WorkflowRequest | null> {
  const wanted = { hooks: when.request?.hooks ?? [], since: new Date(0), newestFirst: true, most: mostCandidates };
  for await (const request of readRequests(dataSource, wanted)) if (when.request?.matches(request)) return request;
  return null;
}
