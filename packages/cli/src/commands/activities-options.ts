/** The options of `vidhuk activities`, and what they ask of the log. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { countedBy, type ActivityFilter, type CountedBy } from '@vidhuk/worker/activity-log';
import { parsePositive } from '../options/option-values.js';
import { parseDuration } from '../options/parse-duration.js';
import { parseMoment } from '../options/parse-moment.js';
import { wideOption, type WideOption } from '../options/wide-option.js';
import { jsonOption, type AnswerOptions } from '../output/answer.js';

export interface ActivitiesOptions extends AnswerOptions, WideOption {
  since?: Date;
  until?: Date;
  source?: string;
  status?: string[];
  mediaType?: string[];
  message?: string;
  workflow?: string;
  domain?: string;
  countBy?: CountedBy[];
  widgets?: boolean;
  csv?: boolean;
  limit?: number;
  /** ms. */
  timeout: number;
}

export const addActivitiesOptions = (command: Command): Command =>
  command
    .option('--since <time>', 'from then on: 12h, 7d (ago), 2026-09-01 or 2026-09-01T08:30:00Z (default: 7d)', parseMoment)
    .option('--until <time>', 'before then, written likewise', parseMoment)
    .option('--source <name>', 'only of this source')
    .option('--status <list>', 'only of these, such as DELIVERED,READ', parseList)
    .option('--media-type <list>', 'only of these channels, such as widget,inapp; unknown where there is none', parseList)
    .option('--message <id or name>', 'only of this messageId or messageName')
    .option('--workflow <id>', 'only of this workflow, or of this run of one')
    .option('--domain <name>', 'only of addresses at this domain')
    .option('--count-by <list>', `count by one or several of ${countedBy.join(', ')}`, parseCountedBy)
    .addOption(
      new Option('--widgets', 'views, subscriptions, clicks and conversion for each widget and day').conflicts('countBy'),
    )
    .option('--limit <n>', 'rows at most (default: 20, or 100 where it counts)', parsePositive)
    .option('--timeout <duration>', 'give up after so long', parseDuration, 30_000)
    .addOption(new Option('--csv', 'print comma-separated values').conflicts('json'))
    .option(...wideOption)
    .option(...jsonOption);

function parseList(text: string): string[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw new InvalidArgumentError('Write one or several, with commas between them.');
  return parts;
}

function parseCountedBy(text: string): CountedBy[] {
  const names = parseList(text);
  const known = names.map((name) => countedBy.find((each) => each === name.toLowerCase()));
  const unknown = names.find((_, at) => known[at] === undefined);
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no "${unknown}", but ${countedBy.join(', ')}.`);
  return [...new Set(known.filter((name) => name !== undefined))];
}

export function filterOf(options: ActivitiesOptions, since: Date): ActivityFilter {
  const { until, source, status, mediaType, message, workflow, domain } = options;
  return {
    since,
    ...(until === undefined ? {} : { until }),
    ...(source === undefined ? {} : { source }),
    ...(status === undefined ? {} : { statuses: status }),
    ...(mediaType === undefined ? {} : { mediaTypes: mediaType }),
    ...(message === undefined ? {} : { message }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(domain === undefined ? {} : { domain }),
  };
}
