/** `vidhuk retention`: what is kept for how long, what goes when, where the disk goes, and until when it lasts. */
import { Command, InvalidArgumentError } from 'commander';
import { recordAct } from '@vidhuk/worker/contact';
import { earlierClock, readRetention, retain } from '@vidhuk/worker/history';
import { patientMs, withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { loadBesideDatabase } from '../load-configuration.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { operator } from '../output/operator.js';
import { describeRetention } from '../output/retention-report.js';
import { formatTable } from '../output/table.js';
import { freeBytesOf } from '../free-bytes.js';

interface Options extends AnswerOptions {
  dryRun?: boolean;
  now?: boolean;
  /** Bytes. */
  free?: number;
}

const examples = `
Examples:
  vidhuk retention                what would go when, the disk by table and month, and how long it lasts
  vidhuk retention --free 120GB   with so much room left on the disk of the database, where it is on another machine
  vidhuk retention --now          let it go now, instead of within the hour

How long things are kept stands in the configuration, under retention. Workers see to it every hour, one of them at a time.`;

export function retentionCommand(environment: CliEnvironment): Command {
  return new Command('retention')
    .option('--dry-run', 'only tell what would go (as without any option)')
    .option('--now', 'let go what is due')
    .option('--free <size>', 'room left on the disk of the database, such as 120GB', parseSize)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: Options) => showRetention(environment, options));
}

const units = ['', 'K', 'M', 'G', 'T'];

/** Of `120GB`, `1.5 TiB` or `4096`, the bytes, by powers of 1024. */
function parseSize(text: string): number {
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*$/i.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('must be a size such as 120GB');
  return Number(number) * 1024 ** units.indexOf(unit.toUpperCase());
}

async function showRetention(environment: CliEnvironment, options: Options): Promise<void> {
  const configuration = await loadBesideDatabase(environment);
  const limits = { statementMs: patientMs, poolSize: 3 };
  await withDatabase(
    environment,
    async (dataSource) => {
      const now = await earlierClock(dataSource);
      if (options.now !== true || options.dryRun === true) {
        const { dataFolder, ...report } = await readRetention(dataSource, configuration, now);
        const freeBytes = options.free ?? (dataFolder === null ? null : await freeBytesOf(dataFolder));
        answer(options, { ...report, freeBytes }, describeRetention);
        return;
      }
      const stays: string[] = [];
      const gone = await retain(dataSource, configuration, {
        ...{ now, signal: new AbortController().signal },
        onKept: (why) => stays.push(why),
      });
      if (gone === undefined) {
        answerNo(options, {}, 'A worker is at it right now, or a rebuild.');
        return;
      }
      await recordAct(dataSource, { who: operator(), command: 'retention', detail: gone });
      answer(options, { gone, stays }, () =>
        [
          formatTable(
            ['gone', 'count'],
            Object.entries(gone).map(([what, count]) => [what, String(count)]),
            { right: ['count'] },
          ),
          ...stays,
        ].join('\n'),
      );
    },
    limits,
  );
}
