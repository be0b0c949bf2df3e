/** What an action would have done with the log as it is; nothing is called and nothing is written. */
import type { BatchOrigin, Configuration } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { Activity } from '../activity/activity.js';
import { parseBatch } from '../activity/parse-batch.js';
import { parseContextOf } from '../activity/parse-context.js';
import { decideChannel, usualOptIn, type OptInRule } from '../projection/decide.js';
import { isAboutContact, movedColumns, type TimeColumn } from '../projection/rules.js';
import type { Batch } from '../projection/batch.js';
import type { Action } from './action.js';
import { ContactGuard } from './contact-guard.js';
import { isTooOld } from './max-age.js';
import { turned, type Flags, type Turn } from './match.js';

interface BatchBody {
  id: string;
  source: string;
  origin: BatchOrigin;
  received_at: Date;
  processed_at: Date;
  body: Buffer;
}

/** Bodies read at once. */
const pageSize = 50;

export interface Backtest {
  /** It would have been called for these, in order of time. */
  activities: Activity[];
  /** So many more `maxPerContact` would have held back. */
  held: number;
}

/**
 * What the action would have done with the activities since `since`. For `becomes` activities are taken in order of time; what arrived late counts at
 * its own time. For `becomes` and `maxPerContact` they are taken from the first batch that is kept on: what was before decides what comes after.
 */
export async function backtest(
  dataSource: DataSource,
  action: Action,
  since: Date,
  sources: Configuration['sources'],
): Promise<Backtest> {
  const { when, maxPerContact } = action;
  const { becomes } = when;
  const guard = maxPerContact === null ? undefined : new ContactGuard(maxPerContact);
  const called: Activity[] = [];
  let held = 0;
  const plan = ({ activity, plannedAt, batch }: Logged) => {
    if (isTooOld(when, activity, batch)) return;
    const isHeld = guard?.holds(activity, plannedAt) ?? false;
    if (activity.occurredAt < since.getTime()) return;
    if (isHeld) held++;
    else called.push(activity);
  };
  const batches = batchesSince(dataSource, becomes === null && guard === undefined ? since : new Date(0));
  if (becomes === null) {
    for await (const logged of loggedBy(batches, sources, (activity) => when.matches(activity))) plan(logged);
  } else {
    const all: Logged[] = [];
    for await (const logged of loggedBy(batches, sources, () => true)) all.push(logged);
    const inOrder = all.map(({ activity }) => activity).sort(byTimeAndKey);
    const turning = new Set(turns(inOrder, becomes.turn, becomes.channel, (source) => sources[source]?.optIn ?? usualOptIn));
    for (const logged of all) if (turning.has(logged.activity) && when.matches(logged.activity)) plan(logged);
  }
  return { activities: called.sort(byTimeAndKey), held };
}

/** An activity and when the transaction that logged it planned its follow-ups, ms since 1970. */
interface Logged {
  activity: Activity;
  plannedAt: number;
  batch: Pick<Batch, 'origin' | 'receivedAt'>;
}

/** The `wanted` activities, each once, in the order in which their batches were received; it is that of planning, but for batches processed at once. */
async function* loggedBy(
  batches: AsyncIterable<BatchBody>,
  sources: Configuration['sources'],
  wanted: (activity: Activity) => boolean,
): AsyncGenerator<Logged> {
  const seen = new Set<string>();
  for await (const { source, body, origin, received_at: receivedAt, processed_at: processedAt } of batches) {
    const { activities } = parseBatch(body, { ...parseContextOf(sources, source, receivedAt.getTime()), stubs: true });
    for (const activity of activities.filter(wanted).sort(byTimeAndKey)) {
      if (seen.has(activity.key)) continue;
      seen.add(activity.key);
      yield { activity, plannedAt: processedAt.getTime(), batch: { origin, receivedAt } };
    }
  }
}

const byTimeAndKey = (a: Activity, b: Activity): number => a.occurredAt - b.occurredAt || (a.key < b.key ? -1 : 1);

async function* batchesSince(dataSource: DataSource, since: Date): AsyncGenerator<BatchBody> {
  let last: { received_at: Date; id: string } = { received_at: since, id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const page = await dataSource.query<BatchBody[]>(
      `select id, source, origin, received_at, processed_at, body from vidhuk.batch
       where body is not null and received_at >= $1 and (date_trunc('milliseconds', received_at), id) > ($1, $2::uuid)
       order by date_trunc('milliseconds', received_at), id limit ${pageSize}`,
      [last.received_at, last.id],
    );
    yield* page;
    const end = page.at(-1);
    if (end === undefined || page.length < pageSize) return;
    last = end;
  }
}

type Moments = Partial<Record<TimeColumn, number>>;

interface Known {
  own: Moments;
  channels: Map<string, Moments>;
}

type OptIns = (source: string) => OptInRule;

/** Those of `activities`, which are in order of time, at which the flag turns. */
function turns(activities: readonly Activity[], turn: Turn, ofChannel: boolean, optInOf: OptIns): Activity[] {
  const contacts = new Map<string, Known>();
  return activities.filter((activity) => {
    const { source, contactId, mediaType } = activity;
    if (contactId === null) return false;
    const key = `${source} ${contactId}`;
    const known = contacts.get(key) ?? { own: {}, channels: new Map<string, Moments>() };
    contacts.set(key, known);
    const aboutContact = isAboutContact(activity);
    const channel = mediaType === null || aboutContact ? undefined : (known.channels.get(mediaType) ?? {});
    if (mediaType !== null && channel !== undefined) known.channels.set(mediaType, channel);
    const concerned = ofChannel && !aboutContact ? [channel ?? {}] : [...known.channels.values()];
    const flags = () => {
      const each = concerned.map((moments) => decideChannel(moments, known.own, optInOf(source)));
      return ofChannel ? each : [anyOf([...each, decideChannel({}, known.own, optInOf(source))])];
    };
    const before = flags();
    for (const column of movedColumns(activity))
      for (const moments of [known.own, channel]) if (moments !== undefined) moments[column] = activity.occurredAt;
    return flags().some((after, index) => turned(turn, before[index], after));
  });
}

function anyOf(flags: readonly Flags[]): Flags {
  return { blacklisted: flags.some((f) => f.blacklisted), unsubscribed: flags.some((f) => f.unsubscribed) };
}
