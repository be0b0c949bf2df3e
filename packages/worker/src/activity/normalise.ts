/** From the sender's spelling to ours: statuses, channels, addresses, tags, subscriptions. */
import type { Activity } from './activity.js';
import { identifyElement, identifyMessage } from './identity.js';
import type { WireActivity } from './wire-activity.js';
import { normaliseInstance } from './workflow-instance.js';

/** The vendor's other pages say OPENED and RECEIVED for READ. */
const statusAliases: Readonly<Record<string, string>> = { OPENED: 'READ', RECEIVED: 'READ' };
/** The vendor's table says "Telegram", its API enum `telegrambot`. */
const mediaTypeAliases: Readonly<Record<string, string>> = { telegram: 'telegrambot' };

const filled = (text: string | null | undefined): string | null => {
  const trimmed = text?.trim();
  return trimmed === undefined || trimmed === '' ? null : trimmed;
};

const lookUp = (table: Readonly<Record<string, string>>, name: string): string =>
  Object.hasOwn(table, name) ? (table[name] ?? name) : name;

export function normaliseStatus(status: string): string {
  return lookUp(statusAliases, status.trim().toUpperCase());
}

/** "Web Push" → `webpush`, "In-App" → `inapp`; null where the sender names none, "unknown" included. */
export function normaliseMediaType(mediaType: string | null | undefined): string | null {
  const name = (mediaType ?? '').toLowerCase().replace(/[\s_-]+/g, '');
  return name === '' || name === 'unknown' ? null : lookUp(mediaTypeAliases, name);
}

/** What happens in one channel only needs no name of it: UNSUBSCRIBED and SPAM occur in e-mail alone (vendor's guides), and an opt-out must not be lost. */
const onlyInEmail = new Set(['UNSUBSCRIBED', 'SPAM']);

/** A sound element as an activity: `wire` is what is read of `element`, `subscriptions` were read by {@link readSubscriptions}. */
export function normalise(
  element: Readonly<Record<string, unknown>>,
  wire: WireActivity,
  subscriptions: string[] | null,
  context: { source: string; position: number; occurredAt: number; wallClock: string },
): Activity {
  const { source, position, occurredAt, wallClock } = context;
  const status = normaliseStatus(wire.activityStatus);
  const mediaType = normaliseMediaType(wire.mediaType) ?? (onlyInEmail.has(status) ? 'email' : null);
  const iid = filled(wire.iid);
  const clickEventLink = filled(wire.clickEventLink);
  return {
    key:
      iid === null
        ? identifyElement(source, { ...withoutNulls(element), activityStatus: status, mediaType })
        : identifyMessage({ source, iid, status, wallClock, clickEventLink }),
    source,
    position,
    occurredAt,
    status,
    mediaType,
    iid,
    // The platform counts from 1: 0 and below name nobody.
    contactId: wire.contactId != null && wire.contactId > 0 ? wire.contactId : null,
    address: addressOf(wire, mediaType),
    email: filled(wire.email),
    phone: filled(wire.sms) ?? filled(wire.viber),
    externalCustomerId: filled(wire.externalCustomerId),
    hardBounce: wire.hardBounce ?? false,
    statusDescription: filled(wire.statusDescription),
    subscriptions,
    messageId: wire.messageId ?? null,
    messageInstanceId: wire.messageInstanceId ?? null,
    messageName: filled(wire.messageName),
    messageTags: tagsOf(wire.messageTag),
    broadcastId: wire.broadcastId ?? null,
    workflowId: wire.workflowId ?? null,
    workflowInstanceId: normaliseInstance(element.workflowInstanceId),
    clickEventLink,
  };
}

/** An absent key may also be sent as null. */
const withoutNulls = (element: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(element).filter(([, value]) => value !== null));

function tagsOf(joined: string | null | undefined): string[] {
  if (joined === null || joined === undefined) return [];
  return joined
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

type AddressField = 'email' | 'sms' | 'viber' | 'webpush' | 'mobilepush';

/** The vendor's Viber sample puts the phone in `sms`. A map, because the sender may name a channel `constructor`. */
const addressFields: ReadonlyMap<string, readonly AddressField[]> = new Map([
  ['email', ['email']],
  ['sms', ['sms']],
  ['viber', ['viber', 'sms']],
  ['webpush', ['webpush']],
  ['mobilepush', ['mobilepush']],
]);
/** Channels without an address of their own show the one that came along. */
const anyAddressField: readonly AddressField[] = ['email', 'sms', 'viber', 'mobilepush', 'webpush'];

function addressOf(wire: WireActivity, mediaType: string | null): string | null {
  for (const field of (mediaType === null ? undefined : addressFields.get(mediaType)) ?? anyAddressField) {
    const address = filled(wire[field]);
    if (address !== null) return address;
  }
  return null;
}

/**
 * The category keys of a SUBSCRIPTION_CHANGED, sorted, each once; null where there are none to be found, `invalid` where they are neither texts nor
 * whole numbers.
 * Both spellings of the vendor's table count (`subscripton`, `subscriptons`), at the top, inside `subscription`, and inside `statusData`.
 */
export function readSubscriptions(element: Readonly<Record<string, unknown>>): string[] | null | 'invalid' {
  const { statusData } = element;
  const places = [element, ...(Array.isArray(statusData) ? (statusData as unknown[]) : [statusData])].filter(isRecord);
  for (const place of places.flatMap((p) => [p, p.subscription, p.subscripton]).filter(isRecord)) {
    const list = place.subscriptions ?? place.subscriptons;
    if (list === undefined || list === null) continue;
    if (!Array.isArray(list) || !list.every((key) => typeof key === 'string' || Number.isSafeInteger(key))) return 'invalid';
    return [...new Set(list.map(String))].sort();
  }
  return null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
