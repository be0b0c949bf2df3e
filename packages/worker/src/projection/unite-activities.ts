/** One activity as all roads together told it: a pulled one has no hardBounce, an exported one is cut at the width of its column. Pure; the order does not matter. */
import type { Activity } from '../activity/activity.js';
import { compareLists, compareText } from './fold.js';

/** What the log keeps of it; the same is done with stored rows in `sql/log-activities.ts`. */
export function uniteActivities(a: Activity, b: Activity): Activity {
  return {
    ...a,
    contactId: larger(a.contactId, b.contactId),
    messageId: larger(a.messageId, b.messageId),
    messageInstanceId: larger(a.messageInstanceId, b.messageInstanceId),
    broadcastId: larger(a.broadcastId, b.broadcastId),
    workflowId: larger(a.workflowId, b.workflowId),
    workflowInstanceId: longer(a.workflowInstanceId, b.workflowInstanceId),
    hardBounce: a.hardBounce || b.hardBounce,
    mediaType: longer(a.mediaType, b.mediaType),
    statusDescription: longer(a.statusDescription, b.statusDescription),
    clickEventLink: longer(a.clickEventLink, b.clickEventLink),
    subscriptions: greaterList(a.subscriptions, b.subscriptions),
  };
}

/** They say the same, but one of them may say less: nothing is less than any number. */
const larger = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));

/** In bytes; of the same length the greater one. */
function longer(a: string | null, b: string | null): string | null {
  if (a === null || a === b) return b;
  if (b === null) return a;
  return (Buffer.byteLength(a) - Buffer.byteLength(b) || compareText(a, b)) > 0 ? a : b;
}

const greaterList = (a: string[] | null, b: string[] | null): string[] | null =>
  a === null ? b : b === null || compareLists(a, b) > 0 ? a : b;
