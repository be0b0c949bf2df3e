/** `vidhuk follow-ups`: the ledger of what actions have to do, did, and gave up. */
import { Command, Option } from 'commander';
import pc from 'picocolors';
import type { DataSource } from 'typeorm';
import { FollowUpEntity, followUpStates, type FollowUp, type FollowUpState } from '@vidhuk/worker/database';
import {
  changeable,
  changeFollowUps,
  countChangeable,
  whereOf,
  type FollowUpChange,
  type FollowUpFilter,
} from '@vidhuk/worker/follow-up';
import { parseCount } from '../options/option-values.js';
import { confirm } from '../output/confirm.js';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { counted } from '../output/plural.js';
import { clip, inLine } from '../output/print.js';
import { formatTable } from '../output/table.js';

interface FilterOptions extends AnswerOptions {
  action?: string;
  state?: FollowUpState;
  contact?: number;
}

const examples = `
Examples:
  vidhuk follow-ups list --state failed
  vidhuk follow-ups show 01a20d59-b9a6-76a4-afb6-82ae3b4bd34c
  vidhuk follow-ups retry --action tell-crm --state failed        asks first, with the number of rows
  vidhuk follow-ups cancel --action an-old-name --yes`;

export function followUpsCommand(environment: CliEnvironment): Command {
  const followUps = new Command('follow-ups').addHelpText('after', examples);
  withFilters(followUps.command('list'))
    .description('the latest rows')
    .option('--limit <n>', 'at most so many', parseCount, 50)
    .action((options: FilterOptions & { limit: number }) => list(environment, options));
  followUps
    .command('show <id>')
    .description('one row with all that is handed to the handler')
    .option(...jsonOption)
    .action((id: string, options: AnswerOptions) => show(environment, parseId(id), options));
  for (const change of ['retry', 'cancel'] as const) {
    withFilters(followUps.command(`${change} [ids...]`))
      .description(
        `${change === 'retry' ? 'call again, now,' : 'never call'} rows that are ${changeable[change].join(', ')}; by id or by filter`,
      )
      .option('--yes', 'do not ask')
      .action((ids: string[], options: FilterOptions & { yes?: boolean }) =>
        changeMany(environment, change, ids.map(parseId), options),
      );
  }
  return followUps;
}

function withFilters(command: Command): Command {
  return command
    .option('--action <name>', 'only this action')
    .addOption(new Option('--state <state>', 'only this state').choices(followUpStates))
    .option('--contact <id>', 'only this contact', parseCount)
    .option(...jsonOption);
}

function parseId(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new Error(`"${text}" is not the id of a follow-up: "vidhuk follow-ups list --json" shows ids`);
  return text;
}

const filterOf = ({ action, state, contact }: FilterOptions, ids: readonly string[] = []): FollowUpFilter => ({
  ...(ids.length > 0 ? { ids } : {}),
  ...(action === undefined ? {} : { action }),
  ...(state === undefined ? {} : { states: [state] }),
  ...(contact === undefined ? {} : { contactId: contact }),
});

async function list(environment: CliEnvironment, options: FilterOptions & { limit: number }): Promise<void> {
  const { where, values } = whereOf(filterOf(options));
  const rows = await withDatabase(environment, (dataSource) =>
    dataSource
      .getRepository(FollowUpEntity)
      .createQueryBuilder('f')
      .where(numbered(where), named(values))
      .orderBy('f.createdAt', 'DESC')
      .limit(options.limit)
      .getMany(),
  );
  answer(options, rows, describeRows);
}

function describeRows(rows: readonly FollowUp[]): string {
  if (rows.length === 0) return 'No follow-ups match.';
  const cells = rows.map((row) => [
    row.id,
    inLine(row.action),
    row.state,
    String(row.attempts),
    String(row.contactId ?? '–'),
    row.occurredAt.toISOString(),
    when(row),
    clip(row.lastError ?? '', 60),
  ]);
  const head = ['id', 'action', 'state', 'attempts', 'contact', 'occurred at', 'next or done at', 'last error'];
  return formatTable(head, cells, ['attempts']);
}

/** The same filter for TypeORM, whose parameters have names. */
const numbered = (where: string): string => where.replace(/\$(\d+)/g, ':p$1');
const named = (values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(values.map((value, index) => [`p${index + 1}`, value]));

const when = ({ nextAttemptAt, doneAt }: FollowUp): string => (nextAttemptAt ?? doneAt)?.toISOString() ?? '–';

async function show(environment: CliEnvironment, id: string, options: AnswerOptions): Promise<void> {
  const row = await withDatabase(environment, (dataSource) => dataSource.getRepository(FollowUpEntity).findOneBy({ id }));
  if (row === null) answerNo(options, null, `There is no follow-up ${id}.`);
  else answer(options, row, (all) => JSON.stringify(all, null, 2));
}

async function changeMany(
  environment: CliEnvironment,
  change: FollowUpChange,
  ids: readonly string[],
  options: FilterOptions & { yes?: boolean },
): Promise<void> {
  const filter = filterOf(options, ids);
  if (Object.keys(filter).length === 0)
    throw new Error(`say which: ids, --action, --state or --contact ("vidhuk follow-ups ${change} --help" has examples)`);
  await withDatabase(environment, async (dataSource: DataSource) => {
    const count = await countChangeable(dataSource, filter, change);
    if (count === 0) {
      answerNo(options, { changed: 0 }, 'No follow-ups match.');
      return;
    }
    const byName = ids.length > 0 && ids.length === count;
    const rows = counted(count, 'follow-up');
    if (!byName && !(await confirm(`${change === 'retry' ? 'Retry' : 'Cancel'} ${rows}?`, options.yes))) {
      const [match, them] = count === 1 ? ['matches', 'it'] : ['match', 'them'];
      answerNo(options, { changed: 0 }, `Nothing was changed: ${rows} ${match}; say --yes to ${change} ${them}.`);
      return;
    }
    const changed = await changeFollowUps(dataSource, filter, change);
    answer(options, { changed }, () => pc.green(`${counted(changed, 'follow-up')} ${became(change, changed)}.`));
  });
}

function became(change: FollowUpChange, count: number): string {
  if (change === 'retry') return count === 1 ? 'waits for its next call' : 'wait for their next call';
  return count === 1 ? 'is cancelled' : 'are cancelled';
}
