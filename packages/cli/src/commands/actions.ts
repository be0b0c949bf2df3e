/** `vidhuk actions`: what is configured, how it fares, and trying it out. */
import { Command, Option } from 'commander';
import pc from 'picocolors';
import {
  type Action,
  type ActionOverview,
  disableAction,
  enableAction,
  ensureActionState,
  findDoubts,
  readActionOverview,
} from '@vidhuk/worker/follow-up';
import { inTransaction } from '@vidhuk/worker/database';
import { toMs } from '@vidhuk/shared';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { loadBesideDatabase } from '../load-configuration.js';
import { answer, type AnswerOptions, jsonOption } from '../output/answer.js';
import { inLine, printAside } from '../output/print.js';
import { parseDuration } from '../options/parse-duration.js';
import { parseRate } from '../options/parse-rate.js';
import { redact } from '../output/redact.js';
import { formatTable } from '../output/table.js';
import { backtestAction } from './actions-backtest.js';
import { findAction } from './find-action.js';
import { replayAction, type ReplayOptions } from './actions-replay.js';
import { testAction, type TestOptions } from './actions-test.js';

const examples = `
Examples:
  vidhuk actions list
  vidhuk actions test tell-crm                      one real call, with the latest activity that matches
  vidhuk actions test tell-crm --sample             the same with a made-up activity
  vidhuk actions test tell-crm --activity bounce.json
  vidhuk actions test thank --request paid.json     of an action with "workflow": with this body
  vidhuk actions backtest tell-crm --since 7d       what it would have done; nothing is called
  vidhuk actions replay tell-crm --since 7d         plans it for what happened then and never had it
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
    .addOption(
      new Option(
        '--request <file>',
        'for an action with "workflow": the body of a request as the workflow would send it',
      ).conflicts(['activity', 'sample']),
    )
    .option('--activity <file>', 'a JSON activity as the platform sends it; default: the latest in the log that matches')
    .option('--anyway', 'call although what --activity or --request names does not match')
    .addOption(
      new Option('--sample', 'make up an activity or request that matches, of a contact that does not exist').conflicts(
        'activity',
      ),
    )
    .option(...jsonOption)
    .action((name: string, options: TestOptions) => testAction(environment, name, options));
  actions
    .command('backtest <name>')
    .description('how many activities or requests, and which, it would have been called for; nothing is called')
    .addOption(
      new Option('--since <duration>', 'how far back, such as 12h or 7d').argParser(parseDuration).default(toMs('7d'), '7d'),
    )
    .option(...jsonOption)
    .action((name: string, options: AnswerOptions & { since: number }) => backtestAction(environment, name, options));
  actions
    .command('replay <name>')
    .description('plan it for past activities or requests that it would have been called for and never was; asks first')
    .requiredOption('--since <duration>', 'how far back, such as 12h or 7d', parseDuration)
    .option('--again', 'also those that it was called for, under new keys: asked twice')
    .option('--rate <n>', 'at most so many a second', parseRate)
    .option('--yes', 'do not ask')
    .option('--yes-again', 'with --again: do not ask the second time')
    .option(...jsonOption)
    .action((name: string, options: ReplayOptions) => replayAction(environment, name, options));
  return actions;
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
  const config = await loadBesideDatabase(environment);
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
  const action = findAction(await loadBesideDatabase(environment), name);
  const overview = (await withDatabase(environment, readActionOverview)).find((candidate) => candidate.action === name);
  const shown = { ...(redact(action.settings) as object), state: stateOf(action, overview), rows: overview?.counts ?? {} };
  answer(options, shown, (all) => JSON.stringify(all, null, 2));
}

async function switchAction(
  environment: CliEnvironment,
  name: string,
  { enable, reason = '', ...options }: AnswerOptions & { enable: boolean; reason?: string },
): Promise<void> {
  const action = findAction(await loadBesideDatabase(environment), name);
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
