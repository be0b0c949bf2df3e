/** What is left of an activity whose person was erased: that it happened, and nothing of whom. */
import type { Activity } from './activity.js';

/** The key of a stub, which no sender uses. */
const mark = 'vidhukErased';

/** The activity without anything that says whose it was. Every field is named here, so that a new one cannot be kept unawares. */
export const anonymise = (activity: Activity): Activity => ({
  key: activity.key,
  source: activity.source,
  position: activity.position,
  occurredAt: activity.occurredAt,
  status: activity.status,
  mediaType: activity.mediaType,
  hardBounce: activity.hardBounce,
  messageId: activity.messageId,
  broadcastId: activity.broadcastId,
  workflowId: activity.workflowId,
  messageInstanceId: null,
  workflowInstanceId: null,
  iid: null,
  contactId: null,
  address: null,
  email: null,
  phone: null,
  externalCustomerId: null,
  statusDescription: null,
  subscriptions: null,
  messageName: null,
  messageTags: [],
  clickEventLink: null,
});

/**
 * What stands in the body in the place of the element: read again, it gives the same activity under the same key. `element` is its text as received; a
 * broken one leaves nothing but its place.
 */
export function stubOf(element: string, activity: Activity | undefined): string {
  if (activity === undefined) return JSON.stringify({ [mark]: true });
  const { activityDateTime } = JSON.parse(element) as { activityDateTime?: unknown };
  const { key, status, mediaType, hardBounce, messageId, broadcastId, workflowId } = activity;
  const kept = { activityDateTime, activityStatus: status, mediaType, hardBounce, messageId, broadcastId, workflowId };
  return JSON.stringify({
    ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null && value !== false)),
    [mark]: key,
  });
}

/** The key of the erased activity, true for a broken element that was erased, `undefined` for what is no stub. */
export function readStub(element: Readonly<Record<string, unknown>>): string | true | undefined {
  const value = Object.hasOwn(element, mark) ? element[mark] : undefined;
  return value === true || (typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value)) ? value : undefined;
}
