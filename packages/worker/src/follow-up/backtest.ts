/** What an action would have done with the log as it is; nothing is called and nothing is written. */
import type { Configuration } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { Activity } from '../activity/activity.js';
import { parseBatch } from '../activity/parse-batch.js';
import { movedColumns, type TimeColumn } from '../projection/rules.js';
import type { Action } from './action.js';
import { turned, type Flags, type Turn } from './match.js';

interface BatchBody {
  id: string;
  source: string;
  received_at: Date;
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
 * What the action would have done with the activities since `since`. For `becomes` and `maxPerContact` activities are taken in order of time, from the
 * first batch that is kept on; what arrived late counts at its own time.
 */
export async function backtest(
  dataSource: DataSource,
  action: Action,
  since: Date,
  sources: Configuration['sources'],
): Promise<Backtest> {
  const { when, maxPerContact } = action;
  const { becomes } = when;
  const from = becomes === null && maxPerContact === null ? since : new Date(0);
  const activities = new Map<string, Activity>();
  for await (const { source, body } of batchesSince(dataSource, from)) {
    const parsed = parseBatch(body, { source, timeZone: sources[source]?.timeZone ?? 'UTC' });
    for (const activity of parsed.activities)
      if (becomes !== null || when.matches(activity)) activities.set(activity.key, activity);
  }
  const inOrder = [...activities.values()].sort((a, b) => a.occurredAt - b.occurredAt || (a.key < b.key ? -1 : 1));
  const firing =
    becomes === null ? inOrder : turns(inOrder, becomes.turn, becomes.channel).filter((activity) => when.matches(activity));
  const held = maxPerContact === null ? new Set<Activity>() : heldBack(firing, maxPerContact);
  const recent = firing.filter((activity) => activity.occurredAt >= since.getTime());
  const called = recent.filter((activity) => !held.has(activity));
  return { activities: called, held: recent.length - called.length };
}

/**
 * Those of `firing`, which are in order of time, that would be one too many for their contact: counted as `insert-follow-ups.ts` does, but by the time
 * of the activities, as when they were planned is not known; that is about the same while the feed is live.
 */
function heldBack(firing: readonly Activity[], { count, perMs }: NonNullable<Action['maxPerContact']>): Set<Activity> {
  const planned = new Map<string, number[]>();
  const held = firing.filter(({ source, contactId, occurredAt }) => {
    if (contactId === null) return false;
    const key = `${source} ${contactId}`;
    const times = planned.get(key) ?? [];
    if ((times.at(-count) ?? Number.NEGATIVE_INFINITY) > occurredAt - perMs) return true;
    planned.set(key, times);
    times.push(occurredAt);
    return false;
  });
  return new Set(held);
}

async function* batchesSince(dataSource: DataSource, since: Date): AsyncGenerator<BatchBody> {
  let last: { received_at: Date; id: string } = { received_at: since, id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const page = await dataSource.query<BatchBody[]>(
      `select id, source, received_at, body from vidhuk.batch
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

type ChannelTimes = Partial<Record<TimeColumn, number>>;

/** Those of `activities`, which are in order of time, at which the flag turns. */
function turns(activities: readonly Activity[], turn: Turn, ofChannel: boolean): Activity[] {
  const contacts = new Map<string, Map<string, ChannelTimes>>();
  return activities.filter((activity) => {
    if (activity.contactId === null) return false;
    const key = `${activity.source} ${activity.contactId}`;
    const channels = contacts.get(key) ?? new Map<string, ChannelTimes>();
    contacts.set(key, channels);
    const times = channels.get(activity.mediaType) ?? {};
    channels.set(activity.mediaType, times);
    const flags = () => (ofChannel ? flagsOf(times) : anyOf([...channels.values()].map(flagsOf)));
    const before = flags();
    for (const column of movedColumns(activity)) times[column] = activity.occurredAt;
    return turned(turn, before, flags());
  });
}

/** As the generated columns of `contact_channel_status` decide. */
function flagsOf(times: ChannelTimes): Flags {
  const holds = (at: number | undefined, endedAt: number | undefined) =>
    at !== undefined && (endedAt === undefined || at >= endedAt);
  return {
    blacklisted: holds(times.blacklisted_at, times.last_delivered_at),
    unsubscribed: holds(times.unsubscribed_at, times.resubscribed_at),
  };
}

function anyOf(flags: readonly Flags[]): Flags {
  return { blacklisted: flags.some((f) => f.blacklisted), unsubscribed: flags.some((f) => f.unsubscribed) };
}
