/** What an action with `workflow` would have done with the requests as they are kept; nothing is called and nothing is written. */
import type { DataSource } from 'typeorm';
import { readRequests } from '../workflow/sql/read-requests.js';
import type { WorkflowRequest } from '../workflow/workflow-request.js';
import type { Action } from './action.js';
import { ContactGuard } from './contact-guard.js';

export interface RequestBacktest {
  /** It would have been called for these, in order of time. */
  requests: WorkflowRequest[];
  /** So many more `maxPerContact` would have held back, counted among requests that have a contactId. */
  held: number;
}

export async function backtestRequests(dataSource: DataSource, action: Action, since: Date): Promise<RequestBacktest> {
  const { maxPerContact, when } = action;
  const guard = maxPerContact === null ? undefined : new ContactGuard(maxPerContact);
  const result: RequestBacktest = { requests: [], held: 0 };
  const hooks = when.request?.hooks ?? [];
  const from = guard === undefined ? since : new Date(0);
  for await (const request of readRequests(dataSource, { hooks, since: from, newestFirst: false })) {
    if (!when.request?.matches(request)) continue;
    const isHeld = guard?.holds(request, request.processedAt.getTime()) ?? false;
    if (request.receivedAt < since) continue;
    if (isHeld) result.held++;
    else result.requests.push(request);
  }
  return result;
}
