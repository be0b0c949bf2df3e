/** Why a contact is as it is, for people. */
import pc from 'picocolors';
import type { Explained } from '@vidhuk/worker/contact';
import { formatTime, timeCell } from './age.js';
import { hang } from './hang.js';
import { inLine } from './print.js';
import { formatTable, none } from './table.js';

interface Given {
  source: string;
  contactId: number;
  explained: readonly Explained[];
}

const flags = ['may_write', 'blacklisted', 'unsubscribed', 'reachable'];

/** `wide`: what never happened too, with reasons, roads, rules, keys and batches. */
export function describeExplanation({ source, contactId, explained }: Given, wide: boolean): string {
  const scopes = [...new Set(explained.map(({ scope }) => scope))];
  const parts = scopes.map((scope) => {
    const ofScope = explained.filter((row) => row.scope === scope);
    const others = ofScope.filter(({ what, value }) => !flags.includes(what) && (wide || value !== null));
    const head = scope === 'contact' ? 'Over all channels' : inLine(scope);
    const told = ofScope.filter(({ what }) => flags.includes(what)).flatMap((row) => describeFlag(row));
    return [pc.bold(head), ...told, ...(others.length > 0 ? ['', timesTable(others, wide)] : [])].join('\n');
  });
  return [pc.bold(`Contact ${contactId} of ${inLine(source)}`), ...parts, ...doubts(explained)].join('\n\n');
}

function describeFlag(row: Explained): string[] {
  const value = row.value === 'true' ? 'yes' : row.value === 'false' ? 'no' : inLine(row.value ?? '') || 'nothing';
  const lines = [
    ['rule', row.rule],
    ['decided by', row.status === null ? null : describeActivity(row)],
    ['tie', row.tie],
    ['changed by', row.changes],
  ] as const;
  return [
    `  ${row.what}: ${pc.bold(value)}`,
    ...lines
      .filter(([, text]) => text !== null && text !== '')
      .map(([name, text]) => hang(`    ${name.padEnd(10)}  `, text ?? '')),
  ];
}

/** `UNDELIVERED email at …: reason (message 7; received … by webhook)`. */
function describeActivity({ status, mediaType, occurredAt, reason, messageId, receivedAt, origin }: Explained): string {
  const what = [status, mediaType].filter((text) => text !== null).map(inLine);
  const beside = [
    ...(messageId === null ? [] : [`message ${messageId}`]),
    ...(receivedAt === null || origin === null ? [] : [`received ${formatTime(receivedAt)} by ${origin}`]),
  ].join('; ');
  const said = reason === null ? '' : `: ${inLine(reason)}`;
  return `${what.join(' ')} at ${occurredAt === null ? none : formatTime(occurredAt)}${said}${beside === '' ? '' : ` (${beside})`}`;
}

const timesTable = (rows: readonly Explained[], wide: boolean): string =>
  formatTable(
    [
      'column',
      'value',
      'decided by',
      'message',
      'tie',
      ...(wide ? ['received', 'road', 'rule', 'changed by', 'activity', 'batch'] : []),
    ],
    rows.map((row) => [
      row.what,
      inLine(row.value ?? 'never').replace(/(T[\d:]{8})\.000Z$/, '$1Z'),
      row.status === null
        ? none
        : inLine([row.status, row.mediaType, wide ? row.reason : null].filter((text) => text !== null).join(' ')),
      String(row.messageId ?? none),
      row.tie ?? none,
      ...(wide
        ? [
            timeCell(row.receivedAt, true),
            row.origin ?? none,
            row.rule,
            row.changes ?? none,
            row.activityKey ?? none,
            row.batchId ?? none,
          ]
        : []),
    ]),
    { whole: ['activity', 'batch', 'column'], wide },
  );

/** Where the log and the table do not say the same: retention, or a hand that wrote into the tables. */
function doubts(explained: readonly Explained[]): string[] {
  const other = explained.filter(({ agrees }) => !agrees);
  if (other.length === 0) return [];
  const names = other.map(({ scope, what }) => `${what} of ${inLine(scope)}`).join(', ');
  return [pc.yellow(`The log does not say the same of ${names}: its activities are gone, or somebody has changed the tables.`)];
}
