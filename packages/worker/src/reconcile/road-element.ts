/** From the names and the spelling of the API, the export and files to those of the webhook: the same activity then has the same identity. */
import type { RoadElement } from './road.js';

/** Keys of the webhook (the vendor's table, and what the samples have). */
const webhookNames = [
  ...[
    'activityDateTime',
    'activityStatus',
    'iid',
    'contactId',
    'externalCustomerId',
    'email',
    'sms',
    'viber',
    'webpush',
    'mobilepush',
  ],
  ...[
    'mediaType',
    'hardBounce',
    'statusDescription',
    'statusData',
    'broadcastId',
    'messageId',
    'messageInstanceId',
    'messageName',
  ],
  ...[
    'messageTag',
    'workflowId',
    'workflowInstanceId',
    'workflowBlockId',
    'sourceEventId',
    'sourceEventKey',
    'sourceEventTypeId',
  ],
  ...[
    'sourceEventTypeKey',
    'viewMessageLink',
    'clickEventLink',
    'from',
    'messageLanguageCode',
    'osName',
    'osType',
    'subscriptions',
  ],
];

/** Of the API, of the export, and of older exports. */
const otherNames: Readonly<Record<string, string>> = {
  webPushToken: 'webpush',
  mobPushToken: 'mobilepush',
  mobilePushToken: 'mobilepush',
  activity: 'activityStatus',
  status: 'activityStatus',
  started: 'activityDateTime',
  errorCode: 'statusDescription',
  messageTags: 'messageTag',
  eventId: 'sourceEventId',
  eventKey: 'sourceEventKey',
  eventTypeId: 'sourceEventTypeId',
  eventTypeKey: 'sourceEventTypeKey',
};

const folded = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, '');

const known: ReadonlyMap<string, string> = new Map([
  ...Object.entries(otherNames).map(([name, webhook]): [string, string] => [folded(name), webhook]),
  ...webhookNames.map((name): [string, string] => [folded(name), name]),
]);

/** The webhook's name of a field, whatever its case, `contact_id` too; undefined for a field that the webhook does not have. */
export const webhookNameOf = (name: string): string | undefined => known.get(folded(name));

/** Fields of which a file may hold JSON. */
const structured = new Set(['statusData', 'subscriptions']);

/**
 * One row as the webhook would have written it. What is empty is left out; what the webhook does not have keeps its name. Where two fields mean the
 * same, the webhook's own name wins.
 */
export function toWebhookElement(row: Readonly<Record<string, unknown>>): RoadElement {
  const element: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined || value === '') continue;
    const target = webhookNameOf(name) ?? name;
    if (target in element && name !== target) continue;
    Object.defineProperty(element, target, {
      value: valueOf(target, value),
      ...{ enumerable: true, writable: true, configurable: true }, // also for a field __proto__
    });
  }
  return element;
}

function valueOf(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (name === 'activityDateTime') return asWallClock(value);
  return structured.has(name) && /^[[{]/.test(value) ? parsed(value) : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const times = /^\s*(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|[+-]\d\d(?::?\d\d)?)?\s*$/;

/** As the webhook writes it: whole seconds, a T. PostgreSQL writes a space, fractions, and offsets such as `+00`; what is no time stays as it is. */
function asWallClock(text: string): string {
  const [, date, time, offset = ''] = times.exec(text) ?? [];
  if (date === undefined || time === undefined) return text;
  return `${date}T${time}${/^[+-]\d\d$/.test(offset) ? `${offset}:00` : offset}`;
}
