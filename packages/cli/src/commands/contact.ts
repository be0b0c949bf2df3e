/** `vidhuk contact`: may we write to this contact, and why not? */
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { findContacts, readContact, type KnownContact } from '@vidhuk/worker/contact';
import type { ContactChannelStatus } from '@vidhuk/worker/database';
import { formatTime, formatTimeAndAge } from '../output/age.js';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { answer, answerNo, jsonOption } from '../output/answer.js';
import { inLine } from '../output/print.js';
import { formatTable } from '../output/table.js';

interface Options {
  source?: string;
  limit: number;
  json?: boolean;
}

const examples = `
Examples:
  vidhuk contact test1@yourdomain.com
  vidhuk contact "+38 095 649 09 55"
  vidhuk contact 1967597908 --limit 5
  vidhuk contact 262ac297-6ae1-11ec-a2ec-0050569bdf92 --json

One address may belong to several contacts, and digits may be an id or a phone number: every match is shown.`;

export function contactCommand(environment: CliEnvironment): Command {
  return new Command('contact')
    .argument('<who>', 'e-mail address, phone number, contact id or external id')
    .option('--source <name>', 'only of this source')
    .option('--limit <n>', 'latest activities to show', parseLimit, 20)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((who: string, options: Options) => showContact(environment, who.trim(), options));
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 0 || limit > 10_000) throw new InvalidArgumentError('must be a number from 0 to 10000');
  return limit;
}

async function showContact(environment: CliEnvironment, who: string, options: Options): Promise<void> {
  const found = await withDatabase(environment, async (dataSource) => {
    const keys = await findContacts(dataSource, who, options.source ?? null);
    return Promise.all(
      keys.map(({ source, contact_id }) => readContact(dataSource, { source, contactId: Number(contact_id) }, options.limit)),
    );
  });
  if (found.length > 0) answer(options, found, (all) => all.map(describeContact).join('\n\n'));
  else
    answerNo(
      options,
      [],
      `Nobody here is known as "${who}": no activity of such a contact has come in${options.source ? ` from ${options.source}` : ''}.`,
    );
}

function describeContact({ contact, channels, activities }: KnownContact): string {
  const names = [contact.email, contact.phone, contact.externalCustomerId && `external id ${contact.externalCustomerId}`].filter(
    Boolean,
  );
  const lines = [
    pc.bold(`Contact ${contact.contactId} of ${contact.source}`) + (names.length > 0 ? `: ${inLine(names.join(', '))}` : ''),
    '',
    'May we write to this contact?',
    ...channels.map((channel) => `  ${inLine(channel.mediaType)}: ${verdict(channel)}`),
    '',
    `subscriptions   ${contact.subscriptions === null ? '–' : inLine(contact.subscriptions.join(', ')) || 'none'}`,
    `first activity  ${formatTimeAndAge(contact.firstActivityAt)}`,
    `last activity   ${formatTimeAndAge(contact.lastActivityAt)}`,
    '',
    formatTable(
      ['channel', 'address', 'sent', 'delivered', 'undelivered', 'opened', 'clicked'],
      channels.map((c) => [
        inLine(c.mediaType),
        inLine(c.address ?? '–'),
        ...[c.lastSentAt, c.lastDeliveredAt, c.lastUndeliveredAt, c.lastOpenedAt, c.lastClickedAt].map(short),
      ]),
    ),
  ];
  if (activities.length > 0) {
    const rows = activities.map((a) => [
      formatTime(a.occurredAt),
      inLine(a.status),
      inLine(a.mediaType),
      String(a.messageId ?? '–'),
      inLine(a.statusDescription ?? a.clickEventLink ?? ''),
    ]);
    lines.push(
      '',
      `Latest activities (${activities.length})`,
      formatTable(['occurred at', 'status', 'channel', 'message', ''], rows),
    );
  }
  return lines.join('\n');
}

const short = (time: Date | null): string => (time === null ? '–' : formatTime(time));

function verdict(channel: ContactChannelStatus): string {
  const reasons = [
    channel.blacklisted &&
      `blacklisted since ${formatTimeAndAge(channel.blacklistedAt)}${channel.blacklistReason === null ? '' : `: ${inLine(channel.blacklistReason)}`}`,
    channel.unsubscribed &&
      (channel.spamReportedAt !== null && channel.spamReportedAt.getTime() === channel.unsubscribedAt?.getTime()
        ? `complained of spam ${formatTimeAndAge(channel.spamReportedAt)}`
        : `unsubscribed ${formatTimeAndAge(channel.unsubscribedAt)}`),
  ].filter((reason) => typeof reason === 'string');
  return reasons.length === 0 ? pc.green('yes') : `${pc.red('no')}, ${reasons.join('; ')}`;
}
