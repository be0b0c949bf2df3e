/** What the platform says of a contact now, beside what we hold, for people. */
import pc from 'picocolors';
import type { Comparison } from '../platform/compare-contact.js';
import type { PlatformContact } from '../platform/platform-contact.js';
import { clip, inLine } from './print.js';
import { formatTable, none } from './table.js';

export interface PlatformAnswer {
  now: PlatformContact;
  compared: Comparison[];
}

export function describePlatform({ now, compared }: PlatformAnswer, wide: boolean): string {
  const rows = compared.map(({ what, theirs, ours, differs }) => [
    what,
    inLine(theirs),
    inLine(ours),
    differs ? pc.yellow('differs') : '',
  ]);
  const messages = now.messages.map(({ at, channel, status, name }) => [
    ...[at, channel, status].map((each) => inLine(each) || none),
    (wide ? inLine(name) : clip(name, 40)) || none,
  ]);
  return [
    '',
    'What the platform says now (nothing is changed; it tells nobody who is unsubscribed or blacklisted)',
    formatTable(['', 'platform', 'here', 'note'], rows, { wide }),
    ...(messages.length === 0 ? [] : ['', formatTable(['time', 'channel', 'state', 'message'], messages, { wide })]),
    ...now.problems.map((problem) => pc.yellow(`not answered: ${inLine(problem)}`)),
  ].join('\n');
}
