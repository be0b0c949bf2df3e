/** What is said when a command could not do its work: one line, or the envelope of an error. */
import type { ConfigurationError } from '@vidhuk/shared';
import { CommanderError } from 'commander';
import { asTyped } from './command-name.js';
import { print, printAside } from './print.js';

interface Failure {
  message: string;
  /** Of a configuration, every one of them. */
  problems?: readonly string[];
}

/** `vidhuk: …` on standard error; where JSON was asked for, `{"ok":false,"error":{"message":…,"problems":[…]?}}` on standard output. */
export async function printFailure(error: unknown, json: boolean): Promise<void> {
  const failure = await describeFailure(error);
  if (json) print(JSON.stringify({ ok: false, error: failure }));
  else printAside(`vidhuk: ${asTyped([failure.message, ...(failure.problems ?? []).map((text) => `  - ${text}`)].join('\n'))}`);
}

async function describeFailure(error: unknown): Promise<Failure> {
  if (error instanceof CommanderError) return { message: ofCommander(error) };
  const { ConfigurationError, messageOf } = await import('@vidhuk/shared');
  if (error instanceof ConfigurationError) return ofConfiguration(error);
  return { message: messageOf(error) };
}

/** `error: unknown command 'x'`, and `(Did you mean y?)` in a line of its own. */
const ofCommander = ({ code, message }: CommanderError): string =>
  code === 'commander.help' ? 'which of its commands? --help lists them' : message.replace(/^error: /, '').replaceAll('\n', ' ');

function ofConfiguration({ problems }: ConfigurationError): Failure {
  const [only = ''] = problems;
  return problems.length === 1 ? { message: only } : { message: `${problems.length} problems in the configuration:`, problems };
}
