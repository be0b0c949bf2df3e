/**
 * Statements that need no answer of each other, on a connection in pipeline mode. What a transaction locks is locked for as long as its statements
 * take, and for the pauses between them, in which the process that sent them may be busy with parsing: measured, a quarter of that time.
 */

type Send = () => Promise<unknown>;
type Answers<Statements extends readonly Send[]> = { -readonly [Nth in keyof Statements]: Awaited<ReturnType<Statements[Nth]>> };

/**
 * Sends all of `statements` before any is answered; they are done in this order, so each function has to send all that it sends before it first
 * waits for anything. Settles when all have; rejects as the first that was refused, for those behind it are only told that the transaction is aborted.
 */
export async function inOneGo<const Statements extends readonly Send[]>(statements: Statements): Promise<Answers<Statements>> {
  const answers = statements.map(async (send) => send());
  await Promise.allSettled(answers);
  return inTurn(answers);
}

/** The same, each sent when the one before it was answered: for what is too large to be held at once. */
export function oneByOne<const Statements extends readonly Send[]>(statements: Statements): Promise<Answers<Statements>> {
  return inTurn(sending(statements));
}

function* sending(statements: readonly Send[]): Generator<Promise<unknown>> {
  for (const send of statements) yield send();
}

async function inTurn<Statements extends readonly Send[]>(answers: Iterable<Promise<unknown>>): Promise<Answers<Statements>> {
  const values: unknown[] = [];
  for (const answer of answers) values.push(await answer);
  return values as Answers<Statements>;
}
