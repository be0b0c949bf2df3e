/** The commands of `vidhuk`, put together; `main.ts` runs them for a process, tests run them in their own. */
import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { exitCode, type CliEnvironment } from './environment.js';
import { asTyped } from './output/command-name.js';
import { printFailure } from './output/failure.js';
import { fitLines } from './output/fit-lines.js';
import { print, printAside } from './output/print.js';

interface Entry {
  name: string;
  description: string;
  /** Loads the command with all that it needs: a second of work, done for the command that is asked for only. */
  load: () => Promise<(environment: CliEnvironment) => Command>;
}

const entries: readonly Entry[] = [
  {
    name: 'start',
    description: 'run all of Vidhuk on this machine, with an embedded PostgreSQL, until Ctrl-C (in a clone of the repository)',
    load: async () => (await import('./commands/start.js')).startCommand,
  },
  {
    name: 'contact',
    description: 'may we write to this contact, and why not? status, channels, latest activities',
    load: async () => (await import('./commands/contact.js')).contactCommand,
  },
  {
    name: 'explain',
    description: 'why a contact is as it is: the activity behind each flag and time, the rule, and what would change it',
    load: async () => (await import('./commands/explain.js')).explainCommand,
  },
  {
    name: 'search',
    description: 'contacts by a part of their address, domain or id',
    load: async () => (await import('./commands/search.js')).searchCommand,
  },
  {
    name: 'workflow',
    description: 'one run of a workflow: its requests and the activities of its messages, in order of time',
    load: async () => (await import('./commands/workflow.js')).workflowCommand,
  },
  {
    name: 'activities',
    description: 'the log: list activities, count them by status, channel, message, day …, figures of widgets',
    load: async () => (await import('./commands/activities.js')).activitiesCommand,
  },
  {
    name: 'status',
    description: 'on one screen: URLs, processes, feed, queue, quarantine, actions, and what is wrong',
    load: async () => (await import('./commands/status.js')).statusCommand,
  },
  {
    name: 'quarantine',
    description: 'broken elements: list, show, mend and resubmit, discard',
    load: async () => (await import('./commands/quarantine.js')).quarantineCommand,
  },
  {
    name: 'rebuild',
    description: 'compare log and statuses with the bodies that came in, and put right what differs',
    load: async () => (await import('./commands/rebuild.js')).rebuildCommand,
  },
  {
    name: 'retention',
    description: 'what is kept for how long, what goes when, and the disk by table and month',
    load: async () => (await import('./commands/retention.js')).retentionCommand,
  },
  {
    name: 'erase',
    description: 'forget a person: every place is emptied, and nothing brings them back',
    load: async () => (await import('./commands/erase.js')).eraseCommand,
  },
  {
    name: 'replay',
    description: 'put kept bodies and finished batches of the queue through the pipeline again: what was lost comes back',
    load: async () => (await import('./commands/replay.js')).replayCommand,
  },
  {
    name: 'acts',
    description: 'who did what by the command line, how far it is, and stopping it',
    load: async () => (await import('./commands/acts.js')).actsCommand,
  },
  {
    name: 'doctor',
    description: 'check configuration, database, queue, durability, clocks and processes; say what is wrong and what to do',
    load: async () => (await import('./commands/doctor.js')).doctorCommand,
  },
  {
    name: 'migrate',
    description:
      'bring the database (and the queue, where it is PostgreSQL) up to date; safe to run at any time, by many at once',
    load: async () => (await import('./commands/migrate.js')).migrateCommand,
  },
  {
    name: 'reload',
    description: 'let the running processes read the configuration again; tell what they took and what waits for a restart',
    load: async () => (await import('./commands/reload.js')).reloadCommand,
  },
  {
    name: 'actions',
    description: 'follow-up actions: list, try out, stop and start',
    load: async () => (await import('./commands/actions.js')).actionsCommand,
  },
  {
    name: 'follow-ups',
    description: 'the ledger of follow-ups: list, show, retry, cancel',
    load: async () => (await import('./commands/follow-ups.js')).followUpsCommand,
  },
  {
    name: 'reconcile',
    description: 'what did the feed miss? compare the log with the API, the export or a file, and add what is missing',
    load: async () => (await import('./commands/reconcile.js')).reconcileCommand,
  },
  {
    name: 'import',
    description: 'activities from a file (NDJSON, JSON, CSV) into the log, as if the webhook had brought them',
    load: async () => (await import('./commands/import.js')).importCommand,
  },
  {
    name: 'sql',
    description: 'ask the database in SQL, as support may: a prompt, or -c "select …"',
    load: async () => (await import('./commands/sql.js')).sqlCommand,
  },
  {
    name: 'simulate',
    description: 'send realistic activities as eSputnik would, and measure the answers',
    load: async () => (await import('./commands/simulate.js')).simulateCommand,
  },
  {
    name: 'verify',
    description: 'compare the ledger of "vidhuk simulate" with the database',
    load: async () => (await import('./commands/verify.js')).verifyCommand,
  },
  {
    name: 'completion',
    description: 'completion of commands and options for bash, zsh and fish',
    load: async () => (await import('./commands/completion.js')).completionCommand,
  },
];

/** The program for one command line: the command that it names is loaded, the others are names only. */
export async function createProgram(args: readonly string[], environment: CliEnvironment): Promise<Command> {
  const program = new Command('vidhuk')
    .description('Receives eSputnik (Yespo) activity webhooks, keeps every one, and knows the status of every contact.')
    .version(readVersion(), '--version', 'print the version')
    .addHelpText(
      'after',
      '\nConnects to DATABASE_URL and QUEUE_URL, or to the running "npm start" of this folder.\n\nExit codes: 0 done, 1 the answer is no, 2 it could not be done.',
    )
    .configureHelp({ showGlobalOptions: true });
  for (const { name, description, load } of entries) {
    const command = args.includes(name) ? (await load())(environment) : new Command(name);
    program.addCommand(command.description(description));
  }
  // Asked by the shell, with the words so far. It sees what is loaded: the commands, and the options of the one that is being typed.
  if (args[0] === 'complete') (await import('@bomb.sh/tab/commander')).default(program);
  prepare(program, wantsJson(args));
  return program;
}

/** Runs one command line, as it stands behind `vidhuk`. Never rejects; `process.exitCode` tells how it went. */
export async function runProgram(args: readonly string[], environment: CliEnvironment): Promise<void> {
  const json = wantsJson(args);
  const program = await createProgram(args, environment);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCode.failure;
    const told = error instanceof CommanderError && (error.exitCode === 0 || (error.code === 'commander.help' && !json));
    if (!told) await printFailure(error, json);
    else if (error.exitCode === 0) process.exitCode = exitCode.ok;
  }
}

/** Of a command line that cannot be parsed too: what is wrong with it is told in JSON as well. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

/** The version of the package that this file belongs to, built or not. */
function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}

/** Commander throws instead of ending the process, leaves errors to {@link printFailure}, and prints help in the form that works here. */
function prepare(command: Command, json: boolean): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => print(fitLines(asTyped(text).trimEnd())),
    writeErr: (text) => {
      if (!json) printAside(fitLines(asTyped(text).trimEnd()));
    },
    outputError: () => undefined,
  });
  for (const sub of command.commands) prepare(sub, json);
}
