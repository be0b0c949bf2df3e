/** The answer of a command that compared the log with another road: a table by day and status, and whether all is mended. */
import { totalsOf, type DriftCount, type FileFault, type RunResult } from '@vidhuk/worker/reconcile';
import pc from 'picocolors';
import { exitCode } from '../environment.js';
import { answer, type AnswerOptions } from '../output/answer.js';
import { counted } from '../output/plural.js';
import { inLine } from '../output/print.js';
import { formatTable, none } from '../output/table.js';

/** Of a file: what of it is no row at all. */
export interface FileReport {
  file: string;
  rows: number;
  faulty: number;
  faults: readonly FileFault[];
}

type Kind = DriftCount['kind'];

interface DayStatus {
  day: string;
  status: string;
  counts: Partial<Record<Kind, number>>;
}

const kinds = ['theirs', 'ours', 'added', 'enriched', 'missing', 'only_ours', 'erased'] as const;
const titles = ['theirs', 'ours', 'added', 'more known', 'missing', 'only ours', 'erased'];

/** `null`: another run is at work. Sets exit code 1 for drift that was not mended; throws for a run that failed. */
export function answerRun(options: AnswerOptions, result: RunResult | null, file?: FileReport): void {
  if (result === null) throw new Error('another run of this source is at work: wait until it has ended');
  const { run, drift } = result;
  if (run.state === 'failed') throw new Error(run.problem ?? 'the run failed');
  const totals = totalsOf(drift);
  const isMended = run.state === 'complete' && totals.missing === 0 && (file?.faulty ?? 0) === 0;
  if (!isMended) process.exitCode = exitCode.negative;
  const data = { run, totals, days: daysOf(drift), ...(file === undefined ? {} : { file }) };
  answer(options, data, () => describe(result, isMended, file));
}

function daysOf(drift: readonly DriftCount[]): DayStatus[] {
  const days = new Map<string, DayStatus>();
  for (const { day, status, kind, count } of drift) {
    const key = `${day} ${status}`;
    const row = days.get(key) ?? { day, status, counts: {} };
    row.counts[kind] = count;
    days.set(key, row);
  }
  return [...days.values()];
}

function describe({ run, drift }: RunResult, isMended: boolean, file?: FileReport): string {
  const totals = totalsOf(drift);
  const days = daysOf(drift).filter(({ counts }) => kinds.some((kind) => counts[kind] !== undefined));
  const cells = (counts: Partial<Record<Kind, number>>) => kinds.map((kind) => (counts[kind] ?? 0).toLocaleString('en-US'));
  const rows = [
    ...days.map(({ day, status, counts }) => [day, inLine(status), ...cells(counts)]),
    ...(days.length === 0 ? [] : [['all', none, ...cells(totals)]]),
  ];
  return [
    ...(rows.length === 0 ? [] : [formatTable(['day', 'status', ...titles], rows, { right: titles }), '']),
    ...describeContacts(drift),
    ...run.unread.map(({ from, to, reason }) => pc.yellow(`not read: ${from} to ${to}: ${inLine(reason)}`)),
    ...(run.rejected === 0
      ? []
      : [`${counted(run.rejected, 'element')} not sound${run.dryRun ? '' : ': see "vidhuk quarantine list"'}`]),
    ...(file === undefined ? [] : describeFile(file)),
    ...(run.problem === null ? [] : [pc.yellow(inLine(run.problem))]),
    verdict({ run, drift }, isMended),
  ].join('\n');
}

function describeContacts(drift: readonly DriftCount[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind, count } of drift) if (kind.startsWith('contact_')) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return [...counts].map(
    ([kind, count]) => `the export says otherwise of ${counted(count, 'contact')}: ${kind.replace('contact_', '')}`,
  );
}

const describeFile = ({ faulty, faults }: FileReport): string[] => [
  ...faults.map(({ line, fault }) => pc.yellow(`line ${line}: ${inLine(fault)}`)),
  ...(faulty > faults.length ? [pc.yellow(`… and ${counted(faulty - faults.length, 'more line')} that cannot be read`)] : []),
];

function verdict({ run, drift }: RunResult, isMended: boolean): string {
  const { theirs, added, missing } = totalsOf(drift);
  const told = counted(theirs, 'activity', 'activities');
  if (isMended && added === 0)
    return pc.green(`Nothing was missing: all of ${told} ${theirs === 1 ? 'was' : 'were'} in the log.`);
  if (isMended)
    return pc.green(
      `${counted(added, 'activity was', 'activities were')} missing and ${added === 1 ? 'is' : 'are'} in the log now.`,
    );
  if (run.dryRun && missing > 0)
    return pc.red(
      `${missing.toLocaleString('en-US')} of ${told} ${missing === 1 ? 'is' : 'are'} missing; without --dry-run they are added.`,
    );
  if (missing > 0)
    return pc.red(`${counted(missing, 'activity is', 'activities are')} still missing: see "vidhuk quarantine list".`);
  return pc.red(
    `Not everything could be read: of the rest nothing is known. Of what was read, ${counted(added, 'activity was', 'activities were')} added.`,
  );
}
