/** `vidhuk follow-ups`: the ledger of what actions have to do, did, and gave up. */
import { Command, Option } from 'commander';
import pc from 'picocolors';
import type { DataSource } from 'typeorm';
import { FollowUpEntity, followUpStates, type FollowUp, type FollowUpState } from '@vidhuk/worker/database';
import {
  changeable,
  changeFollowUps,
  listChangeable,
  whereOf,
  type FollowUpChange,
  type FollowUpFilter,
  type FollowUpSample,
} from '@vidhuk/worker/follow-up';
import { describeStop, workOff, type BulkResult } from '../bulk/work-off.js';
import { parseCount } from '../options/option-values.js';
import { parseMoment } from '../options/parse-moment.js';
import { parseRate } from '../options/parse-rate.js';
import { confirm } from '../output/confirm.js';
import { withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { wideOption, type WideOption } from '../options/wide-option.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { counted } from '../output/plural.js';
import { clip, inLine, printAside } from '../output/print.js';
import { formatTable, none } from '../output/table.js';
import { timeCell } from '../output/age.js';
import { shortIds, wholeId } from '../short-ids.js';

interface FilterOptions extends AnswerOptions {
  action?: string;
  state?: FollowUpState;
  contact?: number;
  since?: Date;
  error?: string;
}

interface ChangeOptions extends FilterOptions {
  yes?: boolean;
  rate?: number;
}

interface ListOptions extends FilterOptions, WideOption {
  limit: number;
}

const examples = `
Examples:
  vidhuk follow-ups list --state failed
  vidhuk follow-ups show 01a20d59                                 an id, or as much of it as the list shows
  vidhuk follow-ups retry --action tell-crm --state failed        asks first, with the number of rows and some of them
  vidhuk follow-ups retry --state failed --since 2d --error ~timeout --rate 50
  vidhuk follow-ups cancel --action an-old-name --yes`;

const bulkHelp = `
By filter, the rows are those that match now: the list is frozen, and worked off in steps. "vidhuk acts" shows how far it is, and
"vidhuk acts stop <id>" or Ctrl-C stops it; what was changed until then stays so. The same command then does the rest.`;

export function followUpsCommand(environment: CliEnvironment): Command {
  const followUps = new Command('follow-ups').addHelpText('after', examples);
  withFilters(followUps.command('list'))
    .description('the latest rows')
    .option('--limit <n>', 'at most so many', parseCount, 50)
    .option(...wideOption)
    .action((options: ListOptions) => list(environment, options));
  followUps
    .command('show <id>')
    .description('one row with all that is handed to the handler')
    .option(...jsonOption)
    .action((id: string, options: AnswerOptions) => show(environment, id, options));
  for (const change of ['retry', 'cancel'] as const) {
    withFilters(followUps.command(`${change} [ids...]`))
      .description(
        `${change === 'retry' ? 'call again, now,' : 'never call'} rows that are ${changeable[change].join(', ')}; by id or by filter`,
      )
      .option('--rate <n>', 'at most so many a second', parseRate)
      .option('--yes', 'do not ask')
      .addHelpText('after', bulkHelp)
      .action((ids: string[], options: ChangeOptions) => changeMany(environment, change, ids, options));
  }
  return followUps;
}

function withFilters(command: Command): Command {
  return command
    .option('--action <name>', 'only this action')
    .addOption(new Option('--state <state>', 'only this state').choices(followUpStates))
    .option('--contact <id>', 'only this contact', parseCount)
    .option('--since <time>', 'only what was planned since: 12h, 7d, 2026-09-01', parseMoment)
    .option('--error <text>', 'only with this last error; ~text: one that holds it, whatever its case')
    .option(...jsonOption);
}

const filterOf = ({ action, state, contact, since, error }: FilterOptions, ids: readonly string[] = []): FollowUpFilter => ({
  ...(ids.length > 0 ? { ids } : {}),
  ...(action === undefined ? {} : { action }),
  ...(state === undefined ? {} : { states: [state] }),
  ...(contact === undefined ? {} : { contactId: contact }),
  ...(since === undefined ? {} : { since }),
  ...(error === undefined ? {} : { error: error.startsWith('~') ? { holds: error.slice(1) } : { is: error } }),
});

async function list(environment: CliEnvironment, options: ListOptions): Promise<void> {
  const { where, values } = whereOf(filterOf(options));
  const { rows, short } = await withDatabase(environment, async (dataSource) => {
    const found = await dataSource
      .getRepository(FollowUpEntity)
      .createQueryBuilder('f')
      .where(numbered(where), named(values))
      .orderBy('f.createdAt', 'DESC')
      .limit(options.limit)
      .getMany();
    const ids = found.map(({ id }) => id);
    return { rows: found, short: options.json || options.wide ? new Map<string, string>() : await shortIds(dataSource, ids) };
  });
  answer(options, rows, () => describeRows(rows, short, options));
}

function describeRows(rows: readonly FollowUp[], short: ReadonlyMap<string, string>, { wide = false }: ListOptions): string {
  if (rows.length === 0) return 'No follow-ups match.';
  const cells = rows.map((row) => [
    short.get(row.id) ?? row.id,
    inLine(row.action),
    row.state,
    String(row.contactId ?? none),
    ...(wide ? [String(row.attempts), timeCell(row.occurredAt, true)] : []),
    timeCell(row.nextAttemptAt ?? row.doneAt ?? row.createdAt, wide),
    wide ? inLine(row.lastError ?? '') : clip(row.lastError ?? '', 60),
  ]);
  const head = ['id', 'action', 'state', 'contact', ...(wide ? ['tries', 'occurred at'] : []), 'next or done', 'last error'];
  return formatTable(head, cells, { right: ['tries'], wide });
}

/** The same filter for TypeORM, whose parameters have names. */
const numbered = (where: string): string => where.replace(/\$(\d+)/g, ':p$1');
const named = (values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(values.map((value, index) => [`p${index + 1}`, value]));

async function show(environment: CliEnvironment, text: string, options: AnswerOptions): Promise<void> {
  const row = await withDatabase(environment, async (dataSource) =>
    dataSource.getRepository(FollowUpEntity).findOneBy({ id: await wholeId(dataSource, text) }),
  );
  if (row === null) answerNo(options, null, `There is no follow-up ${text}.`);
  else answer(options, row, (all) => JSON.stringify(all, null, 2));
}

/** Rows that a person is shown before the question. */
const shown = 5;

async function changeMany(
  environment: CliEnvironment,
  change: FollowUpChange,
  texts: readonly string[],
  options: ChangeOptions,
): Promise<void> {
  if (texts.length === 0 && Object.keys(filterOf(options)).length === 0)
    throw new Error(
      `say which: ids, --action, --state, --contact, --since or --error ("vidhuk follow-ups ${change} --help" has examples)`,
    );
  await withDatabase(environment, async (dataSource: DataSource) => {
    const given = await Promise.all(texts.map((text) => wholeId(dataSource, text)));
    const filter = filterOf(options, given);
    const { ids, sample } = await listChangeable(dataSource, filter, change, shown);
    if (ids.length === 0) {
      answerNo(options, { changed: 0 }, 'No follow-ups match.');
      return;
    }
    const byName = given.length > 0 && given.length === ids.length;
    if (byName) {
      const outcome = await changeFollowUps(dataSource, { ids }, change);
      answer(options, outcome, () => describeChanged(change, outcome));
      return;
    }
    const rows = counted(ids.length, 'follow-up');
    if (!options.yes && !options.json) {
      const short = await shortIds(
        dataSource,
        sample.map(({ id }) => id),
      );
      printAside(describeSample(sample, short, ids.length));
    }
    if (!(await confirm(`${change === 'retry' ? 'Retry' : 'Cancel'} ${rows}?`, options.yes))) {
      const [match, them] = ids.length === 1 ? ['matches', 'it'] : ['match', 'them'];
      answerNo(options, { changed: 0 }, `Nothing was changed: ${rows} ${match}; say --yes to ${change} ${them}.`);
      return;
    }
    const result = await changeListed(dataSource, { change, filter, ids }, options);
    const outcome = { changed: result.counts.changed ?? 0, underWay: result.counts.underWay ?? 0 };
    const { act, state, done, of } = result;
    answer(options, { ...outcome, act, state, done, of }, () =>
      [describeChanged(change, outcome), describeStop(result)].filter((line) => line !== '').join('\n'),
    );
    if (state === 'stopped') process.exitCode = exitCode.negative;
  });
}

/** A row that somebody else has changed since the list was made is left alone where it does not match any more. */
const changeListed = (
  dataSource: DataSource,
  { change, filter, ids }: { change: FollowUpChange; filter: FollowUpFilter; ids: readonly string[] },
  { action, state, since, contact, error, rate, json = false }: ChangeOptions,
): Promise<BulkResult> =>
  workOff({
    dataSource,
    command: `follow-ups ${change}`,
    // Whose rows, and what an error says, may be personal data: only that it was asked for.
    about: {
      action,
      state,
      since,
      ...(contact === undefined ? {} : { contact: 'one' }),
      ...(error === undefined ? {} : { error: 'some' }),
    },
    items: ids,
    rate: rate ?? null,
    step: (some) => changeFollowUps(dataSource, { ...filter, ids: some }, change),
    quiet: json,
  });

const describeSample = (sample: readonly FollowUpSample[], short: ReadonlyMap<string, string>, of: number): string =>
  [
    formatTable(
      ['id', 'action', 'state', 'contact', 'last error'],
      sample.map((row) => [
        short.get(row.id) ?? row.id,
        inLine(row.action),
        row.state,
        row.contactId ?? none,
        clip(row.lastError ?? '', 60),
      ]),
    ),
    ...(of > sample.length ? [pc.dim(`… and ${counted(of - sample.length, 'more row', 'more rows')}`)] : []),
  ].join('\n');

function describeChanged(change: FollowUpChange, { changed, underWay }: { changed: number; underWay: number }): string {
  const sentence = pc.green(`${counted(changed, 'follow-up')} ${became(change, changed)}.`);
  if (underWay === 0) return sentence;
  return `${sentence}\n${pc.yellow(`${counted(underWay, 'follow-up')} had been handed to a worker: a call that is under way goes on.`)}`;
}

function became(change: FollowUpChange, count: number): string {
  if (change === 'retry') return count === 1 ? 'waits for its next call' : 'wait for their next call';
  return count === 1 ? 'is cancelled' : 'are cancelled';
}
