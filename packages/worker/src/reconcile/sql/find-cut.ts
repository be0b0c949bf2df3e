import type { DataSource } from 'typeorm';
import type { Activity } from '../../activity/activity.js';

/**
 * Of two links of one message, status and time the shorter one is cut when it fills its column and the other one begins with it. `iid` is compared by
 * the recheck: the times are few.
 */
const sql = `
  select wanted.key
  from unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[]) as wanted(key, occurred_at, iid, status, link)
  where exists (
    select from vidhuk.activity a
    where a.source = $1 and a.occurred_at = wanted.occurred_at and a.iid = wanted.iid and a.status = wanted.status
      and (char_length(wanted.link) = $7 and starts_with(a.click_event_link, wanted.link)
        or char_length(a.click_event_link) = $7 and starts_with(wanted.link, a.click_event_link)))`;

/** The keys of those of `wanted` that the log has with a longer link, or with one that was cut itself. `width`: characters of a cut link. */
export async function findCut(
  dataSource: DataSource,
  source: string,
  wanted: readonly Activity[],
  width: number,
): Promise<Set<string>> {
  const rows = await dataSource.query<{ key: string }[]>(sql, [
    source,
    wanted.map(({ key }) => key),
    wanted.map(({ occurredAt }) => new Date(occurredAt).toISOString()),
    wanted.map(({ iid }) => iid),
    wanted.map(({ status }) => status),
    wanted.map(({ clickEventLink }) => clickEventLink),
    width,
  ]);
  return new Set(rows.map(({ key }) => key));
}
