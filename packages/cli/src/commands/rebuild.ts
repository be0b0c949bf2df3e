/** `vidhuk rebuild`: what follows from the bodies, made from them once more, and compared or put right. */
import { Command } from 'commander';
import { configPathOf, toMs } from '@vidhuk/shared';
import { loadWorkerConfiguration } from '@vidhuk/worker/configuration';
import { findContacts, recordAct, Tombstones } from '@vidhuk/worker/contact';
import { createDataSource } from '@vidhuk/worker/database';
import {
  rebuildAll,
  rebuildContact,
  redirect,
  type ContactChange,
  type RebuildParts,
  type Rebuilt,
} from '@vidhuk/worker/history';
import { patientMs, withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { confirm } from '../output/confirm.js';
import { openLogger } from '../output/logger.js';
import { operator } from '../output/operator.js';
import { counted } from '../output/plural.js';
import { printAside } from '../output/print.js';
import { describeChanges, describeRebuilt } from '../output/rebuild-report.js';
import { readSettings } from '../settings.js';

interface Options extends AnswerOptions {
  check?: boolean;
  contact?: string;
  source?: string;
  yes?: boolean;
}

const examples = `
Examples:
  vidhuk rebuild --check                        is everything as the bodies say? changes nothing
  vidhuk rebuild --contact 1967597908 --check   the same for one contact, in a moment
  vidhuk rebuild --contact test1@yourdomain.com make its rows again
  vidhuk rebuild --source main                  put right whatever differs

It needs a schema of its own in the database, vidhuk_rebuild, and for a while as much room as log and statuses take. It plans no follow-up.`;

export function rebuildCommand(environment: CliEnvironment): Command {
  return new Command('rebuild')
    .option('--check', 'only compare: exit code 1 where something differs')
    .option('--contact <who>', 'only of this contact: id, e-mail address, phone number or external id')
    .option('--source <name>', 'only of this source')
    .option('--yes', 'do not ask')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: Options) =>
      options.contact === undefined
        ? rebuildTables(environment, options)
        : rebuildOne(environment, options.contact.trim(), options),
    );
}

async function rebuildOne(environment: CliEnvironment, who: string, options: Options): Promise<void> {
  const check = options.check ?? false;
  const { sources } = await loadWorkerConfiguration(configPathOf(environment), environment);
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
  const { databaseUrl, eraseKey } = readSettings(environment);
  const { sources } = await loadWorkerConfiguration(configPathOf(environment), environment);
  const question = 'Put right whatever differs? Batches wait while that is done; --check only compares.';
  if (!check && !(await confirm(question, options.yes))) {
    answerNo(options, {}, 'Nothing was changed. Without a terminal, --yes says yes.');
    return;
  }
  const log = openLogger('warn');
  const second = createDataSource(databaseUrl, {
    name: 'vidhuk rebuild',
    poolSize: 3,
    log,
    byIndexOnly: true,
    prepare: redirect,
  });
  await second.initialize();
  try {
    const rebuilt = await withDatabase(
      environment,
      async (dataSource) => {
        const parts: RebuildParts = { dataSource, second, sources, tombstones: new Tombstones(eraseKey), log };
        const settings = { check, source: options.source ?? null, onProgress: progressOf(options) };
        const done = await rebuildAll(parts, settings);
        if (!check) await recordAct(dataSource, { who: operator(), command: 'rebuild', detail: summary(done, options) });
        return done;
      },
      { statementMs: patientMs, poolSize: 4 },
    );
    answer(options, rebuilt, (done) => describeRebuilt(done, check));
    if (check && rebuilt.differences.length > 0) process.exitCode = exitCode.negative;
  } finally {
    await second.destroy();
  }
}

const summary = ({ batches, elements, corrected, pausedMs }: Rebuilt, { source }: Options): Record<string, unknown> => ({
  source: source ?? 'all',
  batches,
  elements,
  corrected,
  pausedMs,
});

const everyMs = toMs('10s');

/** A line now and then, with the time that is left. */
function progressOf({ json }: AnswerOptions): (progress: { done: number; total: number }) => void {
  if (json) return () => undefined;
  const begun = Date.now();
  let told = begun;
  return ({ done, total }) => {
    const now = Date.now();
    if (now - told < everyMs || done === 0) return;
    told = now;
    const left = Math.round(((now - begun) / done) * Math.max(total - done, 0)) / 1_000;
    printAside(`${counted(done, 'element')} of ${counted(total, 'element')}, about ${counted(Math.round(left), 'second')} left`);
  };
}
