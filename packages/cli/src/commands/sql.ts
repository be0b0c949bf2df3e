/** `vidhuk sql`: questions to the database as support may ask them, where there is no psql. */
import { stderr, stdin, stdout } from 'node:process';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { readSecret, settingOf } from '@vidhuk/shared';
import type { CliEnvironment } from '../environment.js';
import { answer, type AnswerOptions, jsonOption } from '../output/answer.js';
import { print, printAside } from '../output/print.js';
import { readSettings } from '../settings.js';
import { type Console, prompt, runText } from '../sql/console.js';
import { metaHelp } from '../sql/meta-command.js';
import { describeOutcome, toObjects } from '../sql/outcome.js';
import { SqlSession } from '../sql/session.js';

/** Rows that a table shows of one statement; JSON gives all. */
const shownRows = 1_000;

const help = `
It reads as the role vidhuk_support: by SUPPORT_DATABASE_URL where that is set, else by DATABASE_URL, whose user becomes that role.
Times are UTC, tables are looked for in the schema vidhuk, a statement ends after 60 s, and nothing can be written.
At a terminal it asks for statements; else it reads them from standard input, up to the first error.
With --json: the rows of the last statement.

At the prompt:
${metaHelp.replaceAll(/^/gm, '  ')}

Examples:
  vidhuk sql
  vidhuk sql -c "select status, count(*) from activity group by status"
  vidhuk sql --json -c "select * from contact_status limit 1"
  vidhuk sql < question.sql`;

interface Options extends AnswerOptions {
  command?: string;
}

export function sqlCommand(environment: CliEnvironment): Command {
  return new Command('sql')
    .option('-c, --command <statements>', 'run these and end')
    .option(...jsonOption)
    .addHelpText('after', help)
    .action((options: Options) => runSql(environment, options));
}

async function runSql(environment: CliEnvironment, options: Options): Promise<void> {
  const session = await openSession(environment);
  try {
    if (options.command === undefined && stdin.isTTY) await ask(session, options);
    else await runAll(session, options.command ?? (await text(stdin)), options);
  } finally {
    await session.close();
  }
}

async function openSession(environment: CliEnvironment): Promise<SqlSession> {
  const { value } = readSecret(environment, 'SUPPORT_DATABASE_URL');
  const given =
    value !== undefined && settingOf(environment, 'DATABASE_URL') === undefined
      ? { ...environment, DATABASE_URL: value }
      : environment;
  const { supportDatabaseUrl, databaseUrl } = readSettings(given);
  return supportDatabaseUrl === undefined
    ? SqlSession.open(databaseUrl, { setting: 'DATABASE_URL', role: 'vidhuk_support' })
    : SqlSession.open(supportDatabaseUrl, { setting: 'SUPPORT_DATABASE_URL', role: null });
}

async function ask(session: SqlSession, { json }: Options): Promise<void> {
  const screen: Console = {
    session,
    limit: json ? Number.POSITIVE_INFINITY : shownRows,
    show: (outcome) => print(json ? JSON.stringify(toObjects(outcome)) : describeOutcome(outcome)),
    tell: printAside,
  };
  printAside(String.raw`Reads only, as support. \d lists the tables, \? helps, \q ends.`);
  await prompt(screen, { input: stdin, output: stdout.isTTY ? stdout : stderr });
}

async function runAll(session: SqlSession, statements: string, options: Options): Promise<void> {
  let rows: Record<string, unknown>[] = [];
  const show: Console['show'] = (outcome) => {
    if (!options.json) print(describeOutcome(outcome));
    else if (outcome.fields.length > 0) rows = toObjects(outcome);
  };
  await runText({ session, limit: options.json ? Number.POSITIVE_INFINITY : shownRows, show, tell: printAside }, statements);
  if (options.json) answer(options, rows, () => '');
}
