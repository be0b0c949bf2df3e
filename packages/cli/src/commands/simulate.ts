/** `vidhuk simulate`: plays eSputnik's sender against a receiver. */
import { Command, Option } from 'commander';
import { randomInt } from 'node:crypto';
import pc from 'picocolors';
import {
  type GenerateOptions,
  runSimulation,
  type SendOutcome,
  type SimulationResult,
  sourceOf,
  withoutSecrets,
  workflowUrlOf,
} from '@vidhuk/simulator';
import {
  parseCount,
  parseDate,
  parseHeader,
  parseInteger,
  parsePositive,
  parsePositiveNumber,
  parseShare,
  parseUrl,
} from '../options/option-values.js';
import { asTyped } from '../output/command-name.js';
import { showProgress } from '../output/simulation-progress.js';
import { reportTable } from '../output/simulation-report.js';
import { type CliEnvironment, exitCode } from '../environment.js';
import { localWebhookUrl } from '../local-webhook-url.js';
import { answer, type AnswerOptions, jsonOption } from '../output/answer.js';
import { counted } from '../output/plural.js';

interface Options extends AnswerOptions {
  url?: string;
  header?: Record<string, string>;
  check: boolean;
  seed?: number;
  contacts: number;
  activities: number;
  batchSize: number;
  broken: number;
  from?: Date;
  days: number;
  rate?: number;
  timeScale: number;
  timeout: number;
  maxAttempts?: number;
  lostAnswers: number;
  ledger?: string;
  append?: boolean;
  source?: string;
  workflow?: string;
}

/** 130 is what shells say for Ctrl-C (128 + SIGINT); a failed check is thrown. */
const exitCodes: Record<Exclude<SendOutcome['end'], 'check-failed'>, number> = {
  complete: exitCode.ok,
  'gave-up': exitCode.negative,
  aborted: 130,
};
const DAY_MS = 86_400_000;

const EXAMPLES = `
Examples:
  $ vidhuk simulate                                                   10,000 activities to the ingress on this machine
  $ vidhuk simulate --activities 100000 --broken 1% --time-scale 1000 --ledger run.ledger
  $ vidhuk verify --ledger run.ledger                                 is all of it in the database?
  $ vidhuk simulate --rate 200 --batch-size 50                        a steady feed
  $ vidhuk simulate --workflow order-paid --ledger run.ledger         and a request of the workflow block for each run
  $ vidhuk simulate --seed 42 --from 2026-09-01                       the same bytes every time
  $ vidhuk simulate --url https://user:token@hooks.example.com/webhooks/esputnik/main

The sender keeps eSputnik's rules: a GET check, one POST at a time, and whatever is not answered with HTTP 200 is repeated after
1, 2, 4 … minutes up to an hour while everything behind it waits. --time-scale 1000 makes a minute last 60 ms.

Exit status: 0 everything was acknowledged; 1 gave up (--max-attempts); 2 could not start; 130 stopped with Ctrl-C.`;

/** The command; of `environment` it reads INGRESS_PORT and VIDHUK_MAIN_TOKEN. */
export function simulateCommand(environment: CliEnvironment): Command {
  return new Command('simulate')
    .option(
      '--url <url>',
      'where to POST (default: the ingress on this machine, by INGRESS_PORT and VIDHUK_MAIN_TOKEN)',
      parseUrl,
    )
    .option('--header <name: value>', 'a header for every request; may be repeated', parseHeader)
    .option('--no-check', 'leave out the GET check')
    .option('--seed <n>', 'the same seed and options give the same bytes (default: random)', parseInteger)
    .option('--contacts <n>', 'size of the population', parsePositive, 10_000)
    .option('--activities <n>', 'activities to send, repetitions and broken ones included', parseCount, 10_000)
    .option('--batch-size <n>', 'activities in one request', parsePositive, 500)
    .addOption(
      new Option('--broken <share>', 'share of elements that must be quarantined, as 1% or 0.01')
        .argParser(parseShare)
        .default(0),
    )
    .option('--from <date>', 'time of the first activity (default: so that the last ones are of yesterday)', parseDate)
    .option('--days <n>', 'over how many days the activities are spread', parsePositiveNumber, 30)
    .option('--rate <n>', 'activities a second at most', parsePositiveNumber)
    .option('--time-scale <n>', 'how many times faster the waits between repetitions pass', parsePositiveNumber, 1)
    .addOption(new Option('--timeout <seconds>', 'deadline of one request').argParser(parsePositiveNumber).default(30, '30 s'))
    .option('--max-attempts <n>', 'give up after so many failures of one batch (default: never)', parsePositive)
    .addOption(
      new Option('--lost-answers <share>', 'share of acknowledged batches to send once more').argParser(parseShare).default(0),
    )
    .option('--ledger <file>', 'write every acknowledged batch to a new file, for "vidhuk verify"')
    .option('--append', 'go on with a ledger that exists')
    .option('--source <name>', 'name of the source in the ledger (default: from the URL)')
    .option('--workflow <hook>', 'also send a request of the block "Webhook" to this hook for each run of a workflow')
    .option(...jsonOption)
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      process.exitCode = await simulate(options, environment);
    });
}

async function simulate(options: Options, environment: CliEnvironment): Promise<number> {
  const url = options.url ?? (await localWebhookUrl(environment));
  if (url === undefined)
    throw new Error('no URL: pass --url, or set VIDHUK_MAIN_TOKEN (and INGRESS_PORT) as the ingress has them');
  const generate = generateOptions(options);
  const { ledger: path, append = false, source = sourceOf(url), workflow: hook } = options;

  const stop = new AbortController();
  // Once each: a second Ctrl-C ends the process at once, as usual.
  const abort = () => stop.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  const progress = showProgress(process.stderr, { total: generate.activities, timeScale: options.timeScale });
  try {
    const result = await runSimulation({
      generate,
      sender: {
        url,
        headers: options.header ?? {},
        check: options.check,
        timeScale: options.timeScale,
        timeoutMs: options.timeout * 1_000,
        lostAnswers: options.lostAnswers,
        seed: generate.seed,
        signal: stop.signal,
        ...(options.rate === undefined ? {} : { rate: options.rate }),
        ...(options.maxAttempts === undefined ? {} : { maxAttempts: options.maxAttempts }),
        onRequest: (record) => progress.onRequest(record),
        onWait: (failures, waitMs) => progress.onWait(failures, waitMs),
      },
      ...(path === undefined ? {} : { ledger: { path, source, append } }),
      ...(hook === undefined ? {} : { workflow: { hook, url: workflowUrlOf(url, hook) } }),
    });
    progress.stop();
    const { outcome } = result;
    if (outcome.end === 'check-failed') throw new Error(`${withoutSecrets(url)}: ${describe(outcome)}`);
    printResult(result, { url, source, options, generate });
    const { sent, acknowledged } = result.requests ?? { sent: 0, acknowledged: 0 };
    if (outcome.end === 'complete' && acknowledged < sent) return exitCode.negative;
    return exitCodes[outcome.end];
  } finally {
    progress.stop();
    process.off('SIGINT', abort).off('SIGTERM', abort);
  }
}

function generateOptions(options: Options): GenerateOptions & { seed: number; from: Date } {
  const { seed = randomInt(2 ** 32), contacts, activities, batchSize, broken, days } = options;
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  return { seed, contacts, activities, batchSize, broken, days, from: options.from ?? new Date(today - days * DAY_MS) };
}

function printResult(
  { outcome, summary, requests }: SimulationResult,
  {
    url,
    source,
    options,
    generate,
  }: { url: string; source: string; options: Options; generate: GenerateOptions & { from: Date } },
): void {
  const { timeScale, ledger = null } = options;
  const from = generate.from.toISOString();
  const receiver = withoutSecrets(url);
  const data = {
    outcome,
    ...summary,
    ...(requests && { requests }),
    url: receiver,
    source,
    timeScale,
    ledger,
    generate: { ...generate, from },
  };
  answer(options, data, () =>
    [
      receiver,
      reportTable(summary, timeScale),
      ...(requests ? [describeRequests(requests)] : []),
      describe(outcome, requests),
      pc.dim(`the same bytes again: --seed ${generate.seed} --from ${from} and the same other options`),
      ...(ledger === null ? [] : [`is all of it there? ${asTyped('vidhuk verify')} --ledger ${ledger}`]),
    ].join('\n'),
  );
}

function describeRequests({ sent, acknowledged }: NonNullable<SimulationResult['requests']>): string {
  const line = `${counted(sent, 'request')} of the workflow block, ${acknowledged} acknowledged`;
  return acknowledged < sent ? pc.red(`${line} (is the hook configured?)`) : line;
}

function describe(outcome: SendOutcome, requests?: SimulationResult['requests']): string {
  const reason = 'answer' in outcome ? ('status' in outcome.answer ? `HTTP ${outcome.answer.status}` : outcome.answer.error) : '';
  switch (outcome.end) {
    case 'complete':
      return requests !== undefined && requests.acknowledged < requests.sent
        ? pc.red('every activity was acknowledged, but not every request')
        : pc.green('everything was acknowledged');
    case 'aborted':
      return pc.yellow('stopped: what was under way may have arrived or not');
    case 'check-failed':
      return `nothing was sent: the GET check was answered with ${reason} instead of HTTP 200${hint(reason)}`;
    case 'gave-up':
      return pc.red(`gave up on batch ${outcome.batch}: the last answer was ${reason}; everything behind it was not sent`);
  }
}

function hint(reason: string): string {
  if (reason === 'ECONNREFUSED') return ' (is the ingress running, and on this port?)';
  if (reason === 'HTTP 404') return ' (is the token the right one, and the source configured?)';
  return '';
}
