/** What every alternative is made of: a queue of its own choice, and the same work for each event. */
import type { Stores } from '../contestant.js';

/** One element of a webhook body, as the vendor sent it. */
export type WebhookEvent = Record<string, unknown>;

export interface Alternative {
  /** Short, for a table. */
  name: string;
  /** So many keep it busy for some seconds. */
  activities: number;
  /** Makes what its queue needs in the empty stores. */
  prepare?: (stores: Stores) => Promise<void>;
  /** Gives what puts one job per event into the queue; it resolves when all of them are there durably. */
  openQueue: (stores: Stores) => Promise<(events: WebhookEvent[]) => Promise<void>>;
  /** Connects a worker and gives what lets it begin. It calls `done` for each event that is committed, and throws for one that fails for good. */
  openWorker: (stores: Stores, done: () => void) => Promise<() => void>;
}
