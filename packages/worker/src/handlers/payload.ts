/** What a handler tells the outside world: the default body of `http-request` and the argument of `postgres-function`. */
import { isRequest, type ContactSnapshot, type HandlerActivity, type HandlerRequest, type HandlerSubject } from './handler.js';

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

interface RequestItem {
  request: Omit<HandlerRequest, 'type' | 'followUpId' | 'key' | 'occurredAt' | 'contact' | 'previous'> & {
    id: string;
    receivedAt: string;
  };
  /** The contact's row in `contact_status`; null where nobody is known. */
  contact: ContactSnapshot | null;
}

/** One request of the workflow block. */
export type RequestPayload = { type: 'workflow'; action: string } & RequestItem;

/** Of an action with `group`, also when only one request has come. */
interface RequestGroupPayload {
  type: 'requests';
  action: string;
  requests: RequestItem[];
}

/** Of one activity or request. */
export const payloadOf = (action: string, subject: HandlerSubject): SinglePayload | RequestPayload =>
  isRequest(subject) ? { type: 'workflow', action, ...requestItem(subject) } : singlePayload(action, subject);

/** Whether a payload can hold them all. */
export const isOneKind = (subjects: readonly HandlerSubject[]): boolean => subjects.every(isRequest) || !subjects.some(isRequest);

/** Of the activities or requests of one call, which are of one kind. */
export function payloadOfGroup(action: string, subjects: readonly HandlerSubject[]): GroupPayload | RequestGroupPayload {
  const requests = subjects.filter(isRequest);
  if (requests.length > 0) return { type: 'requests', action, requests: requests.map(requestItem) };
  return groupPayload(
    action,
    subjects.filter((subject): subject is HandlerActivity => !isRequest(subject)),
  );
}

export function singlePayload(action: string, activity: HandlerActivity): SinglePayload {
  return { type: `activity.${activity.status.toLowerCase()}`, action, ...payloadItem(activity) };
}

function groupPayload(action: string, activities: readonly HandlerActivity[]): GroupPayload {
  return { type: 'activities', action, activities: activities.map(payloadItem) };
}

/** As the one of activities. */
function requestItem(given: HandlerRequest): RequestItem {
  const request: RequestItem['request'] = {
    id: given.key,
    source: given.source,
    hook: given.hook,
    receivedAt: given.occurredAt,
    method: given.method,
    query: given.query,
    contentType: given.contentType,
    body: given.body,
    contactId: given.contactId,
    externalCustomerId: given.externalCustomerId,
    email: given.email,
    phone: given.phone,
    workflowInstanceId: given.workflowInstanceId,
  };
  return { request, contact: given.contact };
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
    workflowInstanceId: given.workflowInstanceId,
    clickEventLink: given.clickEventLink,
  };
  return { activity, contact: given.contact, previous: given.previous };
}
