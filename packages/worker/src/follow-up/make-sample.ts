/** A made-up activity that an action would be called for, and its contact, to try the action with before the first real one has come. */
import { PermanentError, type Configuration } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { Activity } from '../activity/activity.js';
import { parseBatch } from '../activity/parse-batch.js';
import type { ContactSnapshot } from '../handlers/handler.js';
import { movedColumns } from '../projection/rules.js';
import type { Action } from './action.js';
import { knownMediaTypes, knownStatuses } from './known-values.js';
import { causes } from './match.js';

/** No contact of the platform has it. */
const nobody = 999_999_999_999;

/** Throws where no activity could match: the condition contradicts itself. */
export function makeSample({ when, settings }: Action, sources: Configuration['sources'], now = new Date()): Activity {
  const { when: wanted } = settings;
  const { not = {} } = wanted;
  const id = (values: OneOrMore<number>, excluded: OneOrMore<number>) =>
    pick(values, excluded, [1, ...listOf(excluded).map((each) => each + 1)]);
  const source = pick(wanted.source, not.source, Object.keys(sources));
  const domain = pick(wanted.addressDomain, not.addressDomain, ['example.com', 'example.org', 'made-up.example']);
  const common = {
    activityDateTime: now.toISOString().slice(0, 19),
    iid: 'made-up-by-vidhuk',
    contactId: nobody,
    externalCustomerId: 'made-up-by-vidhuk',
    email: `sample@${domain}`,
    sms: '380500000000',
    viber: '380500000000',
    messageId: id(wanted.messageId, not.messageId),
    messageName: 'A made-up message',
    messageTag: pick(wanted.messageTag, not.messageTag, ['sample', 'made-up-by-vidhuk']),
    broadcastId: id(wanted.broadcastId, not.broadcastId),
    workflowId: id(wanted.workflowId, not.workflowId),
    ...(wanted.hardBounce === undefined ? {} : { hardBounce: wanted.hardBounce }),
  };
  let reasons: string[] = [];
  for (const activityStatus of candidates(wanted.status, knownStatuses))
    for (const mediaType of candidates(wanted.mediaType, knownMediaTypes))
      for (const more of [{}, { hardBounce: true }, { subscriptions: ['news'] }, { subscriptions: [] }]) {
        const element = JSON.stringify({ ...common, activityStatus, mediaType, ...more });
        const [activity] = parseBatch(Buffer.from(element), { source: source ?? 'main', timeZone: 'UTC' }).activities;
        if (activity === undefined) continue;
        reasons = when.mismatches(activity);
        if (reasons.length === 0) return activity;
      }
  throw new PermanentError(`no activity can match this condition: ${reasons.join('; ')}`);
}

type OneOrMore<T> = T | readonly T[] | undefined;

const listOf = <T>(values: OneOrMore<T>): readonly T[] => (values === undefined ? [] : ([values].flat() as T[]));

/** One that is wanted, or else one of `usual`; where it can be had, none that is left out. */
function pick<T>(wanted: OneOrMore<T>, excluded: OneOrMore<T>, usual: readonly T[]): T | undefined {
  const able = wanted === undefined ? usual : listOf(wanted);
  return able.find((each) => !listOf(excluded).includes(each)) ?? able[0];
}

/** The last is for conditions that leave out all that is known. */
const candidates = (wanted: OneOrMore<string>, known: readonly string[]): readonly string[] =>
  wanted === undefined ? [...known, 'made-up'] : listOf(wanted);

/** The contact as it would be after this one activity: every column of `contact_status`. */
export async function sampleContact(dataSource: DataSource, activity: Activity): Promise<ContactSnapshot> {
  const { source, contactId, email, phone, externalCustomerId } = activity;
  const at = new Date(activity.occurredAt).toISOString();
  const moved = movedColumns(activity);
  const known = {
    source,
    contact_id: contactId,
    email,
    phone,
    external_customer_id: externalCustomerId,
    ...Object.fromEntries(moved.map((column) => [column, at])),
    blacklisted: moved.includes('blacklisted_at'),
    unsubscribed: moved.some((column) => causes.unsubscribed.includes(column)),
    reachable: [],
    first_activity_at: at,
    updated_at: at,
  };
  const [row] = await dataSource.query<{ contact: ContactSnapshot }[]>(
    'select to_jsonb(jsonb_populate_record(null::vidhuk.contact_status, $1::jsonb)) as contact',
    [JSON.stringify(known)],
  );
  return row?.contact ?? known;
}
