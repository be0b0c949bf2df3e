/** One activity as Vidhuk keeps it: validated, normalised, identified. */

export interface Activity {
  /** UUID of the activity's identity, see `identity.ts`. */
  key: string;
  source: string;
  /** Index in its batch's array; with the batch's id it points to the element as received. */
  position: number;
  /** ms since 1970, UTC. */
  occurredAt: number;
  /** Upper case; READ for its aliases OPENED and RECEIVED. */
  status: string;
  /** Lower case, without spaces, hyphens and underscores; null where the sender named none. */
  mediaType: string | null;
  iid: string | null;
  /** 1 or more; null for anonymous activities. */
  contactId: number | null;
  /** Of the channel that the activity went through: e-mail address, phone number or push token. */
  address: string | null;
  email: string | null;
  phone: string | null;
  externalCustomerId: string | null;
  hardBounce: boolean;
  statusDescription: string | null;
  /** Category keys, sorted, each once; null where the activity names none. */
  subscriptions: string[] | null;
  messageId: number | null;
  messageInstanceId: number | null;
  messageName: string | null;
  messageTags: string[];
  broadcastId: number | null;
  workflowId: number | null;
  /** One run of the workflow for one contact; joins requests of its block "Webhook". */
  workflowInstanceId: string | null;
  clickEventLink: string | null;
}

/** Why an element is in quarantine; a support person filters by it. */
export const rejectionReasons = [
  'not-json',
  'too-many-elements',
  'not-an-object',
  'too-deep',
  'bad-text',
  'invalid-field',
  'bad-date',
  'refused-by-database',
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

/** What a broken element still tells, see `rejection-hint.ts`. */
export interface RejectionHint {
  /** null where none can be read. */
  contactId: number | null;
  /** Sound, it would have forbidden to write to somebody, or allowed it again: it is the first to be mended. */
  movesFlag: boolean;
}

/** A broken element: kept, shown, and resubmitted once it is mended. */
export interface Rejection extends RejectionHint {
  position: number;
  reason: RejectionReason;
  /** What is wrong, in words, with the field's name. */
  detail: string;
  /** The element's text as received. */
  raw: string;
}
