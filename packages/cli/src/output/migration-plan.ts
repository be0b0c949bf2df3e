/** What migrations will do, for people. */
import type { MigrationPlan, PlannedStep } from '@vidhuk/worker/database';
import { counted } from './plural.js';
import { formatTable } from './table.js';

const waiting = {
  nobody: 'nobody waits',
  writers: 'whoever writes the table waits',
  everybody: 'whoever uses the table waits',
} as const;

export function describePlan({ pending, steps }: MigrationPlan): string {
  if (pending.length === 0) return 'The database is up to date.';
  const silent = pending.filter((name) => !steps.some(({ migration }) => migration === name));
  const lines = [`To be applied: ${pending.join(', ')}`];
  if (steps.length > 0)
    lines.push(
      '',
      formatTable(['migration', 'what', 'table', 'rows', 'about', 'meanwhile'], steps.map(rowOf), { right: ['rows'] }),
    );
  if (silent.length > 0) lines.push('', `Not told beforehand: what ${silent.join(', ')} will do.`);
  lines.push('', 'A lock is waited for 3 s at most, and then again: whoever comes behind it waits no longer than that.');
  return lines.join('\n');
}

const rowOf = ({ migration, what, table: name, rows, seconds, blocks }: PlannedStep): string[] => [
  migration,
  what,
  name ?? '(new)',
  rows === null ? '' : String(rows),
  duration(seconds),
  waiting[blocks],
];

function duration(seconds: number): string {
  if (seconds < 1) return 'a moment';
  return seconds < 120 ? counted(Math.ceil(seconds), 'second') : counted(Math.ceil(seconds / 60), 'minute');
}
