import type { DataSource } from 'typeorm';
import { valuesOf, type ActivityFilter, type Bounds } from '../activity-filter.js';
import { rowsWithinTime } from '../within-time.js';
import { askedFor, logByBatch } from './asked-for.js';

/** What one widget did on one day (UTC). */
export interface WidgetFigures {
  /** `2026-11-30`. */
  day: string;
  source: string;
  messageId: number | null;
  messageName: string | null;
  views: number;
  /** Different viewers: contacts, else push tokens, else addresses, else iids. */
  uniqueViews: number;
  /** Views that name nobody in any of these ways: who can say how many they were. */
  anonymousViews: number;
  subscriptions: number;
  clicks: number;
  /** Of what is none of these, such as DELIVERED. */
  other: number;
  /** Subscriptions for each view, 0.25 of four; null without a view. */
  conversion: number | null;
}

/**
 * No payload of widgets is published. A subscription is what says so, or a form that was sent in: an address without a contact, with a status that is not
 * known to mean anything else. docs/support.md has the same for people.
 */
const sql = `
  select *, (subscriptions / nullif(views, 0))::float8 as conversion, (total - views - subscriptions - clicks)::float8 as other
  from (
    select to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD') as day, source, message_id::float8 as "messageId", message_name as "messageName",
      (count(*))::float8 as total,
      (count(*) filter (where what = 'view'))::float8 as views,
      (count(distinct viewer) filter (where what = 'view'))::float8 as "uniqueViews",
      (count(*) filter (where what = 'view' and viewer is null))::float8 as "anonymousViews",
      (count(*) filter (where what = 'subscription'))::float8 as subscriptions,
      (count(*) filter (where what = 'click'))::float8 as clicks
    from (
      select *,
        coalesce('contact ' || contact_id, 'token ' || token, 'address ' || lower(typed), 'iid ' || iid) as viewer,
        case
          when status = 'READ' then 'view'
          when status = 'CLICKED' then 'click'
          when status in ('SUBSCRIBED', 'PUSH_SUBSCRIBED') or cardinality(subscriptions) > 0 then 'subscription'
          when typed is not null and contact_id is null and status not in ('SENT', 'UNDELIVERED', 'FAILED', 'UNSUBSCRIBED', 'SPAM', 'SUBSCRIPTION_CHANGED')
            then 'subscription'
        end as what
      from ${logByBatch} as log
      where ${askedFor}
    ) as activity
    group by 1, 2, 3, 4
  ) as figures
  order by day desc, views desc, source, "messageId", "messageName"
  limit $11`;

/** Latest day first; of widgets, unless `filter` names other media types. */
export async function countWidgets(
  dataSource: DataSource,
  filter: ActivityFilter,
  { limit, timeoutMs }: Bounds,
): Promise<WidgetFigures[]> {
  const values = [...valuesOf({ mediaTypes: ['widget'], ...filter }), limit];
  const rows = await rowsWithinTime<WidgetFigures & { total?: number }>(dataSource, timeoutMs, sql, values);
  return rows.map(({ total: _total, ...figures }) => figures);
}
