/** What an action with `on: erase` is handed: that a person was erased, and by which ids another system may know them. */
import type { PlannedActivity } from './planned-activity.js';

export interface ErasedContact {
  source: string;
  contactId: number;
  externalCustomerId: string | null;
}

/** In the ledger: no activity that comes in has it. */
export interface PlannedErasure extends PlannedActivity {
  erasure: true;
}

/**
 * As an activity with the status ERASED, so that every handler takes it. No address and no name: the two ids are what another system needs to find the
 * person, and no more. `key`: UUID; `at`: ISO 8601.
 */
export const erasureOf = ({ source, contactId, externalCustomerId }: ErasedContact, key: string, at: string): PlannedErasure => ({
  ...{ erasure: true, key, source, status: 'ERASED', occurredAt: at, contactId, externalCustomerId },
  mediaType: null,
  iid: null,
  address: null,
  email: null,
  phone: null,
  hardBounce: false,
  statusDescription: null,
  subscriptions: null,
  messageId: null,
  messageInstanceId: null,
  messageName: null,
  messageTags: [],
  broadcastId: null,
  workflowId: null,
  workflowInstanceId: null,
  clickEventLink: null,
});
