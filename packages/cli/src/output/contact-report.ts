/** What is known of one contact, for people. */
import pc from 'picocolors';
import type { KnownContact, QuarantinedElement } from '@vidhuk/worker/contact';
import type { ContactChannelStatus, ContactStatus } from '@vidhuk/worker/database';
import { formatTimeAndAge, timeCell } from './age.js';
import { asTyped } from './command-name.js';
import { clip, inLine } from './print.js';
import { formatTable, none } from './table.js';

interface Form {
  /** Ids of follow-ups cut short. */
  short: ReadonlyMap<string, string>;
  wide: boolean;
}

export function describeContact(
  { contact, channels, activities, followUps, quarantined, alsoKnownAs }: KnownContact,
  form: Form,
): string {
  const names = [contact.email, contact.phone, contact.externalCustomerId && `external id ${contact.externalCustomerId}`].filter(
    Boolean,
  );
  const lines = [
    pc.bold(`Contact ${contact.contactId} of ${contact.source}`) + (names.length > 0 ? `: ${inLine(names.join(', '))}` : ''),
    ...alsoKnown(alsoKnownAs),
    '',
    'May we write to this contact?',
    ...verdicts(contact, channels),
    ...describeQuarantined(quarantined ?? []),
    '',
    `subscriptions   ${contact.subscriptions === null ? none : inLine(contact.subscriptions.join(', ')) || 'none'}`,
    `first activity  ${formatTimeAndAge(contact.firstActivityAt)}`,
    `last activity   ${formatTimeAndAge(contact.lastActivityAt)}`,
  ];
  if (channels.length > 0) lines.push('', channelTable(channels, form));
  if (activities.length > 0) lines.push('', `Latest activities (${activities.length})`, activityTable(activities, form));
  if (followUps !== null && followUps.length > 0)
    lines.push('', `Latest follow-ups (${followUps.length})`, followUpTable(followUps, form));
  return lines.join('\n');
}

/** Perhaps one person: what they said as another contact counts for that one only. */
const alsoKnown = (namesakes: KnownContact['alsoKnownAs']): string[] =>
  namesakes.map(({ contactId, shares, value }) => pc.yellow(`also known as ${contactId}: the same ${shares} (${inLine(value)})`));

/** What may say no, and could not be read. */
export const describeQuarantined = (quarantined: readonly QuarantinedElement[]): string[] =>
  quarantined.map(({ id, detail }) =>
    pc.yellow(
      `  but element ${id} waits in the quarantine and may say otherwise (${inLine(detail)}): ${asTyped(`vidhuk quarantine show ${id}`)}`,
    ),
  );

const channelTable = (channels: readonly ContactChannelStatus[], { wide }: Form): string =>
  formatTable(
    ['channel', 'address', 'sent', 'delivered', 'undelivered', 'opened', 'clicked'],
    channels.map((c) => [
      inLine(c.mediaType),
      inLine(c.address ?? none),
      ...[c.lastSentAt, c.lastDeliveredAt, c.lastUndeliveredAt, c.lastOpenedAt, c.lastClickedAt].map((time) =>
        timeCell(time, wide),
      ),
    ]),
    { wide },
  );

const activityTable = (activities: KnownContact['activities'], { wide }: Form): string =>
  formatTable(
    ['occurred', 'status', 'channel', 'message', ...(wide ? ['message id'] : []), ''],
    activities.map((a) => {
      const told = a.statusDescription ?? a.clickEventLink ?? '';
      const message = a.messageName ?? (a.messageId === null ? none : String(a.messageId));
      return [
        timeCell(a.occurredAt, wide),
        inLine(a.status),
        inLine(a.mediaType ?? none),
        wide ? inLine(message) : clip(message, 40),
        ...(wide ? [String(a.messageId ?? none)] : []),
        inLine(told),
      ];
    }),
    { wide },
  );

const followUpTable = (followUps: NonNullable<KnownContact['followUps']>, { short, wide }: Form): string =>
  formatTable(
    ['id', 'action', 'state', 'next or done', 'last error'],
    followUps.map((row) => [
      short.get(row.id) ?? row.id,
      inLine(row.action),
      row.state,
      timeCell(row.nextAttemptAt ?? row.doneAt ?? row.createdAt, wide),
      wide ? inLine(row.lastError ?? '') : clip(row.lastError ?? '', 60),
    ]),
    { wide },
  );

function verdicts(contact: ContactStatus, channels: readonly ContactChannelStatus[]): string[] {
  if (channels.length > 0) return channels.map((channel) => `  ${inLine(channel.mediaType)}: ${verdict(contact, channel)}`);
  const optOut = contact.unsubscribed
    ? `: ${pc.red('no')}, gave up all subscriptions ${formatTimeAndAge(contact.optedOutAt)}`
    : '';
  return [`  no channel is known${optOut}`];
}

function verdict(contact: ContactStatus, channel: ContactChannelStatus): string {
  if (channel.mayWrite) return pc.green('yes');
  const block = channel.blacklistReason === null ? '' : `: ${inLine(channel.blacklistReason)}`;
  const reasons = [
    ...(channel.blacklisted ? [`blacklisted since ${formatTimeAndAge(channel.blacklistedAt)}${block}`] : []),
    ...(channel.unsubscribed ? optOuts(contact, channel) : []),
  ];
  return `${pc.red('no')}, ${reasons.join('; ')}`;
}

/** Those that no later choice of a subscription has followed; all of them where the source's settings let no choice end them. */
function optOuts(
  { optedOutAt, resubscribedAt }: ContactStatus,
  { unsubscribedAt, spamReportedAt }: ContactChannelStatus,
): string[] {
  const all = [
    { what: 'gave up all subscriptions', at: optedOutAt },
    { what: 'unsubscribed', at: unsubscribedAt },
    { what: 'complained of spam', at: spamReportedAt },
  ].filter(({ at }) => at !== null);
  const standing = all.filter(({ at }) => resubscribedAt === null || (at !== null && at >= resubscribedAt));
  return (standing.length > 0 ? standing : all).map(({ what, at }) => `${what} ${formatTimeAndAge(at)}`);
}
