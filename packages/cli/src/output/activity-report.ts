/** What `vidhuk activities` found as rows: for a table, or for CSV. */
import type { ActivityCounts, CountedBy, ListedActivity, WidgetFigures } from '@vidhuk/worker/activity-log';
import { formatAge, formatTime } from './age.js';
import { clip, inLine } from './print.js';
import { formatTable, none } from './table.js';

type Value = string | number | Date | null;

export interface ActivityReport {
  /** By the titles of a table; those of CSV are the same, without blanks. */
  columns: readonly string[];
  rows: readonly (readonly Value[])[];
  /** The columns that hold numbers. */
  right?: readonly string[];
  /** The columns of which a part says nothing. */
  whole?: readonly string[];
}

/** `whole`: every column, and exact times; else what fits a terminal. */
export function reportList(activities: readonly ListedActivity[], whole: boolean): ActivityReport {
  const ofSeveralSources = new Set(activities.map(({ source }) => source)).size > 1;
  const columns: [title: string, shown: boolean, valueOf: (activity: ListedActivity) => Value][] = [
    ['time', whole, (a) => a.occurredAt],
    ['occurred', !whole, (a) => formatAge(a.occurredAt)],
    ['source', whole || ofSeveralSources, (a) => a.source],
    ['status', true, (a) => a.status],
    ['channel', true, (a) => a.mediaType],
    ['contact', true, (a) => a.contactId],
    ['address', true, (a) => a.address],
    ['message', whole, (a) => a.messageId],
    ['name', whole, (a) => a.messageName],
    ['message', !whole, (a) => a.messageName ?? a.messageId],
    ['workflow', whole, (a) => a.workflowId],
    ['about', true, (a) => a.statusDescription ?? a.clickEventLink],
  ];
  const shown = columns.filter(([, isShown]) => isShown);
  return {
    columns: shown.map(([title]) => title),
    rows: activities.map((activity) => shown.map(([, , valueOf]) => valueOf(activity))),
    whole: ['time', 'occurred', 'status', 'channel', 'contact', 'workflow'],
  };
}

export function reportCounts({ rows }: ActivityCounts, by: readonly CountedBy[]): ActivityReport {
  const right = ['activities'];
  const whole = by.filter((name) => !['message-name', 'reason', 'domain'].includes(name));
  return { columns: [...by, ...right], rows: rows.map(({ values, count }) => [...values, count]), right, whole };
}

export function reportWidgets(figures: readonly WidgetFigures[]): ActivityReport {
  const counts = ['views', 'unique views', 'anonymous views', 'subscriptions', 'clicks', 'other', 'conversion'];
  return {
    columns: ['day', 'source', 'message', 'name', ...counts],
    rows: figures.map((f) => [
      f.day,
      f.source,
      f.messageId,
      f.messageName,
      f.views,
      f.uniqueViews,
      f.anonymousViews,
      f.subscriptions,
      f.clicks,
      f.other,
      f.conversion === null ? null : `${(f.conversion * 100).toFixed(1)} %`,
    ]),
    right: counts,
    whole: ['day', 'message'],
  };
}

/** Addresses, names and reasons as long as they are read at a glance, unless `wide`. */
export function tableOf({ columns, rows, right = [], whole = [] }: ActivityReport, wide: boolean): string {
  const cell = (value: Value): string => {
    const text = textOf(value);
    return text === null ? none : typeof text === 'number' ? String(text) : wide ? inLine(text) : clip(text, 60);
  };
  return formatTable(
    columns,
    rows.map((row) => row.map(cell)),
    { right, wide, whole },
  );
}

export const textOf = (value: Value): string | number | null => (value instanceof Date ? formatTime(value) : value);
