/** `vidhuk actions`: what is configured, how it fares, and trying it out. */
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import pc from 'picocolors';
import type { DataSource } from 'typeorm';
import { type Activity, parseBatch, parseContextOf } from '@vidhuk/worker/activity';
import {
  type Action,
  type ActionOverview,
  backtest,
  createGuardedHttp,
  disableAction,
  enableAction,
  ensureActionState,
  findDoubts,
  findMatching,
  isTooOld,
  makeSample,
  readActionOverview,
  sampleContact,
  type Trial,
  tryAction,
} from '@vidhuk/worker/follow-up';
import { inTransaction } from '@vidhuk/worker/database';
import { toMs } from '@vidhuk/shared';
import { loadWorkerConfiguration, type WorkerConfiguration } from '@vidhuk/worker/configuration';
import { withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { openLogger } from '../output/logger.js';
import { formatAge } from '../output/age.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { counted } from '../output/plural.js';
import { inLine, inLines, printAside } from '../output/print.js';
import { parseDuration } from '../options/parse-duration.js';
import { redact } from '../output/redact.js';
import { formatTable } from '../output/table.js';

const examples = `
Examples:
  vidhuk actions list
  vidhuk actions test tell-crm                      one real call, with the latest activity that matches
  vidhuk actions test tell-crm --sample             the same with a made-up activity
  vidhuk actions test tell-crm --activity bounce.json
  vidhuk actions backtest tell-crm --since 7d       what it would have done; nothing is called
  vidhuk actions disable tell-crm --reason "CRM is being moved"`;

export function actionsCommand(environment: CliEnvironment): Command {
  const actions = new Command('actions').addHelpText('after', examples);
  actions
    .command('list')
    .description('every action with what waits, was done and failed')
    .option(...jsonOption)
    .action((options: AnswerOptions) => listActions(environment, options));
  actions
    .command('show <name>')
    .description('one action: its settings (secrets covered), its breaker, its rows')
    .option(...jsonOption)
    .action((name: string, options: AnswerOptions) => showAction(environment, name, options));
  actions
    .command('enable <name>')
    .description('call it again, and forget what its breaker knew')
    .option(...jsonOption)
    .action((name: string, options: AnswerOptions) => switchAction(environment, name, { enable: true, ...options }));
  actions
    .command('disable <name>')
    .description('call it no more; what matches is planned and kept')
    .option('--reason <text>', 'kept with it', 'disabled by hand')
    .option(...jsonOption)
    .action((name: string, options: AnswerOptions & { reason: string }) =>
      switchAction(environment, name, { enable: false, ...options }),
    );
  actions
    .command('test <name>')
    .description('one real call, shown in full; the ledger does not know of it')
    .option('--activity <file>', 'a JSON activity as the platform sends it; default: the latest in the log that matches')
    .option('--anyway', 'call although the activity of --activity does not match')
    .addOption(new Option('--sample', 'make up an activity that matches, of a contact that does not exist').conflicts('activity'))
    .option(...jsonOption)
    .action((name: string, options: TestOptions) => testAction(environment, name, options));
  actions
    .command('backtest <name>')
    .description('how many activities, and which, it would have been called for; nothing is called')
    .addOption(
      new Option('--since <duration>', 'how far back, such as 12h or 7d').argParser(parseDuration).default(toMs('7d'), '7d'),
    )
    .option(...jsonOption)
    .action((name: string, options: AnswerOptions & { since: number }) => backtestAction(environment, name, options));
  return actions;
}

const load = (environment: CliEnvironment): Promise<WorkerConfiguration> =>
  loadWorkerConfiguration(environment.VIDHUK_CONFIG ?? 'vidhuk.yaml', environment);

function findAction(config: WorkerConfiguration, name: string): Action {
  const action = config.compiledActions.find((candidate) => candidate.name === name);
  if (action !== undefined) return action;
  const known = config.compiledActions.map((candidate) => candidate.name);
  throw new Error(
    `there is no action "${name}" in the configuration: there ${known.length === 0 ? 'are none' : `are ${known.join(', ')}`}`,
  );
}

function stateOf(action: Action | undefined, overview: ActionOverview | undefined): string {
  if (action === undefined) return 'not configured';
  if (!action.enabled) return 'disabled in the configuration';
  if (overview?.disabledAt) return `disabled: ${overview.disabledReason ?? ''}`;
  if (overview?.blockedUntil) return `paused until ${overview.blockedUntil.toISOString()}`;
  if (overview?.allowed != null) return 'recovering';
  return action.dryRun ? 'dry run' : 'enabled';
}

type ActionRow = { action: string; handler: string | null; state: string } & Partial<ActionOverview['counts']>;

async function listActions(environment: CliEnvironment, options: AnswerOptions): Promise<void> {
  const config = await load(environment);
  const [overviews, doubts] = await withDatabase(environment, (dataSource) =>
    Promise.all([readActionOverview(dataSource), findDoubts(dataSource, config.compiledActions, config.sources)]),
  );
  const names = [...new Set([...config.compiledActions.map(({ name }) => name), ...overviews.map(({ action }) => action)])];
  const list = names.map((name): ActionRow => {
    const action = config.compiledActions.find((candidate) => candidate.name === name);
    const overview = overviews.find((candidate) => candidate.action === name);
    return { action: name, handler: action?.handler.name ?? null, state: stateOf(action, overview), ...overview?.counts };
  });
  answer(options, list, describeActions);
  for (const { action, text } of doubts) printAside(`${pc.yellow('!')} "${action}" may never be called: ${inLine(text)}`);
}

function describeActions(list: readonly ActionRow[]): string {
  if (list.length === 0) return 'No actions are configured.';
  const states = ['waiting', 'queued', 'done', 'failed', 'held', 'cancelled'] as const;
  const rows = list.map((item) => [
    inLine(item.action),
    item.handler ?? '–',
    inLine(item.state),
    ...states.map((state) => String(item[state] ?? 0)),
  ]);
  return formatTable(['action', 'run', 'state', ...states], rows, { right: states });
}

async function showAction(environment: CliEnvironment, name: string, options: AnswerOptions): Promise<void> {
  const action = findAction(await load(environment), name);
  const overview = (await withDatabase(environment, readActionOverview)).find((candidate) => candidate.action === name);
  const shown = { ...(redact(action.settings) as object), state: stateOf(action, overview), rows: overview?.counts ?? {} };
  answer(options, shown, (all) => JSON.stringify(all, null, 2));
}

async function switchAction(
  environment: CliEnvironment,
  name: string,
  { enable, reason = '', ...options }: AnswerOptions & { enable: boolean; reason?: string },
): Promise<void> {
  const action = findAction(await load(environment), name);
  await withDatabase(environment, (dataSource) =>
    inTransaction(dataSource, async (client) => {
      await ensureActionState(client, name);
      if (enable) await enableAction(client, name);
      else await disableAction(client, name, reason);
    }),
  );
  answer(options, { action: name, enabled: enable && action.enabled }, () =>
    enable ? `${name} is enabled.` : `${name} is disabled; what matches is planned and kept.`,
  );
  if (enable && !action.enabled && !options.json)
    printAside(`But the configuration says "enabled: false" for it: nothing is called until that is changed.`);
}

interface TestOptions extends AnswerOptions {
  activity?: string;
  anyway?: boolean;
  sample?: boolean;
}

async function testAction(environment: CliEnvironment, name: string, options: TestOptions): Promise<void> {
  const config = await load(environment);
  const action = findAction(config, name);
  const given = options.activity === undefined ? undefined : await fromFile(options.activity, config);
  const mismatches = given === undefined ? [] : [...action.when.mismatches(given), ...ageProblems(action, given)];
  if (mismatches.length > 0 && !options.anyway) {
    const reasons = mismatches.map((reason) => `  - ${inLine(reason)}`).join('\n');
    answerNo(
      options,
      { called: false, mismatches },
      `${name} is not called for this activity:\n${reasons}\nTo call it all the same: --anyway`,
    );
    return;
  }
  const http = createGuardedHttp({ nat64: config.worker.nat64 });
  try {
    const trial = await withDatabase(environment, async (dataSource) => {
      const parts = { dataSource, http, log: openLogger('info') };
      if (!options.sample) return tryAction(action, given ?? (await latestMatching(dataSource, action, config)), parts);
      const made = makeSample(action, config.sources);
      return tryAction(action, made, { ...parts, contact: await sampleContact(dataSource, made) });
    });
    if (!trial.ok) process.exitCode = exitCode.negative;
    const result = { ...trial, mismatches };
    answer(options, options.json ? redact(result) : result, () => describeTrial(trial));
    if (mismatches.length > 0 && !options.json) printAside(`Without --anyway it is not called: ${inLine(mismatches.join('; '))}`);
  } finally {
    await http.close();
  }
}

/** As if it came by webhook now. */
function ageProblems({ when, settings }: Action, activity: Activity): string[] {
  if (!isTooOld(when, activity, { origin: 'webhook', receivedAt: new Date() })) return [];
  const { maxAge = '' } = settings.when;
  return [`when.maxAge wants what happened within ${maxAge}, and it happened ${formatAge(new Date(activity.occurredAt))}`];
}

async function fromFile(path: string, config: WorkerConfiguration): Promise<Activity> {
  const [source = 'main'] = Object.keys(config.sources);
  const { activities, rejections } = parseBatch(await readFile(path), parseContextOf(config.sources, source, Date.now()));
  const [activity] = activities;
  if (activity === undefined) throw new Error(`${path} holds no sound activity: ${rejections[0]?.detail ?? 'it is empty'}`);
  return activity;
}

async function latestMatching(dataSource: DataSource, action: Action, config: WorkerConfiguration): Promise<Activity> {
  const activity = await findMatching(dataSource, action, config.sources);
  if (activity !== null) return activity;
  throw new Error('no activity in the log matches: make one up with --sample, or pass one with --activity <file>');
}

function describeMessage({ headers = {}, body = '' }: { headers?: Readonly<Record<string, string>>; body?: string }): string[] {
  return [...Object.entries(headers).map(([header, value]) => inLine(`${header}: ${value}`)), '', inLines(body), ''];
}

function describeTrial(trial: Trial): string {
  const lines = trial.exchanges.flatMap(({ request, response }) => {
    const shown = redact(request) as typeof request;
    const answer = response === null ? null : (redact(response) as typeof response);
    return [
      pc.bold(inLine(`${shown.method} ${shown.url}`)),
      ...describeMessage(shown),
      ...(answer === null ? [] : [pc.bold(`← ${answer.status}`), ...describeMessage(answer)]),
    ];
  });
  const verdict = trial.ok
    ? pc.green(`done in ${trial.ms} ms`)
    : pc.red(`failed after ${trial.ms} ms: ${inLine(trial.error ?? '')}`);
  return [...lines, `idempotency key: ${trial.idempotencyKey}`, verdict].join('\n');
}

interface Backtest {
  action: string;
  since: string;
  count: number;
  held: number;
  activities: readonly Activity[];
}

async function backtestAction(
  environment: CliEnvironment,
  name: string,
  { since, ...options }: AnswerOptions & { since: number },
): Promise<void> {
  const config = await load(environment);
  const action = findAction(config, name);
  const from = new Date(Date.now() - since);
  const { activities, held } = await withDatabase(environment, (dataSource) =>
    backtest(dataSource, action, from, config.sources),
  );
  const result = { action: name, since: from.toISOString(), count: activities.length, held, activities };
  answer(options, result, describeBacktest);
}

function describeBacktest({ action, since, activities, held }: Backtest): string {
  const shown = activities.slice(-20);
  const lines = [
    `${action} would have been called for ${counted(activities.length, 'activity', 'activities')} since ${since}; nothing was called.`,
  ];
  if (held > 0) lines.push(`${held} more would have been held back by maxPerContact.`);
  if (shown.length === 0) return lines.join('\n');
  const rows = shown.map((a) => [
    new Date(a.occurredAt).toISOString(),
    inLine(a.status),
    inLine(a.mediaType ?? '–'),
    String(a.contactId ?? '–'),
    inLine(a.address ?? '–'),
  ]);
  lines.push(formatTable(['occurred at', 'status', 'channel', 'contact', 'address'], rows));
  if (activities.length > shown.length) lines.push(pc.dim(`… the latest ${shown.length} of them; all with --json`));
  return lines.join('\n');
}
