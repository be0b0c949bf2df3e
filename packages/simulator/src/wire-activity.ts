/** One contact activity as the vendor's sender writes it: their keys, their types, their order of keys. */

/** What `statusData` may hold; empty but for SUBSCRIPTION_CHANGED, both spellings and both depths occur. */
export interface WireSubscriptions {
  subscription?: { subscriptions: string[] } | undefined;
  subscripton?: { subscriptons: string[] } | undefined;
  subscriptions?: string[] | undefined;
  subscriptons?: string[] | undefined;
}

/** Keys as in the vendor's table of webhook parameters; a key that is undefined is left out of the JSON, as they leave it out. */
export interface WireActivity extends WireSubscriptions {
  broadcastId?: number | undefined;
  messageName?: string | undefined;
  workflowId?: number | undefined;
  workflowBlockId?: string | undefined;
  sourceEventKey?: string | undefined;
  sourceEventTypeKey?: string | undefined;
  workflowInstanceId?: string | undefined;
  hardBounce?: boolean | undefined;
  iid?: string | undefined;
  contactId?: number | undefined;
  externalCustomerId?: string | undefined;
  email?: string | undefined;
  sms?: string | undefined;
  viber?: string | undefined;
  webpush?: string | undefined;
  mobilepush?: string | undefined;
  mediaType: string;
  activityStatus: string;
  messageId: number;
  messageInstanceId: number;
  messageTag?: string | undefined;
  activityDateTime: string;
  clickEventLink?: string | undefined;
  statusDescription?: string | undefined;
  viewMessageLink?: string | undefined;
  statusData: WireSubscriptions;
  messageLanguageCode?: string | undefined;
  osName?: string | undefined;
  /** Stands for whatever the vendor adds next: an unknown key must be kept, never rejected. */
  abTestVariant?: string | undefined;
  conversion?: { value: number; currency: string } | undefined;
}

/** The vendor's `activityDateTime`: `YYYY-MM-DDTHH:MM:SS` in UTC, without an offset. */
export function wireDateTime(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().slice(0, 19);
}
