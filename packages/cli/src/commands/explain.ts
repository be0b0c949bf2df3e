/** `vidhuk explain`: why a contact is as it is. */
import { Command } from 'commander';
import { explainContact, findContacts, type Explained } from '@vidhuk/worker/contact';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { wideOption, type WideOption } from '../options/wide-option.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { describeExplanation } from '../output/explain-report.js';

interface Options extends AnswerOptions, WideOption {
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
  vidhuk explain 1967597908 --channel email
  vidhuk explain 1967597908 --wide          every column, with activity keys and batches

The same in SQL, for support too: select * from vidhuk.explain('main', 1967597908)`;

export function explainCommand(environment: CliEnvironment): Command {
  return new Command('explain')
    .argument('<contact>', 'e-mail address, phone number, contact id or external id')
    .option('--channel <type>', 'only of this channel: email, sms, viber, …')
    .option('--source <name>', 'only of this source')
    .option(...wideOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((who: string, options: Options) => explain(environment, who.trim(), options));
}

async function explain(environment: CliEnvironment, who: string, options: Options): Promise<void> {
  const found = await withDatabase(environment, async (dataSource) => {
    const keys = await findContacts(dataSource, { kind: 'any', text: who }, options.source ?? null);
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
      ? `Nobody here is known as "${who}": no activity of such a contact has come in${where}.`
      : `"${who}" has no channel "${options.channel ?? ''}".`;
  answerNo(options, [], reason);
}
