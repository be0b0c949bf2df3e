import type { HandlerActivity } from '../handlers/handler.js';

/** The activity as it stands in the ledger; the ids and snapshots are columns of their own. */
export type PlannedActivity = Omit<HandlerActivity, 'followUpId' | 'contact' | 'previous'>;
