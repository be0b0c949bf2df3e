/** `vidhuk replay`: what came in, through the pipeline once more. */
import { Command } from 'commander';
import pc from 'picocolors';
import { batchQueueName, openQueueStore, StoreRoom, type BatchJob } from '@vidhuk/shared';
import { findReplayable, Replay, type Replayable } from '@vidhuk/worker/history';
import { describeStop, workOff } from '../bulk/work-off.js';
import { patientMs, withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { loadBesideDatabase } from '../load-configuration.js';
import { parseMoment } from '../options/parse-moment.js';
import { parseRate } from '../options/parse-rate.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { confirm, withoutTerminal } from '../output/confirm.js';
import { openLogger } from '../output/logger.js';
import { counted } from '../output/plural.js';
import { printAside } from '../output/print.js';
import { readSettings } from '../settings.js';

interface Options extends AnswerOptions {
  since: Date;
  source?: string;
  rate?: number;
  yes?: boolean;
}

const examples = `
Examples:
  vidhuk replay --since 2h                     after a restore or a failover of the database
  vidhuk replay --since 2026-09-01T08:00:00Z --source main --rate 20

What the log has is a duplicate and changes nothing; what it lost comes back, with the follow-ups that were never planned. A
worker must run. "vidhuk acts" shows how far it is, and "vidhuk acts stop <id>" or Ctrl-C stops it.`;

export function replayCommand(environment: CliEnvironment): Command {
  return new Command('replay')
    .requiredOption('--since <time>', 'batches received since: 2h, 7d, 2026-09-01, 2026-09-01T08:30:00Z', parseMoment)
    .option('--source <name>', 'only of this source')
    .option('--rate <n>', 'at most so many batches a second', parseRate)
    .option('--yes', 'do not ask')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: Options) => replay(environment, options));
}

/** Between two looks whether it is to stop. */
const largestStep = 20;

async function replay(environment: CliEnvironment, options: Options): Promise<void> {
  const { since, source = null, rate = null, json = false } = options;
  const { queueUrl } = readSettings(environment);
  const configuration = await loadBesideDatabase(environment);
  const store = await openQueueStore(queueUrl, () => undefined);
  const queue = await store.openQueue<BatchJob>(batchQueueName);
  try {
    await withDatabase(
      environment,
      async (dataSource) => {
        const found = await findReplayable({ dataSource, queue }, { since, source });
        if (found.length === 0) {
          answerNo(options, { bodies: 0, lost: 0 }, `Nothing is kept of what was received since ${since.toISOString()}.`);
          return;
        }
        if (!options.yes && !json) printAside(describeFound(found));
        if (!(await confirm(`Put ${counted(found.length, 'batch', 'batches')} through the pipeline again?`, options.yes))) {
          answerNo(options, { bodies: 0, lost: 0 }, `Nothing was done.${withoutTerminal('--yes says yes')}`);
          return;
        }
        const room = new StoreRoom(store, configuration.queue.fullAtPercent, openLogger('error'));
        const { sources } = configuration;
        const again = new Replay({ dataSource, queue, room, sources });
        const result = await workOff({
          dataSource,
          command: 'replay',
          about: { since, source: source ?? 'all' },
          items: found,
          rate,
          largestStep,
          step: (some) => again.submit(some),
          end: () => again.settled(),
          quiet: json,
        });
        const { act, state, done, of, counts } = result;
        const data = {
          bodies: counts.bodies ?? 0,
          lost: counts.lost ?? 0,
          cameBack: await again.cameBack(),
          act,
          state,
          done,
          of,
        };
        answer(options, data, ({ bodies, lost, cameBack }) =>
          [
            pc.green(`${counted(bodies + lost, 'batch', 'batches')} went through the pipeline again.`),
            ...(lost === 0
              ? []
              : [
                  `${counted(lost, 'batch', 'batches')} of them the database did not have: they brought ${counted(cameBack, 'activity', 'activities')}.`,
                ]),
            describeStop(result),
          ]
            .filter((line) => line !== '')
            .join('\n'),
        );
        if (state === 'stopped') process.exitCode = exitCode.negative;
      },
      { statementMs: patientMs },
    );
  } finally {
    await queue.close();
    await store.close();
  }
}

function describeFound(found: readonly Replayable[]): string {
  const lost = found.filter(({ from }) => from === 'queue').length;
  return `${counted(found.length - lost, 'body is', 'bodies are')} kept; ${counted(lost, 'finished batch', 'finished batches')} of the queue the database does not have.`;
}
