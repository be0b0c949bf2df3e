/** `vidhuk reconcile`: what did the feed miss? The platform's API, its export or a file, compared with the log. */
import { reconcile as compare, withRoad } from '@vidhuk/worker/reconcile';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CliEnvironment } from '../environment.js';
import { parseDate } from '../options/option-values.js';
import { parseDuration } from '../options/parse-duration.js';
import { type AnswerOptions, jsonOption } from '../output/answer.js';
import { answerRun } from '../reconcile/answer-run.js';
import { runFile } from '../reconcile/run-file.js';
import { showSteps } from '../reconcile/step-progress.js';
import { withRunParts } from '../reconcile/with-run-parts.js';

interface Options extends AnswerOptions {
  source: string;
  from: Date;
  to: Date;
  fromRoad: 'pull' | 'export' | 'file';
  file?: string;
  dryRun?: boolean;
}

const examples = `
Examples:
  vidhuk reconcile --source main --from 2d                                     the last two days, from the API
  vidhuk reconcile --source main --from 2026-09-01 --to 2026-09-08 --dry-run   only tells what is missing
  vidhuk reconcile --source main --from 30d --from-road export
  vidhuk reconcile --source main --from 2026-09-01 --from-road file --file september.csv.gz

What the log does not have is added as if the webhook had brought it, and a worker must run for that. What could not be read
is named, and nothing is said about it. SENT and SUBSCRIPTION_CHANGED come by the webhook alone, and never count as "only
ours". By itself it runs with "reconcile: { every: 6h }" of the source.

Exit codes: 0 nothing is missing any more, 1 something is, or could not be read, 2 it could not be done.`;

export function reconcileCommand(environment: CliEnvironment): Command {
  return new Command('reconcile')
    .requiredOption('--source <name>', 'the source in the configuration')
    .requiredOption(
      '--from <time>',
      'activities from then on: 2026-09-01, 2026-09-01T08:30:00Z, or so long ago: 6h, 2d',
      parseTime,
    )
    .option('--to <time>', 'and before then (default: now)', parseTime)
    .addOption(new Option('--from-road <road>', 'who is asked').choices(['pull', 'export', 'file']).default('pull'))
    .option('--file <file>', 'with --from-road file')
    .option('--dry-run', 'add nothing')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: Omit<Options, 'to'> & { to?: Date }) =>
      reconcile(environment, { ...options, to: options.to ?? new Date() }),
    );
}

function parseTime(text: string): Date {
  if (/^\d+(?:ms|s|m|h|d)$/.test(text)) return new Date(Date.now() - parseDuration(text));
  try {
    return parseDate(text);
  } catch {
    throw new InvalidArgumentError('Write it as 2026-09-01, 2026-09-01T08:30:00Z, or as 6h, 2d.');
  }
}

async function reconcile(environment: CliEnvironment, options: Options): Promise<void> {
  const { source, fromRoad, file, dryRun = false } = options;
  const period = { from: wholeSecond(options.from), to: wholeSecond(options.to) };
  if (period.from >= period.to) throw new Error('--from must be before --to');
  if ((fromRoad === 'file') !== (file !== undefined)) throw new Error('--from-road file and --file belong together');
  if (file !== undefined) {
    await runFile(environment, { ...options, file, period, dryRun });
    return;
  }
  const road = fromRoad === 'export' ? 'export' : 'pull';
  const result = await withRunParts(environment, source, (parts) =>
    withRoad(road, source, parts.settings, parts, async (opened) => {
      const progress = showSteps(process.stderr, period.to.getTime() - period.from.getTime());
      const onStep = ({ readUntil, theirs }: { readUntil: Date | null; theirs: number }) =>
        progress.on((readUntil ?? period.to).getTime() - period.from.getTime(), theirs);
      try {
        return await compare({ ...parts, road: opened, period, dryRun, scheduled: false }, { ...parts, onStep });
      } finally {
        progress.stop();
      }
    }),
  );
  answerRun(options, result);
}

const wholeSecond = (time: Date): Date => new Date(Math.floor(time.getTime() / 1_000) * 1_000);
