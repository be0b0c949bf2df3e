/** What a handler tells the outside world of an activity: the default body of `http-request` and the argument of `postgres-function`. */
import type { ContactSnapshot, HandlerActivity } from './handler.js';

type PublicActivity = Omit<HandlerActivity, 'followUpId' | 'contact' | 'previous'>;

interface PayloadItem {
  activity: PublicActivity;
  /** The contact's row in `contact_status`; null for anonymous activities. */
  contact: ContactSnapshot | null;
  /** The same before its flag turned, for actions with `becomes`. */
  previous: ContactSnapshot | null;
}

/** One activity; its type tells its status: `activity.unsubscribed`. */
export type SinglePayload = { type: string; action: string } & PayloadItem;

/** Of an action with `group`, also when only one activity has come. */
export interface GroupPayload {
  type: 'activities';
  action: string;
  activities: PayloadItem[];
}

export function singlePayload(action: string, activity: HandlerActivity): SinglePayload {
  return { type: `activity.${activity.status.toLowerCase()}`, action, ...payloadItem(activity) };
}

export function groupPayload(action: string, activities: readonly HandlerActivity[]): GroupPayload {
  return { type: 'activities', action, activities: activities.map(payloadItem) };
}

/** Field by field: always in this order, so that a repeat has the same bytes, and a new field goes out only when it is named here. */
function payloadItem(given: HandlerActivity): PayloadItem {
  const activity: PublicActivity = {
    key: given.key,
    source: given.source,
    status: given.status,
    mediaType: given.mediaType,
    occurredAt: given.occurredAt,
    contactId: given.contactId,
    externalCustomerId: given.externalCustomerId,
    address: given.address,
    email: given.email,
    phone: given.phone,
    hardBounce: given.hardBounce,
    statusDescription: given.statusDescription,
    subscriptions: given.subscriptions,
    iid: given.iid,
    messageId: given.messageId,
    messageInstanceId: given.messageInstanceId,
    messageName: given.messageName,
    messageTags: given.messageTags,
    broadcastId: given.broadcastId,
    workflowId: given.workflowId,
    clickEventLink: given.clickEventLink,
  };
  return { activity, contact: given.contact, previous: given.previous };
}
