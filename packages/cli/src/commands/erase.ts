/** `vidhuk erase`: everything that is known of a person goes, and does not come back. */
import { Command } from 'commander';
import { batchQueueName, openQueueStore, type BatchJob, type JobQueue } from '@vidhuk/shared';
import { findContacts } from '@vidhuk/worker/contact';
import {
  beyondReach,
  describePerson,
  erasePeople,
  findPeople,
  keyProblem,
  readHolders,
  type ErasureParts,
  type Found,
  type Person,
} from '@vidhuk/worker/erase';
import type { DataSource } from 'typeorm';
import { patientMs, withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { loadBesideDatabase } from '../load-configuration.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { confirm, withoutTerminal } from '../output/confirm.js';
import { operator } from '../output/operator.js';
import { counted } from '../output/plural.js';
import { inLine, printAside } from '../output/print.js';
import { formatTable } from '../output/table.js';
import { readSettings } from '../settings.js';

interface Options extends AnswerOptions {
  source?: string;
  dryRun?: boolean;
  yes?: boolean;
}

const examples = `
Examples:
  vidhuk erase test1@yourdomain.com --dry-run   what is known of whoever has or had this address, and where
  vidhuk erase test1@yourdomain.com
  vidhuk erase 1967597908 --source main --yes   a contact of whom nothing but broken elements is known, too

Needs ERASE_KEY, the same as every worker has. It cannot be taken back.`;

export function eraseCommand(environment: CliEnvironment): Command {
  return new Command('erase')
    .argument('<contact>', 'contact id, e-mail address, phone number, push token or external id')
    .option('--source <name>', 'only in this source')
    .option('--dry-run', 'only count what would go')
    .option('--yes', 'do not ask')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((who: string, options: Options) => erase(environment, who.trim(), options));
}

async function erase(environment: CliEnvironment, who: string, options: Options): Promise<void> {
  const { eraseKey, queueUrl } = readSettings(environment);
  const problem = keyProblem(eraseKey);
  if (!options.dryRun && problem !== undefined) throw new Error(problem);
  const { sources, compiledActions: actions } = await loadBesideDatabase(environment);
  await withQueue(queueUrl, (queue) =>
    withDatabase(
      environment,
      async (dataSource) => {
        const parts: ErasureParts = { dataSource, sources, queue };
        const people = await peopleNamed(dataSource, who, options.source);
        if (people.length === 0) {
          const hint = 'Of a contact id that only broken elements name, say the source: --source';
          answerNo(options, { people: [] }, `Nobody here is known as "${who}". ${hint}`);
          return;
        }
        if (options.dryRun) {
          const found = await findPeople(parts, people);
          answer(options, { people, found }, () => [describePeople(people), describeFound('found', found)].join('\n\n'));
          return;
        }
        if (!options.json || !options.yes) printAside(describePeople(people));
        if (!(await confirm('Erase all of it? This cannot be taken back.', options.yes))) {
          answerNo(options, { erased: {} }, `Nothing was changed.${withoutTerminal('--yes says yes')}`);
          return;
        }
        const done = await erasePeople(parts, people, { key: eraseKey ?? '', who: operator(), actions });
        const isLeft = Object.values(done.left).some((count) => count > 0);
        const waiting = await waitingIn(queue);
        answer(options, { ...done, waiting, beyondReach }, () => describeDone(done, waiting));
        if (isLeft) process.exitCode = exitCode.negative;
      },
      { statementMs: patientMs },
    ),
  );
}

/** Of each source one. An address means whoever has or had it, in any channel. */
async function peopleNamed(dataSource: DataSource, who: string, source: string | undefined): Promise<Person[]> {
  const keys = [
    ...(await findContacts(dataSource, { kind: 'any', text: who }, source ?? null)),
    ...(await readHolders(dataSource, who, source ?? null)),
  ];
  const bySource = new Map<string, Set<number>>();
  const add = (name: string, id: number) => bySource.set(name, (bySource.get(name) ?? new Set<number>()).add(id));
  for (const key of keys) add(key.source, Number(key.contact_id));
  if (bySource.size === 0 && source !== undefined && /^[1-9]\d{0,15}$/.test(who)) add(source, Number(who));
  return Promise.all([...bySource].map(([name, ids]) => describePerson(dataSource, name, [...ids])));
}

async function withQueue<T>(url: string, work: (queue: JobQueue<BatchJob>) => Promise<T>): Promise<T> {
  const store = await openQueueStore(url, () => undefined);
  try {
    const queue = await store.openQueue<BatchJob>(batchQueueName);
    try {
      return await work(queue);
    } finally {
      await queue.close();
    }
  } finally {
    await store.close();
  }
}

const waitingIn = async (queue: JobQueue<BatchJob>): Promise<number> => {
  const { active = 0, delayed = 0 } = await queue.getJobCounts('active', 'delayed');
  return active + delayed + ((await queue.getCountsPerPriority([0]))[0] ?? 0);
};

const describePeople = (people: readonly Person[]): string =>
  people
    .map(({ source, contactIds, addresses, shared }) => {
      const lines = [
        `${counted(contactIds.length, 'contact')} of ${inLine(source)}: ${contactIds.join(', ')}`,
        ...(addresses.length > 0 ? [`  known by ${inLine(addresses.join(', '))}`] : []),
        ...(shared.length > 0 ? [`  others have these too, so they stay with them: ${inLine(shared.join(', '))}`] : []),
      ];
      return lines.join('\n');
    })
    .join('\n');

const describeFound = (title: string, found: Found): string =>
  formatTable(
    ['place', title],
    Object.entries(found).map(([place, count]) => [place, String(count)]),
    { right: [title] },
  );

function describeDone({ erased, left, told }: { erased: Found; left: Found; told: number }, waiting: number): string {
  const rest = Object.entries(left).filter(([, count]) => count > 0);
  return [
    describeFound('erased', erased),
    '',
    rest.length === 0
      ? 'A second look found nothing more.'
      : `A second look still found something: ${rest.map(([place, count]) => `${place}: ${count}`).join(', ')}. Run it again.`,
    ...(told > 0 ? [`${counted(told, 'follow-up')} of actions with "on: erase" will tell others.`] : []),
    ...(waiting > 0
      ? [`${counted(waiting, 'batch', 'batches')} in the queue: what they bring of this person is left out when they are taken.`]
      : []),
    'What cannot be reached from here:',
    ...beyondReach.map((each) => `  - ${each}`),
  ].join('\n');
}
