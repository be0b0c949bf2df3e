/** Whom a command is about, said in one way: a word, or an option that tells what the word is. */
import { foldName } from '@vidhuk/shared';
import type { ContactName } from '@vidhuk/worker/contact';
import type { Command } from 'commander';

export interface ContactNameOptions {
  email?: string;
  phone?: string;
  id?: string;
  externalId?: string;
}

export const addContactName = (command: Command): Command =>
  command
    .argument('[who]', 'e-mail address, phone number, contact id or external id')
    .option('--email <address>', 'whoever has this e-mail address')
    .option('--phone <number>', 'whoever has this phone number, however it is written')
    .option('--id <id>', 'the contact with this id of the platform')
    .option('--external-id <id>', 'whoever has this external id');

/** Exactly one of them says who is meant; throws where none or several do. */
export function contactNameOf(command: string, who: string | undefined, options: ContactNameOptions): ContactName {
  const { email, phone, id, externalId } = options;
  const given = Object.entries({ any: who, email, phone, id, externalId }) as [ContactName['kind'], string | undefined][];
  const [only, ...more] = given.flatMap(([kind, text]) =>
    text === undefined || foldName(text) === '' ? [] : [{ kind, text: text.trim() }],
  );
  if (only === undefined || more.length > 0)
    throw new Error(
      `say who, in one way: a word, --email, --phone, --id or --external-id ("vidhuk ${command} --help" has examples)`,
    );
  if (only.kind === 'id' && !/^\d+$/.test(foldName(only.text)))
    throw new Error(`"${only.text}" is no id of a contact: those are whole numbers; --external-id looks for your own ids`);
  return only;
}
