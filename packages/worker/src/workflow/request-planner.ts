/** What storing requests needs of whoever plans follow-ups; the room `follow-up` fulfils it. */
import type { ClientBase } from 'pg';
import type { WorkflowRequest } from './workflow-request.js';

export interface RequestPlanner {
  /** In the transaction, after they were stored: plans what these requests, none of which was known, call for. Gives the number by action. */
  plan(client: ClientBase, fresh: readonly WorkflowRequest[]): Promise<ReadonlyMap<string, number>>;
  /** Where the database refuses that: records it as failed, so that somebody sees it. `reason`: what it says. */
  recordRefused(client: ClientBase, request: WorkflowRequest, reason: string): Promise<void>;
  /** After the commit. */
  announce(planned: ReadonlyMap<string, number>): void;
}
