/** What `vidhuk status` saw, for people: a screen of 24 lines where it is well. */
import pc from 'picocolors';
import { countedUpTo, latestBatches, latestFollowUps, type DatabaseStatus } from '../status/read-database.js';
import type { ProcessStatus } from '../status/ask-process.js';
import type { QueueStatus } from '../status/read-queue.js';
import type { Status } from '../status/read-status.js';
import { formatAge, formatTime } from './age.js';
import { asTyped } from './command-name.js';
import { counted } from './plural.js';
import { inLine } from './print.js';
import { formatDuration } from './simulation-report.js';

const section = (title: string, lines: readonly string[]): string[] =>
  lines.map((line, index) => `${pc.bold((index === 0 ? title : '').padEnd(11))} ${line}`);

export function describeStatus(
  { urls, processes, database, queue, requestQueue, sources }: Status,
  wrong: readonly string[],
): string {
  const known = 'error' in sources ? [] : sources;
  const lines = [
    ...section('Webhook', [urls.webhook === null ? 'its token is not known here' : pc.cyan(urls.webhook)]),
    ...section('Admin', [pc.cyan(urls.admin)]),
    ...section('Processes', processes.map(describeProcess)),
    ...('error' in database ? section('Database', [problem(database)]) : describeDatabase(database, known)),
    ...section('Queue', [
      'error' in queue ? problem(queue) : describeQueue(queue),
      ...('error' in requestQueue ? [] : [`of workflows: ${describeQueue(requestQueue)}`]),
    ]),
    '',
    ...(wrong.length === 0 ? [pc.green('Nothing is wrong.')] : wrong.map((text) => `${pc.red('✗')} ${asTyped(inLine(text))}`)),
  ];
  return lines.join('\n');
}

const problem = ({ error }: { error: string }): string => pc.red(asTyped(inLine(error)));

function describeProcess({ name, state, at, reasons }: ProcessStatus): string {
  if (state === 'absent') return `${name} ${pc.yellow('does not answer')} at ${at}: it does not run on this machine`;
  if (state === 'ready') return `${name} ${pc.green('ready')} at ${at}`;
  return `${name} ${pc.red('not ready')} at ${at}: ${reasons.map(inLine).join('; ')}`;
}

function describeDatabase({ feed, quarantine, actions }: DatabaseStatus, configured: readonly string[]): string[] {
  const silent = configured.filter((source) => !feed.some((each) => each.source === source));
  const none = feed.length === 0 ? 'no batch yet' : `no batch among the latest ${latestBatches}`;
  return [
    ...section('Feed', [
      ...feed.map(
        ({ source, lastBatchAt }) => `${inLine(source)}: last batch ${formatAge(lastBatchAt)} (${formatTime(lastBatchAt)})`,
      ),
      ...silent.map((source) => `${inLine(source)}: ${none}`),
    ]),
    ...section('Quarantine', [
      quarantine.waiting === 0
        ? 'empty'
        : `${upTo(quarantine.waiting, 'broken element')} waiting: ${asTyped('vidhuk quarantine list')}`,
    ]),
    ...section('Actions', [
      `${upTo(actions.waiting, 'follow-up')} waiting, ${actions.failed} failed of the latest ${counted(latestFollowUps, 'follow-up')}`,
      ...actions.disabled.map(({ action, reason }) => `${inLine(action)} ${pc.yellow('disabled')}: ${inLine(reason)}`),
      ...actions.paused.map(({ action, until }) => `${inLine(action)} ${pc.yellow('paused')}, tries again ${formatAge(until)}`),
    ]),
  ];
}

const upTo = (count: number, what: string): string => `${counted(count, what)}${count === countedUpTo ? ' or more' : ''}`;

function describeQueue({ waiting, active, delayed, failed, oldestMs, paused }: QueueStatus): string {
  const oldest = waiting === 0 ? '' : ` (the oldest for ${formatDuration(oldestMs)})`;
  const states = [`${waiting} waiting${oldest}`, `${active} in work`, `${delayed} delayed`, `${failed} failed`];
  return `${paused ? `${pc.yellow('paused')}: ` : ''}${states.join(', ')}`;
}
