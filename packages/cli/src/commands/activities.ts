/** `vidhuk activities`: what is in the log, listed or counted, and what widgets did. */
import { Command } from 'commander';
import type { DataSource } from 'typeorm';
import pc from 'picocolors';
import { countActivities, countWidgets, listActivities, type ActivityFilter } from '@vidhuk/worker/activity-log';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { formatTime } from '../output/age.js';
import { reportCounts, reportList, reportWidgets, tableOf, textOf, type ActivityReport } from '../output/activity-report.js';
import { answer, answerNo } from '../output/answer.js';
import { formatCsv } from '../output/csv.js';
import { counted } from '../output/plural.js';
import { addActivitiesOptions, filterOf, type ActivitiesOptions } from './activities-options.js';

const examples = `
Examples:
  vidhuk activities --status UNDELIVERED,FAILED --since 12h
  vidhuk activities --count-by status,media-type
  vidhuk activities --count-by day --message "Spring sale" --since 30d
  vidhuk activities --count-by reason --status UNDELIVERED --domain example.com
  vidhuk activities --widgets --since 30d --csv > widgets.csv

Times are those of the activities, days and hours are UTC. What asks for names, addresses or domains reads the bodies, and takes
longer. A subscription of a widget is an activity that says so, or an address that came without a contact; docs/support.md tells
more. In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe.`;

const weekMs = 7 * 86_400_000;

export const activitiesCommand = (environment: CliEnvironment): Command =>
  addActivitiesOptions(new Command('activities'))
    .addHelpText('after', examples)
    .action((options: ActivitiesOptions) => showActivities(environment, options));

async function showActivities(environment: CliEnvironment, options: ActivitiesOptions): Promise<void> {
  const { since = new Date(Date.now() - weekMs), until, timeout } = options;
  const limit = options.limit ?? (options.countBy !== undefined || options.widgets ? 100 : 20);
  if (until !== undefined && until <= since) throw new Error('--until must be later than --since');
  const { report, data, more, summary } = await withDatabase(environment, (dataSource) =>
    look(dataSource, filterOf(options, since), { limit, timeoutMs: timeout }, options),
  ).catch((error: unknown) => explain(error, timeout));
  const bounds = { since: formatTime(since), until: until === undefined ? null : formatTime(until), limit };
  const within = `since ${bounds.since}${bounds.until === null ? '' : `, before ${bounds.until}`}`;
  if (report.rows.length === 0) {
    answerNo(options, { ...data, more, bounds }, `No activity is like that ${within}.`);
    return;
  }
  answer(options, { ...data, more, bounds }, () =>
    options.csv
      ? formatCsv(
          report.columns.map((title) => title.replaceAll(/[ -]/g, '_')),
          report.rows.map((row) => row.map(textOf)),
        )
      : [
          tableOf(report, options.wide ?? false),
          '',
          pc.dim(`${summary}, ${within}${more ? `; and more: --limit ${limit * 10} shows them` : ''}`),
        ].join('\n'),
  );
}

interface Found {
  report: ActivityReport;
  data: object;
  more: boolean;
  summary: string;
}

/** One row more tells whether there are more. */
async function look(
  dataSource: DataSource,
  filter: ActivityFilter,
  { limit, timeoutMs }: { limit: number; timeoutMs: number },
  { widgets, countBy, csv = false, wide = false }: ActivitiesOptions,
): Promise<Found> {
  if (countBy !== undefined) {
    const counts = await countActivities(dataSource, filter, countBy, { limit, timeoutMs });
    const rows = counts.rows.map(({ values, count }) => ({
      ...Object.fromEntries(countBy.map((name, at) => [name, values[at] ?? null])),
      count,
    }));
    return {
      report: reportCounts(counts, countBy),
      data: { counts: rows, total: counts.total },
      more: counts.groups > counts.rows.length,
      summary: counted(counts.total, 'activity', 'activities'),
    };
  }
  const bounds = { limit: limit + 1, timeoutMs };
  if (widgets) {
    const found = await countWidgets(dataSource, filter, bounds);
    const figures = found.slice(0, limit);
    const summary = counted(figures.length, 'widget and day', 'widgets and days');
    return { report: reportWidgets(figures), data: { widgets: figures }, more: found.length > limit, summary };
  }
  const found = await listActivities(dataSource, filter, bounds);
  const activities = found.slice(0, limit);
  const summary = `the latest ${counted(activities.length, 'activity', 'activities')}`;
  return { report: reportList(activities, wide || csv), data: { activities }, more: found.length > limit, summary };
}

/** 57014 query_canceled (PostgreSQL, appendix A). */
function explain(error: unknown, timeoutMs: number): never {
  if (!(error instanceof Error && 'code' in error && error.code === '57014')) throw error;
  const text = `the log is too long to look through in ${timeoutMs / 1_000} s: ask for a shorter time with --since and --until, or wait longer with --timeout`;
  throw new Error(text, { cause: error });
}
