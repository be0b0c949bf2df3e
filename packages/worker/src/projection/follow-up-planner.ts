/** What the projection needs of whoever plans follow-ups; the room `follow-up` fulfils it. */
import type { ClientBase } from 'pg';
import type { Activity } from '../activity/activity.js';
import type { Fold } from './fold.js';

export interface FollowUpPlanner {
  /**
   * In the transaction, before the statuses change: locks and remembers what the plan depends on. It sends all that it sends before it first waits
   * for an answer, see `inOneGo`.
   */
  before(client: ClientBase, fold: Fold): Promise<PlanFollowUps>;
  /** After the commit: these actions got work. */
  announce(actions: ReadonlySet<string>): void;
}

/** In the transaction, after the statuses have changed: plans what `fresh`, the activities that were new to the log, call for. Gives the actions that got work. */
export type PlanFollowUps = (fresh: readonly Activity[]) => Promise<ReadonlySet<string>>;

/** Where there are no actions. */
export const planNothing: FollowUpPlanner = {
  before: () => Promise.resolve(() => Promise.resolve(new Set<string>())),
  announce: () => undefined,
};
