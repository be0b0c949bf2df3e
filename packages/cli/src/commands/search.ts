/** `vidhuk search`: contacts of whose address, domain or id only a part is known. */
import { Command } from 'commander';
import pc from 'picocolors';
import { foldName } from '@vidhuk/shared';
import { searchContacts, type FoundContact } from '@vidhuk/worker/contact';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { parsePositive } from '../options/option-values.js';
import { wideOption, type WideOption } from '../options/wide-option.js';
import { timeCell } from '../output/age.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { asTyped } from '../output/command-name.js';
import { inLine } from '../output/print.js';
import { formatTable, none } from '../output/table.js';

interface Options extends AnswerOptions, WideOption {
  source?: string;
  limit: number;
}

/** ms; where nobody matches, every contact is looked at: 200,000 took 1.0 s at best on a machine of two cores that was busy with 30 other things. */
const timeoutMs = 10_000;

const examples = `
Examples:
  vidhuk search @yourdomain.com
  vidhuk search test1 --limit 100
  vidhuk search 6490955                   part of a phone number, of a contact id or of an external id

Who is looked for by a whole address, number or id is found at once by "vidhuk contact".`;

export function searchCommand(environment: CliEnvironment): Command {
  return new Command('search')
    .argument('<text>', 'part of an e-mail address, phone number, external id or contact id, whatever its case')
    .option('--source <name>', 'only of this source')
    .option('--limit <n>', 'at most so many', parsePositive, 20)
    .option(...wideOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((text: string, options: Options) => search(environment, foldName(text), options));
}

async function search(environment: CliEnvironment, text: string, options: Options): Promise<void> {
  if (text === '') throw new Error('say which part of an address or id to look for');
  const { source = null, limit } = options;
  const rows = await withDatabase(environment, (dataSource) =>
    // One more tells whether there are more.
    searchContacts(dataSource, text, { source, limit: limit + 1, timeoutMs }),
  ).catch(explain);
  const contacts = rows.slice(0, limit);
  const more = rows.length > limit;
  if (contacts.length === 0) answerNo(options, { contacts, more }, `No contact has "${text}" in its addresses or ids.`);
  else answer(options, { contacts, more }, (found) => describe(found, text, options));
}

/** 57014 query_canceled (PostgreSQL, appendix A). */
function explain(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === '57014')) throw error;
  const text = `there are too many contacts to look through in ${timeoutMs / 1_000} s: ask for the whole address or id with "vidhuk contact"`;
  throw new Error(text, { cause: error });
}

function describe(
  { contacts, more }: { contacts: readonly FoundContact[]; more: boolean },
  text: string,
  { wide = false }: Options,
): string {
  // An external id is as long as an address: it is shown where it is why the contact was found, or is all that the contact has.
  const matches = ({ email, phone, externalCustomerId }: FoundContact) =>
    (email === null && phone === null) || externalCustomerId?.toLowerCase().includes(text.toLowerCase());
  const severalSources = new Set(contacts.map(({ source }) => source)).size > 1;
  const rows = contacts.map((found) => [
    String(found.contactId),
    severalSources || wide ? inLine(found.source) : none,
    [found.email, found.phone]
      .filter((each) => each !== null)
      .map(inLine)
      .join(' ') || none,
    wide || matches(found) ? inLine(found.externalCustomerId ?? none) : none,
    [found.blacklisted && 'blacklisted', found.unsubscribed && 'unsubscribed'].filter(Boolean).join(', ') || none,
    timeCell(found.lastActivityAt, wide),
  ]);
  const table = formatTable(['contact', 'source', 'address', 'external id', 'flags', 'active'], rows, { wide });
  const hint = asTyped('vidhuk contact --id <contact>');
  return [table, '', pc.dim(`${more ? 'and more: --limit shows them; ' : ''}${hint} tells all of one`)].join('\n');
}
