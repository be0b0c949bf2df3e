import type { HandlerActivity, HandlerRequest } from '../handlers/handler.js';

/** The activity as it stands in the ledger; the ids and snapshots are columns of their own. */
export type PlannedActivity = Omit<HandlerActivity, 'followUpId' | 'contact' | 'previous'>;

/** The same of a request of the workflow block. */
export type PlannedRequest = Omit<HandlerRequest, 'followUpId' | 'contact' | 'previous'>;

/** What a row of the ledger is about, in its column `activity`; a request says `"type": "workflow"`. */
export type PlannedSubject = PlannedActivity | PlannedRequest;
