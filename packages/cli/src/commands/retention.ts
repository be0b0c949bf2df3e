/** `vidhuk retention`: what is kept for how long, what goes when, and where the disk goes. */
import { configPathOf } from '@vidhuk/shared';
import { Command } from 'commander';
import pc from 'picocolors';
import { loadWorkerConfiguration } from '@vidhuk/worker/configuration';
import { recordAct } from '@vidhuk/worker/contact';
import { readRetention, retain, type RetentionState, type TableSize } from '@vidhuk/worker/history';
import { patientMs, withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { timeCell } from '../output/age.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { bytesCell } from '../output/bytes.js';
import { operator } from '../output/operator.js';
import { formatTable, none } from '../output/table.js';

interface Options extends AnswerOptions {
  dryRun?: boolean;
  now?: boolean;
}

const examples = `
Examples:
  vidhuk retention          what would go when, and the disk by table and month
  vidhuk retention --now    let it go now, instead of within the hour

How long things are kept stands in the configuration, under retention. Workers see to it every hour, one of them at a time.`;

export function retentionCommand(environment: CliEnvironment): Command {
  return new Command('retention')
    .option('--dry-run', 'only tell what would go (as without any option)')
    .option('--now', 'let go what is due')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: Options) => showRetention(environment, options));
}

async function showRetention(environment: CliEnvironment, options: Options): Promise<void> {
  const { retention } = await loadWorkerConfiguration(configPathOf(environment), environment);
  const limits = { statementMs: patientMs, poolSize: 3 };
  await withDatabase(
    environment,
    async (dataSource) => {
      if (options.now !== true || options.dryRun === true) {
        answer(options, await readRetention(dataSource, retention, new Date()), describe);
        return;
      }
      const gone = await retain(dataSource, retention, { now: new Date(), signal: new AbortController().signal });
      if (gone === undefined) {
        answerNo(options, {}, 'A worker is at it right now.');
        return;
      }
      await recordAct(dataSource, { who: operator(), command: 'retention', detail: gone });
      answer(options, { gone }, () =>
        formatTable(
          ['gone', 'count'],
          Object.entries(gone).map(([what, count]) => [what, String(count)]),
          { right: ['count'] },
        ),
      );
    },
    limits,
  );
}

function describe({ kinds, disk }: { kinds: readonly RetentionState[]; disk: readonly TableSize[] }): string {
  const kept = kinds.map(({ what, setting, value, kept, due, oldest, goesAt }) => [
    what,
    `${setting}: ${value}`,
    String(kept),
    String(due),
    timeCell(oldest),
    goesAt === null ? none : timeCell(goesAt),
  ]);
  const sizes = disk.map(({ table, month, bytes }) => [table, month ?? none, bytesCell(bytes)]);
  return [
    formatTable(['what', 'kept for', 'kept', 'due', 'oldest', 'goes'], kept, { right: ['kept', 'due'] }),
    '',
    pc.bold('Disk'),
    formatTable(['table', 'month', 'size'], sizes, { right: ['size'] }),
  ].join('\n');
}
