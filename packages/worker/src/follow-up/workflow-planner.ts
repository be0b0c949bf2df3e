/** Plans follow-ups of requests of the workflow block, inside the transaction that stores them. */
import type { ClientBase } from 'pg';
import type { RequestPlanner } from '../workflow/request-planner.js';
import type { WorkflowRequest } from '../workflow/workflow-request.js';
import type { Action } from './action.js';
import { followUpId } from './follow-up-id.js';
import { toPlannedRequest } from './request-subject.js';
import { findRequestContacts } from './sql/find-request-contacts.js';
import { insertFollowUps, type PlannedFollowUp } from './sql/insert-follow-ups.js';
import { insertRefusedFollowUps } from './sql/insert-refused-follow-ups.js';
import { lockRequestContacts } from './sql/lock-request-contacts.js';

export class WorkflowPlanner implements RequestPlanner {
  readonly #actions: readonly Action[];

  /** `announce` hears, after the commit, what was planned. */
  constructor(
    actions: readonly Action[],
    readonly announce: (planned: ReadonlyMap<string, number>) => void,
  ) {
    this.#actions = actions.filter(({ when }) => when.request !== null);
  }

  async plan(client: ClientBase, fresh: readonly WorkflowRequest[]): Promise<ReadonlyMap<string, number>> {
    const matching = fresh
      .map((request) => ({ request, actions: this.#matching(request) }))
      .filter(({ actions }) => actions.length > 0);
    const counts = new Map<string, number>();
    if (matching.length === 0) return counts;
    const contactIds = await findRequestContacts(
      client,
      matching.map(({ request }) => request),
    );
    const planned = matching.flatMap(({ request, actions }) => {
      const named = { ...request, contactId: request.contactId ?? contactIds.get(request.id) ?? null };
      return actions.map((action) => planOfRequest(action, named));
    });
    // No row of a contact is locked here, which the guard against loops would count under.
    if (planned.some(({ maxPerContact }) => maxPerContact !== null)) await lockRequestContacts(client, planned);
    await insertFollowUps(client, planned);
    for (const { action } of planned) counts.set(action, (counts.get(action) ?? 0) + 1);
    return counts;
  }

  async recordRefused(client: ClientBase, request: WorkflowRequest, reason: string): Promise<void> {
    const { id: key, source, receivedAt, contactId, hook } = request;
    const activity = { key, source, occurredAt: receivedAt.getTime(), contactId, status: hook };
    await insertRefusedFollowUps(
      client,
      this.#matching(request).map(({ name }) => ({ id: followUpId(name, activity), action: name, activity, reason })),
    );
  }

  #matching(request: WorkflowRequest): Action[] {
    return this.#actions.filter(({ when }) => when.request?.matches(request));
  }
}

export function planOfRequest({ name, dryRun, maxPerContact }: Action, request: WorkflowRequest): PlannedFollowUp {
  return {
    id: followUpId(name, { key: request.id, occurredAt: request.receivedAt.getTime() }),
    action: name,
    state: dryRun ? 'dry-run' : 'waiting',
    activity: toPlannedRequest(request),
    previous: null,
    maxPerContact,
  };
}
