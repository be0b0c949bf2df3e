/** `vidhuk explain`: why a contact is as it is. */
import { Command } from 'commander';
import { explainContact, findContacts, type ContactName, type Explained } from '@vidhuk/worker/contact';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { addContactName, contactNameOf, type ContactNameOptions } from '../options/contact-name.js';
import { wideOption, type WideOption } from '../options/wide-option.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { describeExplanation } from '../output/explain-report.js';

interface Options extends AnswerOptions, ContactNameOptions, WideOption {
  channel?: string;
  source?: string;
}

export interface Explanation {
  source: string;
  contactId: number;
  explained: Explained[];
}

const examples = `
Examples:
  vidhuk explain test1@yourdomain.com
  vidhuk explain --id 1967597908 --channel email
  vidhuk explain 1967597908 --wide          every column, with activity keys and batches

The same in SQL, for support too: select * from vidhuk.explain('main', 1967597908)`;

export function explainCommand(environment: CliEnvironment): Command {
  return addContactName(new Command('explain'))
    .option('--channel <type>', 'only of this channel: email, sms, viber, …')
    .option('--source <name>', 'only of this source')
    .option(...wideOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((who: string | undefined, options: Options) => explain(environment, contactNameOf('explain', who, options), options));
}

async function explain(environment: CliEnvironment, name: ContactName, options: Options): Promise<void> {
  const found = await withDatabase(environment, async (dataSource) => {
    const keys = await findContacts(dataSource, name, options.source ?? null);
    const explanations: Explanation[] = [];
    for (const { source, contact_id } of keys) {
      const key = { source, contactId: Number(contact_id) };
      const all = await explainContact(dataSource, key);
      const explained = options.channel === undefined ? all : all.filter(({ scope }) => scope === options.channel);
      if (explained.length > 0) explanations.push({ ...key, explained });
    }
    return { keys, explanations };
  });
  if (found.explanations.length > 0) {
    answer(options, found.explanations, (all) =>
      all.map((each) => describeExplanation(each, options.wide ?? false)).join('\n\n'),
    );
    return;
  }
  const where = options.source ? ` from ${options.source}` : '';
  const reason =
    found.keys.length === 0
      ? `Nobody here is known as "${name.text}": no activity of such a contact has come in${where}.`
      : `"${name.text}" has no channel "${options.channel ?? ''}".`;
  answerNo(options, [], reason);
}
