/** `vidhuk quarantine`: broken elements: look at them, mend and resubmit them, or let them go. */
import { ConfigurationError } from '@vidhuk/shared';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import type { DataSource } from 'typeorm';
import type { RejectedActivity } from '../db/entities/rejected-activity.js';
import {
  countByReason,
  countRejections,
  discardRejections,
  selectRejections,
  type RejectionFilter,
} from '../db/sql/select-rejections.js';
import { Planner } from '../follow-up/planner.js';
import { editText } from '../quarantine/edit.js';
import { resubmit, type Resubmission } from '../quarantine/resubmit.js';
import { parseAssignment, setValues, type Assignment } from '../quarantine/set-values.js';
import { loadWorkerConfiguration } from '../worker-configuration.js';
import { formatTime } from './age.js';
import { confirm } from './confirm.js';
import { withDatabase } from './database.js';
import { exitCode, type CliEnvironment } from './environment.js';
import { print, printAside } from './output.js';
import { parseDuration } from './parse-duration.js';
import { formatTable } from './table.js';

interface FilterOptions {
  source?: string;
  reason?: string;
  since?: number;
  all?: boolean;
  json?: boolean;
  yes?: boolean;
}

interface RetryOptions extends FilterOptions {
  set: Assignment[];
  edit?: boolean;
}

const examples = `
Examples:
  vidhuk quarantine list --reason bad-date
  vidhuk quarantine show 17
  vidhuk quarantine retry 17 --set activityDateTime=2026-01-02T03:04:05
  vidhuk quarantine retry 17 --edit                  opens $EDITOR
  vidhuk quarantine retry --reason bad-date --all    as they are, after the time zone of the source was mended
  vidhuk quarantine discard 17 18`;

export function quarantineCommand(environment: CliEnvironment): Command {
  const quarantine = new Command('quarantine')
    .description('broken elements: list, show, mend and resubmit, discard')
    .addHelpText('after', examples);
  withFilters(quarantine.command('list'))
    .description('those that wait, newest first')
    .option('--all', 'those that were resubmitted or discarded too')
    .option('--limit <n>', 'at most so many', parseId, 50)
    .action((options: FilterOptions & { limit: number }) => list(environment, options));
  quarantine
    .command('show')
    .argument('<id>', 'as in the list', parseId)
    .description('one element: why it is here, and its text as received')
    .option('--json', 'print a JSON object')
    .action((id: number, options: { json?: boolean }) => show(environment, id, options));
  withFilters(quarantine.command('retry'))
    .argument('[ids...]', 'as in the list')
    .description('resubmit elements, mended or as they are; what is still broken stays')
    .option('--all', 'all that the other options select')
    .option('--set <path=value>', 'set a field first; may be repeated', collectAssignment, [])
    .option('--edit', 'edit the element first, in $EDITOR')
    .option('--yes', 'do not ask')
    .action((ids: string[], options: RetryOptions) => retry(environment, ids.map(parseId), options));
  withFilters(quarantine.command('discard'))
    .argument('[ids...]', 'as in the list')
    .description('let elements go; they stay in the table as discarded')
    .option('--all', 'all that the other options select')
    .option('--yes', 'do not ask')
    .action((ids: string[], options: FilterOptions) => discard(environment, ids.map(parseId), options));
  return quarantine;
}

function withFilters(command: Command): Command {
  return command
    .option('--source <name>', 'only of this source')
    .option(
      '--reason <reason>',
      'only for this reason: not-json, not-an-object, too-deep, bad-text, invalid-field, bad-date, refused-by-database',
    )
    .option('--since <duration>', 'only of the last 90s, 30m, 12h, 7d …', parseDuration)
    .option('--json', 'print JSON');
}

function parseId(text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 0) throw new InvalidArgumentError('must be a number, as in "vidhuk quarantine list"');
  return id;
}

function collectAssignment(text: string, others: Assignment[]): Assignment[] {
  const assignment = parseAssignment(text);
  if (assignment === undefined) throw new InvalidArgumentError('write it as path=value, for example activityStatus=READ');
  return [...others, assignment];
}

const filterOf = ({ source, reason, since }: FilterOptions, ids: readonly number[] = []): RejectionFilter => ({
  ...(ids.length > 0 ? { ids } : {}),
  ...(source === undefined ? {} : { source }),
  ...(reason === undefined ? {} : { reason }),
  ...(since === undefined ? {} : { since: new Date(Date.now() - since) }),
});

async function list(environment: CliEnvironment, options: FilterOptions & { limit: number }): Promise<void> {
  const filter = { ...filterOf(options), resolved: options.all ?? false };
  const { rows, totals } = await withDatabase(environment, async (dataSource) => ({
    rows: await selectRejections(dataSource, filter, options.limit),
    totals: await countByReason(dataSource, filter),
  }));
  if (options.json) {
    print(JSON.stringify(rows));
    return;
  }
  if (rows.length === 0) {
    print('The quarantine is empty.');
    return;
  }
  const cells = rows.map((row) => [
    String(row.id),
    formatTime(row.rejectedAt),
    row.source,
    row.reason,
    clip(row.detail, 50),
    clip(row.raw, 50),
  ]);
  print(formatTable(['id', 'rejected at', 'source', 'reason', 'detail', 'element'], cells, ['id']));
  print('');
  print(totals.map(({ reason, count }) => `${reason} ${count}`).join('   '));
}

const clip = (text: string, length: number): string => {
  const line = text.replace(/\p{C}+|\s+/gu, ' ');
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
};

async function findOne(dataSource: DataSource, id: number): Promise<RejectedActivity | undefined> {
  return (await selectRejections(dataSource, { ids: [id], resolved: true }, 1))[0];
}

async function show(environment: CliEnvironment, id: number, { json }: { json?: boolean }): Promise<void> {
  const row = await withDatabase(environment, (dataSource) => findOne(dataSource, id));
  if (row === undefined) {
    printAside(`There is no element ${id} in the quarantine.`);
    process.exitCode = exitCode.negative;
    return;
  }
  if (json) {
    print(JSON.stringify(row));
    return;
  }
  const state = row.resolvedAt === null ? 'waits' : `${row.resolution ?? 'resolved'} at ${formatTime(row.resolvedAt)}`;
  print(pc.bold(`${row.id}: ${row.reason}`));
  print(
    `${row.detail}\nsource ${row.source}, batch ${row.batchId}, position ${row.position}, rejected at ${formatTime(row.rejectedAt)}, ${state}\n`,
  );
  print(pretty(row.raw));
}

function pretty(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw; // not JSON, or nested too deep to be laid out
  }
}

/** The rows that a command is about, after the question that it asks; undefined when the answer was no or nothing matches. */
async function select(
  dataSource: DataSource,
  ids: readonly number[],
  options: FilterOptions,
  verb: string,
): Promise<RejectedActivity[] | undefined> {
  const filter = filterOf(options, ids);
  if (ids.length === 0 && !options.all)
    throw new Error(
      `say which: ids, or --all with --reason, --source or --since ("vidhuk quarantine ${verb} --help" has examples)`,
    );
  const count = await countRejections(dataSource, filter);
  if (count === 0) {
    printAside('Nothing in the quarantine matches.');
    process.exitCode = exitCode.negative;
    return undefined;
  }
  if (ids.length !== count && !(await confirm(`${verb} ${count} elements?`, options.yes))) {
    printAside(`Nothing was changed: ${count} elements match; say --yes to ${verb} them.`);
    process.exitCode = exitCode.negative;
    return undefined;
  }
  return selectRejections(dataSource, filter, count);
}

async function retry(environment: CliEnvironment, ids: readonly number[], options: RetryOptions): Promise<void> {
  const config = await loadWorkerConfiguration(environment.VIDHUK_CONFIG ?? 'vidhuk.yaml', environment);
  await withDatabase(environment, async (dataSource) => {
    const rows = await select(dataSource, ids, options, 'retry');
    if (rows === undefined) return;
    // The workers find what is planned here at their next look at the ledger.
    const parts = { dataSource, sources: config.sources, planner: new Planner(config.compiledActions, () => undefined) };
    const results: { id: number; result: Resubmission }[] = [];
    for (const row of rows) {
      const result = await resubmit(row, await mend(row.raw, options, environment), parts);
      results.push({ id: row.id, result });
      if (!options.json) print(`${row.id}: ${describe(result)}`);
    }
    if (options.json) print(JSON.stringify(results));
    if (results.some(({ result }) => !result.landed)) process.exitCode = exitCode.negative;
  });
}

async function mend(raw: string, { set, edit }: RetryOptions, environment: CliEnvironment): Promise<string> {
  let text = raw;
  if (set.length > 0) {
    try {
      text = setValues(text, set);
    } catch (error) {
      throw new ConfigurationError([
        `--set cannot be used on this element (${error instanceof Error ? error.message : String(error)}): use --edit`,
      ]);
    }
  }
  return edit ? editText(pretty(text), environment) : text;
}

function describe(result: Resubmission): string {
  if (!result.landed)
    return `${pc.red('still broken')}, nothing was changed: ${result.rejections.map(({ detail }) => detail).join('; ')}`;
  const what = result.activities.map(
    (a) => `${a.status} ${a.mediaType} of contact ${a.contactId ?? '–'} at ${formatTime(new Date(a.occurredAt))}`,
  );
  return `${pc.green(result.outcome.new > 0 ? 'landed' : 'was in the log already')}: ${what.join('; ')}`;
}

async function discard(environment: CliEnvironment, ids: readonly number[], options: FilterOptions): Promise<void> {
  await withDatabase(environment, async (dataSource) => {
    const rows = await select(dataSource, ids, options, 'discard');
    if (rows === undefined) return;
    const count = await discardRejections(
      dataSource,
      rows.map(({ id }) => id),
    );
    print(options.json ? JSON.stringify({ discarded: count }) : `${count} elements were discarded.`);
  });
}
