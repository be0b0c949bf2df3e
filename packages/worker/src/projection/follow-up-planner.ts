/** What the projection needs of whoever plans follow-ups; the room `follow-up` fulfils it. */
import type { ClientBase } from 'pg';
import type { Activity } from '../activity/activity.js';
import type { Batch } from './batch.js';
import type { ContactRow, Fold } from './fold.js';

export interface FollowUpPlanner {
  /** The contacts that it has to see as they are before the batch. Pure. */
  watched(fold: Fold): readonly ContactRow[];
  /**
   * In the transaction, once all contacts are locked, and before the `watched` ones or any channel change: remembers what the plan depends on. It sends
   * all that it sends before it first waits for an answer, see `inOneGo`.
   */
  before(client: ClientBase, watched: readonly ContactRow[]): Promise<PlanFollowUps>;
  /** Plans as this one does, but for activities that the database refuses to plan, by key with what it says: those are recorded as failed. */
  leavingOut(refused: ReadonlyMap<string, string>): FollowUpPlanner;
  /** After the commit. */
  announce(work: PlannedWork): void;
}

/** An activity that was new to the log, or of which the log knows more now, and the batch that brought this. */
export interface FreshActivity {
  activity: Activity;
  batch: Pick<Batch, 'origin' | 'receivedAt'>;
}

/** By name of the action: how many follow-ups it got, and how many it did not get because the activities were too old. */
export interface PlannedWork {
  planned: ReadonlyMap<string, number>;
  tooOld: ReadonlyMap<string, number>;
}

/** In the transaction, after the statuses have changed: plans what `fresh` calls for. */
export type PlanFollowUps = (fresh: readonly FreshActivity[]) => Promise<PlannedWork>;

export const noWork: PlannedWork = { planned: new Map<string, number>(), tooOld: new Map<string, number>() };

/** Where there are no actions. */
export const planNothing: FollowUpPlanner = {
  watched: () => [],
  before: () => Promise.resolve(() => Promise.resolve(noWork)),
  leavingOut: () => planNothing,
  announce: () => undefined,
};
