/** `vidhuk contact`: may we write to this contact, and why not? */
import { Command, InvalidArgumentError } from 'commander';
import {
  findContacts,
  readContact,
  readContactAsOf,
  readQuarantinedOf,
  type ContactName,
  type KnownContact,
  type Moment,
} from '@vidhuk/worker/contact';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { addContactName, contactNameOf, type ContactNameOptions } from '../options/contact-name.js';
import { parseDate } from '../options/option-values.js';
import { wideOption, type WideOption } from '../options/wide-option.js';
import { formatTime } from '../output/age.js';
import { answer, answerNo, type AnswerOptions, jsonOption } from '../output/answer.js';
import { describeContact, describeQuarantined } from '../output/contact-report.js';
import { describePlatform, type PlatformAnswer } from '../output/platform-report.js';
import { shortIds } from '../short-ids.js';

interface Options extends AnswerOptions, ContactNameOptions, WideOption {
  source?: string;
  platform?: boolean;
  limit: number;
  asOf?: Date;
  knownAt?: Date;
}

const examples = `
Examples:
  vidhuk contact test1@yourdomain.com
  vidhuk contact "+38 095 649 09 55"
  vidhuk contact --id 1967597908 --limit 5
  vidhuk contact --id 1967597908 --platform          what the platform says of it now, beside
  vidhuk contact 262ac297-6ae1-11ec-a2ec-0050569bdf92 --json
  vidhuk contact test1@yourdomain.com --as-of 2026-11-24T10:00:00Z
                                          how it was then, by all that is known today
  vidhuk contact test1@yourdomain.com --as-of 2026-11-24T10:00:00Z --known-at 2026-11-24T10:00:00Z
                                          and by what had reached us by then

One address may belong to several contacts, and digits may be an id or a phone number: every match is shown.
Of an address you know a part only: vidhuk search yourdomain`;

export function contactCommand(environment: CliEnvironment): Command {
  return addContactName(new Command('contact'))
    .option('--source <name>', 'only of this source')
    .option('--platform', "ask the platform's API what it says of the contact now, and mark what differs")
    .option('--limit <n>', 'latest activities to show', parseLimit, 20)
    .option('--as-of <time>', 'as it was then: what happened later counts for nothing', parseDate)
    .option('--known-at <time>', 'and what was received later counts for nothing', parseDate)
    .option(...wideOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((who: string | undefined, options: Options) =>
      showContact(environment, contactNameOf('contact', who, options), options),
    );
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 0 || limit > 10_000) throw new InvalidArgumentError('must be a number from 0 to 10000');
  return limit;
}

async function showContact(environment: CliEnvironment, name: ContactName, options: Options): Promise<void> {
  const moment = momentOf(options);
  const { found, short, quarantined } = await withDatabase(environment, async (dataSource) => {
    const keys = await findContacts(dataSource, name, options.source ?? null);
    const read = async (key: { source: string; contactId: number }): Promise<KnownContact[]> => {
      if (moment === null) return [await readContact(dataSource, key, options.limit)];
      const known = await readContactAsOf(dataSource, key, moment, options.limit);
      return known === null ? [] : [known];
    };
    const known = (
      await Promise.all(keys.map(({ source, contact_id }) => read({ source, contactId: Number(contact_id) })))
    ).flat();
    const ids = options.json || options.wide ? [] : known.flatMap(({ followUps }) => (followUps ?? []).map(({ id }) => id));
    return {
      found: known,
      short: ids.length > 0 ? await shortIds(dataSource, ids) : new Map<string, string>(),
      quarantined:
        known.length === 0 && moment === null ? await readQuarantinedOf(dataSource, name, options.source ?? null) : null,
    };
  });
  if (found.length > 0) {
    // Loaded for those who ask only: it takes a tenth of a second to load.
    const asked: (KnownContact & { platform?: PlatformAnswer })[] =
      options.platform === true ? await (await import('../platform/ask-platform.js')).askPlatform(environment, found) : found;
    answer(options, asked, (all) =>
      [
        ...(moment === null ? [] : [describeMoment(moment)]),
        ...all.map((each) => {
          const here = describeContact(each, { short, wide: options.wide ?? false });
          return each.platform === undefined ? here : [here, describePlatform(each.platform, options.wide ?? false)].join('\n');
        }),
      ].join('\n\n'),
    );
    return;
  }
  const where = options.source ? ` from ${options.source}` : '';
  const until = moment === null ? '' : ` by ${formatTime(moment.knownAt ?? moment.asOf)}`;
  const nobody = `Nobody here is known as "${name.text}": no activity of such a contact has come in${where}${until}.`;
  answerNo(options, [], [nobody, ...describeQuarantined(quarantined ?? [])].join('\n'));
}

/** Null: now. */
function momentOf({ asOf, knownAt }: Options): Moment | null {
  if (asOf === undefined && knownAt === undefined) return null;
  return { asOf: asOf ?? new Date(), knownAt: knownAt ?? null };
}

const describeMoment = ({ asOf, knownAt }: Moment): string =>
  knownAt === null
    ? `As it was at ${formatTime(asOf)}, by all that is known today:`
    : `As it was at ${formatTime(asOf)}, by what had been received until ${formatTime(knownAt)}:`;
