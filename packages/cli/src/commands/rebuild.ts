/** `vidhuk rebuild`: what follows from the bodies, made from them once more, and compared or put in its place. */
import { Command, InvalidArgumentError } from 'commander';
import { findContacts, recordAct } from '@vidhuk/worker/contact';
import {
  cancelRebuild,
  rebuildAll,
  rebuildContact,
  type ContactChange,
  type ReadingRules,
  type Rebuilt,
} from '@vidhuk/worker/history';
import { withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { loadBesideDatabase } from '../load-configuration.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { confirm, withoutTerminal } from '../output/confirm.js';
import { operator } from '../output/operator.js';
import { describeChanges, describeRebuilt } from '../output/rebuild-report.js';
import { showRebuild } from '../output/rebuild-progress.js';
import { withRebuildParts } from '../rebuild-parts.js';

interface Options extends AnswerOptions {
  check?: boolean;
  contact?: string;
  source?: string;
  timeZone?: string;
  cancel?: boolean;
  yes?: boolean;
}

const examples = `
Examples:
  vidhuk rebuild --check                        is everything as the bodies say? changes nothing
  vidhuk rebuild --contact 1967597908 --check   the same for one contact, in a moment
  vidhuk rebuild --contact test1@yourdomain.com make its rows again
  vidhuk rebuild                                make everything again
  vidhuk rebuild --source main --time-zone Europe/Kyiv
  vidhuk rebuild --cancel

It runs as the owner of the tables, and needs for a while as much room as log and statuses take. Any number of workers take part
in it, and live batches go on meanwhile. It plans no follow-up. Cut off, by Ctrl-C or otherwise, the same command goes on with it.

Exit codes: 0 done, or nothing differs; 1 something differs; 2 it could not be done.`;

export function rebuildCommand(environment: CliEnvironment): Command {
  return new Command('rebuild')
    .option('--check', 'only compare: exit code 1 where something differs')
    .option('--contact <who>', 'only of this contact: id, e-mail address, phone number or external id')
    .option('--source <name>', 'only of this source')
    .option('--time-zone <name>', 'read its bodies in this time zone, whatever the configuration says', parseZone)
    .option('--cancel', 'end one that is under way, or was cut off; log and statuses stay as they are')
    .option('--yes', 'do not ask')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: Options) => {
      if (options.cancel) return cancel(environment, options);
      if (options.contact === undefined) return rebuildTables(environment, options);
      if (options.timeZone !== undefined)
        throw new Error('--time-zone and --contact do not go together: its other rows would stand in the old one');
      return rebuildOne(environment, options.contact.trim(), options);
    });
}

async function rebuildOne(environment: CliEnvironment, who: string, options: Options): Promise<void> {
  const check = options.check ?? false;
  const { sources } = await loadBesideDatabase(environment);
  await withDatabase(environment, async (dataSource) => {
    const keys = await findContacts(dataSource, { kind: 'any', text: who }, options.source ?? null);
    if (keys.length === 0 && options.source !== undefined && /^[1-9]\d{0,15}$/.test(who))
      keys.push({ source: options.source, contact_id: who });
    const results: { source: string; contactId: number; changes: ContactChange[] }[] = [];
    for (const { source, contact_id } of keys) {
      const key = { source, contactId: Number(contact_id) };
      const changes = await rebuildContact(dataSource, key, { sources, check });
      results.push({ ...key, changes });
      if (!check)
        await recordAct(dataSource, { who: operator(), command: 'rebuild contact', detail: { source, changes: changes.length } });
    }
    if (results.length === 0) {
      answerNo(options, [], `Nobody here is known as "${who}". Of a contact without rows, say the id and --source.`);
      return;
    }
    answer(options, results, (all) => all.map((each) => describeChanges(each, check)).join('\n\n'));
    if (check && results.some(({ changes }) => changes.length > 0)) process.exitCode = exitCode.negative;
  });
}

async function rebuildTables(environment: CliEnvironment, options: Options): Promise<void> {
  const check = options.check ?? false;
  const contexts = await readContexts(environment, options);
  const question =
    'Make log and statuses again from the bodies? At the end batches wait for seconds, and tables are exchanged; --check only compares.';
  if (!check && !(await confirm(question, options.yes))) {
    answerNo(options, {}, `Nothing was changed.${withoutTerminal('--yes says yes')}`);
    return;
  }
  const rebuilt = await withRebuildParts(environment, contexts, async (parts) => {
    const done = await rebuildAll(parts, { check, source: options.source ?? null, onProgress: showRebuild(options) });
    const detail = summary(done, options);
    if (!check) await recordAct(parts.dataSource, { who: operator(), command: 'rebuild', detail });
    return done;
  });
  const zone =
    options.timeZone === undefined || check ? undefined : { source: zoneSource(contexts, options), name: options.timeZone };
  answer(options, { ...rebuilt, ...(zone === undefined ? {} : { timeZone: zone }) }, (done) =>
    describeRebuilt(done, check, zone),
  );
  if (check && rebuilt.differences.length > 0) process.exitCode = exitCode.negative;
}

async function cancel(environment: CliEnvironment, options: Options): Promise<void> {
  const cancelled = await withDatabase(environment, cancelRebuild, { poolSize: 3 });
  if (cancelled) answer(options, { cancelled }, () => 'Cancelled: log and statuses are as they were.');
  else answerNo(options, { cancelled }, 'No rebuild is under way, and none was cut off.');
}

/** As the configuration says, but for the time zone that was asked for. */
async function readContexts(environment: CliEnvironment, options: Options): Promise<ReadingRules> {
  const { sources } = await loadBesideDatabase(environment);
  const contexts = Object.fromEntries(
    Object.entries(sources).map(([source, { timeZone, maxAhead }]) => [source, { timeZone, maxAhead }]),
  );
  if (options.source !== undefined && !Object.hasOwn(contexts, options.source))
    throw new Error(`there is no source "${options.source}" in the configuration: it has ${Object.keys(contexts).join(', ')}`);
  if (options.timeZone === undefined) return contexts;
  const source = zoneSource(contexts, options);
  const { maxAhead = '1d' } = contexts[source] ?? {};
  return { ...contexts, [source]: { timeZone: options.timeZone, maxAhead } };
}

function zoneSource(contexts: ReadingRules, { source }: Options): string {
  const [only, ...others] = source === undefined ? Object.keys(contexts) : [source];
  if (only === undefined || others.length > 0)
    throw new Error('--time-zone needs --source: there are several in the configuration');
  return only;
}

function parseZone(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new InvalidArgumentError('Write it as the tz database does: UTC, Europe/Kyiv.');
  }
}

const summary = ({ batches, elements, gone, pausedMs }: Rebuilt, { source, timeZone }: Options): Record<string, unknown> => ({
  source: source ?? 'all',
  ...(timeZone === undefined ? {} : { timeZone }),
  ...{ batches, elements, gone, pausedMs },
});
