/** `vidhuk verify`: is everything that a ledger says was acknowledged in the database? */
import { configPathOf, ConfigurationError, loadConfiguration, messageOf, PostgresClient } from '@vidhuk/shared';
import { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import pg from 'pg';
import pc from 'picocolors';
import { describeDifference, LedgerError, type Verification, verifyLedger, type VerifyProgress } from '@vidhuk/simulator';
import { parsePositiveNumber } from '../options/option-values.js';
import { type CliEnvironment, exitCode } from '../environment.js';
import { NothingRunsError, readSettings } from '../settings.js';
import { answer, type AnswerOptions, jsonOption } from '../output/answer.js';
import { counted } from '../output/plural.js';
import { inLine, printAside } from '../output/print.js';

interface Options extends AnswerOptions {
  ledger: string;
  timeout: number;
  timeZone?: string;
}

/** Differences that are shown to people; `--json` shows all. */
const SHOWN = 20;

const EXAMPLES = `
Examples:
  $ vidhuk simulate --activities 100000 --broken 1% --ledger run.ledger
  $ vidhuk verify --ledger run.ledger
  $ vidhuk verify --ledger run.ledger --json | jq .data.totals

Every acknowledged sound activity must be in vidhuk.activity exactly once, every broken element in vidhuk.rejected_activity, and
contact_status and contact_channel_status must follow from the ledger. Every acknowledged request of the workflow block must be in
vidhuk.workflow_request exactly once. It waits for the queue to drain first.

Exit status: 0 all of it is so; 1 there are differences; 2 it could not be checked.`;

/** The command; of `environment` it reads DATABASE_URL, and VIDHUK_CONFIG for the sources' time zones. */
export function verifyCommand(environment: CliEnvironment): Command {
  return new Command('verify')
    .requiredOption('--ledger <file>', 'the ledger')
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for the queue to drain')
        .argParser(parsePositiveNumber)
        .default(60, '60 s'),
    )
    .option('--time-zone <name>', 'IANA zone of activityDateTime (default: that of the source in the configuration)')
    .option(...jsonOption)
    .addHelpText('after', EXAMPLES)
    .action((options: Options) => verify(options, environment));
}

async function verify(options: Options, environment: CliEnvironment): Promise<void> {
  const progress = showProgress(process.stderr);
  let client: pg.Client | undefined;
  try {
    const { databaseUrl } = readSettings(environment);
    const timeZoneOf = await timeZones(options, environment);
    client = new PostgresClient({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 5_000,
      application_name: 'vidhuk verify',
    });
    client.on('error', () => undefined); // a lost connection also fails the query under way, which tells
    await client.connect();
    const verification = await verifyLedger({
      path: options.ledger,
      client,
      timeZoneOf,
      timeoutMs: options.timeout * 1_000,
      ...(options.json ? {} : { limit: SHOWN }),
      onProgress: (step) => progress.on(step),
    });
    progress.stop();
    printResult(verification, options);
    if (!verification.equal) process.exitCode = exitCode.negative;
  } catch (error) {
    progress.stop();
    throw error instanceof ConfigurationError || error instanceof NothingRunsError
      ? error
      : new Error(explain(error), { cause: error });
  } finally {
    await client?.end().catch(() => undefined);
  }
}

async function timeZones({ timeZone }: Options, environment: CliEnvironment): Promise<(source: string) => string> {
  if (timeZone !== undefined) return () => timeZone;
  const path = configPathOf(environment);
  try {
    const { sources } = await loadConfiguration(path, environment);
    return (source) => sources[source]?.timeZone ?? 'UTC';
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    printAside(pc.yellow(`${path} cannot be used, so times are taken as UTC (see --time-zone)`));
    return () => 'UTC';
  }
}

function printResult(verification: Verification, options: Options): void {
  const { equal, checked, waitedMs, totals, differences } = verification;
  const { ledger } = options;
  answer(options, { equal, ledger, checked, waitedMs, totals, differences }, () => describe(verification, ledger));
}

function describe({ equal, checked, totals, differences }: Verification, ledger: string): string {
  const { batches, elements, activities, rejections, contacts, requests } = checked;
  const number = new Intl.NumberFormat('en-US');
  const lines = [
    `${ledger}: ${counted(elements, 'element')} in ${counted(batches, 'batch', 'batches')}: ${counted(activities, 'distinct activity', 'distinct activities')} of ` +
      `${counted(contacts, 'contact')}, ${counted(rejections, 'distinct broken element')}${requests === 0 ? '' : `, ${counted(requests, 'workflow request')}`}`,
  ];
  if (equal) {
    lines.push(
      pc.green('equal: each activity is in the log exactly once, each broken element in quarantine, and every status follows'),
    );
    return lines.join('\n');
  }
  lines.push(...differences.map((difference) => `  ${inLine(describeDifference(difference))}`));
  const total = Object.values(totals).reduce((sum, count) => sum + count, 0);
  if (total > differences.length) lines.push(`  … and ${number.format(total - differences.length)} more (--json shows all)`);
  const kinds = Object.entries(totals).map(([kind, count]) => `${kind} ${number.format(count)}`);
  lines.push(pc.red(`${counted(total, 'difference')}: ${kinds.join(', ')}`));
  return lines.join('\n');
}

function explain(error: unknown): string {
  if (error instanceof LedgerError) return error.message;
  // 42P01 undefined_table, 3F000 invalid_schema_name (PostgreSQL, appendix A)
  if (error instanceof pg.DatabaseError && (error.code === '42P01' || error.code === '3F000'))
    return `${error.message}: run "vidhuk migrate"`;
  return `the database: ${messageOf(error)}`;
}

/** A bar on a terminal, nothing elsewhere. */
function showProgress(stream: NodeJS.WriteStream): { on(step: VerifyProgress): void; stop(): void } {
  if (!stream.isTTY) return { on: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ stream, format: '{bar} {value}/{total} {state}', hideCursor: true, clearOnComplete: true });
  bar.start(1, 0, { state: 'reading the ledger' });
  return {
    on(step) {
      if (step.stage === 'reading') bar.update(0, { state: `reading the ledger: ${step.elements} elements` });
      if (step.stage === 'comparing') bar.update({ state: 'comparing' });
      if (step.stage !== 'waiting') return;
      const { activities, rejections } = step.arrival;
      const expected = activities.expected + rejections.expected;
      bar.setTotal(expected);
      bar.update(expected - activities.missing - rejections.missing, { state: 'in the database, waiting for the rest' });
    },
    stop: () => bar.stop(),
  };
}
