/** `vidhuk import`: a file of activities into the log, as if the webhook had brought them. */
import { fileFormats, openFile, previewOf, type FileFormat, type Preview } from '@vidhuk/worker/reconcile';
import { Command, Option } from 'commander';
import pc from 'picocolors';
import { exitCode, type CliEnvironment } from '../environment.js';
import { answer, type AnswerOptions, jsonOption } from '../output/answer.js';
import { clip, inLine } from '../output/print.js';
import { formatTable, none } from '../output/table.js';
import { formatOfFile, runFile } from '../reconcile/run-file.js';
import { readSource } from '../reconcile/with-run-parts.js';

interface Options extends AnswerOptions {
  source: string;
  format?: FileFormat;
  dryRun?: boolean;
}

/** Rows that a dry run shows. */
const shown = 3;

const examples = `
Examples:
  vidhuk import --source main activities.csv.gz --dry-run     how its fields are taken, and the first rows
  vidhuk import --source main activities.csv.gz
  vidhuk import --source main saved.ndjson --json

Fields are named as in the webhook, in the platform's API or in its export, whatever their case. What the log has already
changes nothing. A worker must run: rows go through the queue, and broken ones into the quarantine. Actions are called only
for what happened within their maxAge.

Exit codes: 0 everything is in the log, 1 something is not, 2 it could not be done.`;

export function importCommand(environment: CliEnvironment): Command {
  return new Command('import')
    .argument('<file>', 'NDJSON, a JSON array or CSV with a line of names, each gzipped or not')
    .requiredOption('--source <name>', 'the source in the configuration')
    .addOption(new Option('--format <format>', 'where the name of the file does not tell').choices(fileFormats))
    .option('--dry-run', 'only show how the fields are taken')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (file: string, options: Options) => {
      if (options.dryRun !== true) return runFile(environment, { ...options, file, period: null, dryRun: false });
      await readSource(environment, options.source);
      return preview(file, options);
    });
}

async function preview(file: string, options: Options): Promise<void> {
  const { rows } = await openFile(file, formatOfFile(file, options.format));
  const found = await previewOf(rows, shown);
  if (found.lacking.length > 0) process.exitCode = exitCode.negative;
  answer(options, found, describe);
}

function describe({ mapping, lacking, rows }: Preview): string {
  const fields = mapping.map(({ field, webhook }) => [inLine(field), webhook ?? none, webhook === null ? 'kept as it is' : '']);
  return [
    formatTable(['field', 'taken for', 'note'], fields),
    '',
    ...rows.map((row) => clip(JSON.stringify(row), 500)),
    lacking.length === 0
      ? pc.dim('Nothing was imported.')
      : pc.red(`No field gives ${lacking.join(' and ')}: rows without it are quarantined.`),
  ].join('\n');
}
