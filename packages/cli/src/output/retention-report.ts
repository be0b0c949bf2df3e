/** What is kept for how long, and the disk, for people. */
import pc from 'picocolors';
import type { RetentionReport } from '@vidhuk/worker/history';
import { timeCell } from './age.js';
import { bytesCell } from './bytes.js';
import { counted } from './plural.js';
import { formatTable, none } from './table.js';

type Given = Omit<RetentionReport, 'dataFolder'> & {
  /** Room left on the disk; null: not known. */
  freeBytes: number | null;
};

export function describeRetention({ kinds, disk, growth, freeBytes, stays }: Given): string {
  const kept = kinds.map(({ what, setting, value, kept, due, oldest, goesAt }) => [
    what,
    `${setting}: ${value}`,
    String(kept),
    String(due),
    timeCell(oldest),
    goesAt === null ? none : timeCell(goesAt),
  ]);
  const sizes = disk.map(({ table, month, bytes, goesAt }) => [table, month ?? none, bytesCell(bytes), timeCell(goesAt)]);
  return [
    formatTable(['what', 'kept for', 'kept', 'due', 'oldest', 'goes'], kept, { right: ['kept', 'due'] }),
    ...stays,
    '',
    pc.bold('Disk'),
    formatTable(['table', 'month', 'size', 'goes'], sizes, { right: ['size'] }),
    '',
    describeGrowth(growth, freeBytes),
  ].join('\n');
}

function describeGrowth({ bytes, bytesPerDay, days }: Given['growth'], freeBytes: number | null): string {
  const size = `The database has ${bytesCell(bytes)}.`;
  const free = freeBytes === null ? 'How much room is left: --free tells it.' : `${bytesCell(freeBytes)} are left on the disk.`;
  if (bytesPerDay === null)
    return `${size} ${free} How fast it grows is known once workers have seen it on two days (so far ${counted(days, 'day')}).`;
  if (bytesPerDay <= 0) return `${size} It does not grow. ${free}`;
  const lasts = freeBytes === null ? '' : ` At this rate they last ${counted(Math.floor(freeBytes / bytesPerDay), 'day')}.`;
  return `${size} It grows by ${bytesCell(bytesPerDay)} a day (of the last ${counted(days, 'day')}). ${free}${lasts}`;
}
