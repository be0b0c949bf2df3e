/** Statements line by line: from a person at a terminal, who may mistype, or from a file, which ends with its first error. */
import { createInterface, type Interface } from 'node:readline';
import { readMetaCommand } from './meta-command.js';
import type { Outcome, SqlSession } from './session.js';
import { describeSqlError } from './sql-error.js';
import { Statements } from './statements.js';

export interface Console {
  session: SqlSession;
  /** Rows kept of one statement. */
  limit: number;
  show: (outcome: Outcome) => void;
  /** Texts beside results: help and errors. */
  tell: (text: string) => void;
}

/** Runs what `text` holds; its last statement needs no semicolon. Rejects with the first error. */
export async function runText(console: Console, text: string): Promise<void> {
  const statements = new Statements();
  for (const line of text.split('\n')) if ((await take(console, statements, line)) === 'quit') return;
  for (const statement of statements.flush()) await run(console, statement);
}

/** Until `\q` or the end of `input`; an error is told, and the next statement is waited for. Ctrl-C ends what runs, or forgets what was begun. */
export async function prompt(
  console: Console,
  { input, output }: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream },
): Promise<void> {
  const terminal = createInterface({ input, output, historySize: 1_000 });
  const statements = new Statements();
  let running = false;
  terminal.on('SIGINT', () => {
    if (running) console.session.cancel().catch((error: unknown) => console.tell(String(error)));
    else {
      statements.clear();
      output.write('^C\n');
      ask(terminal, statements);
    }
  });
  try {
    ask(terminal, statements);
    for await (const line of terminal) {
      running = true;
      try {
        if ((await take(console, statements, line)) === 'quit') return;
      } catch (error) {
        console.tell(error instanceof Error ? error.message : String(error));
      }
      running = false;
      ask(terminal, statements);
    }
  } finally {
    terminal.close();
  }
}

function ask(terminal: Interface, statements: Statements): void {
  terminal.setPrompt(statements.isPending ? 'vidhuk-> ' : 'vidhuk=> ');
  terminal.prompt();
}

async function take(console: Console, statements: Statements, line: string): Promise<'quit' | undefined> {
  if (!statements.isPending && /^\s*(\\|(?:quit|exit)\s*;?\s*$)/.test(line)) {
    const asked = /^\s*\\/.test(line) ? readMetaCommand(line, statements) : 'quit';
    if (asked === 'quit') return asked;
    if ('show' in asked) {
      if (asked.show !== '') console.tell(asked.show);
    } else await run(console, asked.run);
    return undefined;
  }
  for (const statement of statements.push(`${line}\n`)) await run(console, statement);
  return undefined;
}

async function run({ session, limit, show }: Console, statement: string): Promise<void> {
  let outcome: Outcome;
  try {
    outcome = await session.run(statement, limit);
  } catch (error) {
    throw new Error(describeSqlError(error, statement), { cause: error });
  }
  show(outcome);
}
