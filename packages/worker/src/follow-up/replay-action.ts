/** Plans an action for what happened in the past, as if it had been configured then. */
import type { Configuration } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { isAbout, type People } from '../activity/people.js';
import { throughConflicts } from '../db/through-conflicts.js';
import { inTransaction } from '../db/transaction.js';
import type { Action } from './action.js';
import { backtest } from './backtest.js';
import { backtestRequests } from './backtest-requests.js';
import { followUpId } from './follow-up-id.js';
import { planOf } from './planner.js';
import { findRequestContacts } from './sql/find-request-contacts.js';
import { findPlanned, findTurned } from './sql/find-planned.js';
import { insertFollowUps, type PlannedFollowUp } from './sql/insert-follow-ups.js';
import { lockRequestContacts } from './sql/lock-request-contacts.js';
import { planOfRequest } from './workflow-planner.js';

export interface ActionReplay {
  /** In order of time. */
  planned: PlannedFollowUp[];
  /** So many more have a row in the ledger already. */
  known: number;
}

const pageSize = 1_000;

/**
 * What the action would be called for since `since`. With `again` all of it, else only what the ledger has no row for, in whatever state; with `becomes`
 * also nothing of a contact for whom it was called for another activity of the same batch.
 */
export async function findReplay(
  dataSource: DataSource,
  action: Action,
  { since, again }: { since: Date; again: boolean },
  sources: Configuration['sources'],
): Promise<ActionReplay> {
  const all = await candidates(dataSource, action, since, sources);
  if (again) return { planned: all, known: 0 };
  const fresh: PlannedFollowUp[] = [];
  for (let start = 0; start < all.length; start += pageSize) {
    const some = all.slice(start, start + pageSize);
    const known = await findPlanned(dataSource, some);
    const turned = action.when.becomes === null ? new Set() : await findTurned(dataSource, some);
    fresh.push(...some.filter(({ id, activity }) => !known.has(id) && !turned.has(activity.key)));
  }
  return { planned: fresh, known: all.length - fresh.length };
}

async function candidates(
  dataSource: DataSource,
  action: Action,
  since: Date,
  sources: Configuration['sources'],
): Promise<PlannedFollowUp[]> {
  if (action.when.request === null) {
    const { activities } = await backtest(dataSource, action, since, sources);
    return activities.map((activity) => planOf(action, activity, null));
  }
  const { requests } = await backtestRequests(dataSource, action, since);
  return requests.map((request) => planOfRequest(action, request));
}

/** Under another id, which the receiver has not seen: the same for the same `nth` time. */
export const underNewKey = (planned: PlannedFollowUp, nth: number): PlannedFollowUp => ({
  ...planned,
  id: followUpId(`${planned.action} again ${nth}`, {
    key: planned.activity.key,
    occurredAt: new Date(planned.activity.occurredAt).getTime(),
  }),
});

/** Who was erased, as of now, and until the end of the transaction. */
interface Erased {
  upToDate(client: ClientBase): Promise<{ peopleOf(source: string): People }>;
}

/** Plans them, each once whoever else does the same; gives how many were planned. Erased people are left out. */
export function planReplay(dataSource: DataSource, planned: readonly PlannedFollowUp[], erased: Erased): Promise<number> {
  return throughConflicts(() =>
    inTransaction(dataSource, async (client) => {
      const known = await erased.upToDate(client);
      const named = await withContacts(client, planned);
      const living = named.filter(
        ({ activity }) => !isAbout(known.peopleOf(activity.source), activity, () => JSON.stringify(activity)),
      );
      if (living.length === 0) return 0;
      if (living.some(({ maxPerContact }) => maxPerContact !== null)) await lockRequestContacts(client, living);
      return insertFollowUps(client, living);
    }),
  );
}

/** Requests without a contact mean whoever has their address. */
async function withContacts(client: ClientBase, planned: readonly PlannedFollowUp[]): Promise<readonly PlannedFollowUp[]> {
  const unnamed = planned.flatMap(({ activity }) =>
    'type' in activity && activity.contactId === null ? [{ ...activity, id: activity.key }] : [],
  );
  if (unnamed.length === 0) return planned;
  const contacts = await findRequestContacts(client, unnamed);
  return planned.map((each) => {
    const contactId = each.activity.contactId ?? contacts.get(each.activity.key) ?? null;
    return { ...each, activity: { ...each.activity, contactId } };
  });
}
