/** Arbitrary activities for property tests: as Vidhuk keeps them, and as elements of a body, sound and broken. */
import fc from 'fast-check';
import type { Activity } from '../../packages/worker/src/activity/activity.js';
import { identifyElement, identifyMessage } from '../../packages/worker/src/activity/identity.js';

/** Every status of the design's table, and one that the sender may invent tomorrow. */
export const statuses = [
  'SENT',
  'DELIVERED',
  'UNDELIVERED',
  'READ',
  'CLICKED',
  'UNSUBSCRIBED',
  'SPAM',
  'SUBSCRIPTION_CHANGED',
  'INVENTED',
] as const;

/** U+FFFD comes after U+1F600 by UTF-16 units and before it by bytes. */
export const tyingTexts = ['a', 'B', 'é', '\u{FFFD}', '\u{1F600}', 'a\u{FFFD}', 'a\u{1F600}'] as const;

const text = () => fc.option(fc.constantFrom(...tyingTexts), { freq: 2 });
const epoch = Date.UTC(2024, 2, 1);

/** Activities that meet: few contacts, channels, times, iids and values, so that ties and repeated identities are common. */
export const collidingActivity = (source: string): fc.Arbitrary<Activity> =>
  fc
    .record({
      status: fc.constantFrom(...statuses),
      mediaType: fc.option(fc.constantFrom('email', 'sms', 'webpush'), { freq: 8 }),
      occurredAt: fc.integer({ min: 0, max: 4 }).map((step) => epoch + step * 1_000),
      contactId: fc.option(fc.constantFrom(1, 2, 3), { freq: 10 }),
      iid: fc.option(fc.constantFrom('i1', 'i2', 'i3', 'i4', 'i5', 'i6'), { freq: 6 }),
      hardBounce: fc.boolean(),
      statusDescription: text(),
      subscriptions: fc.option(fc.uniqueArray(fc.constantFrom('news', 'x\u{FFFD}', 'x\u{1F600}'), { maxLength: 3 }), { freq: 3 }),
      address: text(),
      email: text(),
      phone: text(),
      externalCustomerId: text(),
      position: fc.nat(5),
    })
    .map(({ subscriptions, ...drawn }) =>
      complete({
        ...drawn,
        source,
        subscriptions: drawn.status === 'SUBSCRIPTION_CHANGED' && subscriptions !== null ? subscriptions.sort() : null,
      }),
    );

/** An activity with everything that is not given left out, under the key of its identity. */
export function complete(given: Partial<Omit<Activity, 'key'>>): Activity {
  const activity: Omit<Activity, 'key'> = {
    source: 'main',
    position: 0,
    occurredAt: epoch,
    status: 'DELIVERED',
    mediaType: 'email',
    iid: null,
    contactId: 1,
    address: null,
    email: null,
    phone: null,
    externalCustomerId: null,
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
    ...given,
  };
  const { source, iid, status, occurredAt, clickEventLink, position: _position, ...element } = activity;
  const wallClock = new Date(occurredAt).toISOString();
  const key =
    iid === null
      ? identifyElement(source, { ...element, status, wallClock, clickEventLink })
      : identifyMessage({ source, iid, status, wallClock, clickEventLink });
  return { ...activity, key };
}

/** Any text that PostgreSQL can store. */
const storable = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\0') && value.isWellFormed());
/** Names that mean something to JavaScript objects are ordinary text for us. */
const name = fc.oneof(storable, fc.constantFrom('constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty'));
const id = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: 1, max: 100 }));
const dateTime = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2099-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19));

/** An element that must become an activity, as text. Unknown keys and statuses are as sound as known ones. */
export const soundElement: fc.Arbitrary<string> = fc
  .tuple(
    fc.record(
      {
        activityDateTime: dateTime,
        activityStatus: fc.oneof(
          fc.constantFrom(...statuses, 'OPENED', 'RECEIVED'),
          name.filter((value) => value !== ''),
        ),
        iid: fc.oneof(fc.uuid(), fc.constant(null)),
        contactId: fc.oneof(id, fc.constant(null)),
        externalCustomerId: name,
        email: fc.oneof(fc.emailAddress(), name),
        sms: name,
        viber: name,
        webpush: name,
        mobilepush: name,
        mediaType: fc.oneof(fc.constantFrom('email', 'Web Push', 'In-App', 'viber', 'sms', 'telegram'), name),
        hardBounce: fc.boolean(),
        statusDescription: name,
        messageId: id,
        messageInstanceId: id,
        messageTag: name,
        clickEventLink: fc.webUrl(),
        statusData: fc.constantFrom({}, null, 'text', 7, { subscription: { subscriptions: ['news'] } }, { subscripton: {} }),
      },
      { requiredKeys: ['activityDateTime', 'activityStatus'] },
    ),
    fc.dictionary(
      name.map((key) => `new ${key}`),
      fc.jsonValue({ maxDepth: 3, noUnicodeString: true }),
      { maxKeys: 3 },
    ),
  )
  .map(([known, unknown]) => JSON.stringify({ ...unknown, ...known }).replace('"new __proto__"', '"__proto__"'))
  .filter((element) => !element.includes(String.raw`\u0000`));

const withField = (field: string): string =>
  `{"activityDateTime":"2024-03-01T08:00:00","activityStatus":"DELIVERED","contactId":1,${field}}`;

/** An element that must be quarantined, as text that is valid JSON. */
export const brokenElement: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('null', '7', 'true', '"DELIVERED"', '[]', '[{}]', '{}', '{"__proto__":{"activityStatus":"READ"}}'),
  fc
    .constantFrom(
      '"contactId":9007199254740993',
      '"contactId":"seven"',
      '"contactId":1.5',
      '"contactId":1e400',
      '"iid":[7]',
      '"email":{}',
      '"hardBounce":"perhaps"',
      '"activityDateTime":"2024-02-30T08:00:00"',
      '"activityDateTime":"03/04/2024"',
      '"activityDateTime":7',
      '"activityStatus":""',
      '"activityStatus":null',
      String.raw`"messageName":"a\u0000b"`,
      String.raw`"x\u0000":1`,
      String.raw`"unknown":["\ud800"]`,
      `"unknown":${'['.repeat(40)}${']'.repeat(40)}`,
      `"sms":"${'0'.repeat(501)}"`,
    )
    .map(withField),
);

const whiteSpace = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 });

/** The elements as a JSON array with white space wherever JSON allows it. */
export const spacedArray = (elements: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(whiteSpace, { minLength: 2 * elements.length + 3, maxLength: 2 * elements.length + 3 })
    .map(
      ([first, ...spaces]) =>
        `${first}[${spaces[0]}${elements.map((element, i) => `${spaces[2 * i + 1]}${element}${spaces[2 * i + 2]}`).join(',')}]${first}`,
    );
