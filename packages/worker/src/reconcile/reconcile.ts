/** One run: what a road tells of a period is compared with the log, step by step, and what is missing is added. */
import {
  PermanentError,
  toMs,
  type BatchJob,
  type JobQueue,
  type Logger,
  type SourceConfiguration,
  type StoreRoom,
} from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { ReconcileRun, Unread } from '../db/entities/reconcile-run.js';
import { inTransaction } from '../db/transaction.js';
import type { Tombstones } from '../projection/tombstones.js';
import { compareContacts } from './compare-contacts.js';
import { Comparison } from './comparison.js';
import { QueueDoor, StillWaiting, type Door } from './door.js';
import type { Period, Road } from './road.js';
import { lockSource, type SourceLock } from './source-lock.js';
import { beginRun, endRun, findUnfinished, readDrift, readRun, recordStep } from './sql/reconcile-run.js';
import type { DriftCount } from './tally.js';
import { clockOf, textOfClock, timeOf } from './wall-clock.js';

export interface ReconcileParts {
  dataSource: DataSource;
  queue: Pick<JobQueue<BatchJob>, 'add'>;
  room: Pick<StoreRoom, 'check'>;
  /** Who was erased: what a road tells of them is not missing. */
  tombstones: Tombstones;
  log: Logger;
  /** Aborts when the process stops: the run is cut off, and goes on when it is asked for again. */
  signal: AbortSignal;
  /** Hears of each step. */
  onStep?: (soFar: { readUntil: Date | null; theirs: number }) => void;
  /** Default: the queue. */
  openDoor?: (dryRun: boolean) => Door | null;
}

export interface RunRequest {
  source: string;
  settings: Pick<SourceConfiguration, 'timeZone' | 'maxAhead'>;
  road: Road;
  /** Times; null: all that a file has. */
  period: { from: Date; to: Date } | null;
  dryRun: boolean;
  scheduled: boolean;
}

/** A run that has ended, and what it found. */
export interface RunResult {
  run: ReconcileRun;
  drift: DriftCount[];
}

/** Of a file without a period, in rows. */
const stepSize = 20_000;

/**
 * Rejects for infrastructure failures and when `signal` aborts: asked for again with the same period, the run goes on where it was. null: another run
 * of the source is at work. What a person has to mend is no rejection: the run is `failed`, and its `problem` says what.
 */
export async function reconcile(request: RunRequest, parts: ReconcileParts): Promise<RunResult | null> {
  const { dataSource } = parts;
  const lock = await lockSource(dataSource, request.source);
  if (lock === null) return null;
  try {
    const id = await beginOrGoOn(request, dataSource);
    const end = await compareAll(id, request, parts, lock).catch((error: unknown) => {
      if (error instanceof PermanentError) return { state: 'failed' as const, problem: error.message };
      if (error instanceof StillWaiting) return { state: 'incomplete' as const, problem: error.message };
      throw error;
    });
    await endRun(dataSource, id, end);
    const [run, drift] = await Promise.all([readRun(dataSource, id), readDrift(dataSource, id)]);
    const { source, road, state, unread, problem } = run;
    parts.log[state === 'complete' ? 'info' : 'warn'](
      { runId: id, source, road, state, ...totalsOf(drift), unread: unread.length, problem },
      'reconciled',
    );
    return { run, drift };
  } finally {
    await lock.release();
  }
}

async function beginOrGoOn({ source, road, period, dryRun, scheduled }: RunRequest, dataSource: DataSource): Promise<number> {
  const before = await findUnfinished(dataSource, source, road.name);
  const isSame =
    before?.dryRun === dryRun &&
    before.scheduled === scheduled &&
    period !== null &&
    before.periodFrom?.getTime() === period.from.getTime() &&
    before.periodTo?.getTime() === period.to.getTime();
  if (isSame) return before.id;
  const [periodFrom, periodTo] = [period?.from ?? null, period?.to ?? null];
  return beginRun(dataSource, { source, road: road.name, scheduled, dryRun, periodFrom, periodTo });
}

/** The state in which the run ends. */
async function compareAll(
  id: number,
  request: RunRequest,
  parts: ReconcileParts,
  lock: SourceLock,
): Promise<{ state: ReconcileRun['state']; problem: string | null }> {
  const { source, settings, road, period, dryRun } = request;
  const { dataSource, signal, onStep } = parts;
  const { timeZone } = settings;
  const door = parts.openDoor === undefined ? openQueueDoor(request, parts) : parts.openDoor(dryRun);
  const context = { source, timeZone, maxAheadMs: toMs(settings.maxAhead) };
  const erased = async () => (await inTransaction(dataSource, (client) => parts.tombstones.upToDate(client))).peopleOf(source);
  const comparison = new Comparison({ dataSource, door, road, context, erased });
  const { readUntil, unread: unreadBefore } = await readRun(dataSource, id);
  let isWhole = unreadBefore.length === 0;
  let theirs = 0;

  const step = async (read: Period | null, unread: readonly Unread[], until: Date | null) => {
    const { tally, rejected } = await comparison.settle(read);
    const counts = tally.counts;
    await lock.check();
    await inTransaction(dataSource, (client) => recordStep(client, id, { readUntil: until, counts, rejected, unread }));
    theirs += totalsOf(counts).theirs;
    onStep?.({ readUntil: until, theirs });
  };

  const clockPeriod = period === null ? null : onClock(period, timeZone, readUntil);
  for await (const told of road.tell(clockPeriod, signal)) {
    signal.throwIfAborted();
    if (told.kind === 'rows') await comparison.take(told.rows);
    if (told.kind === 'read') await step(told, [], new Date(timeOf(told.to, timeZone)));
    if (told.kind === 'so-far' && comparison.size >= stepSize) await step(null, [], null);
    if (told.kind !== 'unread') continue;
    isWhole = false;
    const unread = { from: textOfClock(told.from), to: textOfClock(told.to), reason: told.reason };
    await step(null, [unread], new Date(timeOf(told.to, timeZone)));
  }
  if (clockPeriod !== null && isWhole)
    comparison.count(
      await compareContacts(dataSource, { source, timeZone, road, period: clockPeriod, erased: await erased() }, parts.log),
    );
  await step(null, [], null);
  return { state: isWhole ? 'complete' : 'incomplete', problem: null };
}

const openQueueDoor = ({ source, settings, road, dryRun }: RunRequest, parts: ReconcileParts): Door | null =>
  dryRun ? null : new QueueDoor({ ...parts, source, timeZone: settings.timeZone, origin: road.name });

const onClock = ({ from, to }: { from: Date; to: Date }, timeZone: string, readUntil: Date | null): Period => ({
  from: clockOf((readUntil ?? from).getTime(), timeZone),
  to: clockOf(to.getTime(), timeZone),
});

const none = { theirs: 0, ours: 0, added: 0, enriched: 0, missing: 0, only_ours: 0, erased: 0 };

/** Over all days and statuses. */
export function totalsOf(drift: readonly DriftCount[]): typeof none {
  const totals = { ...none };
  for (const { kind, count } of drift) if (kind in totals) totals[kind as keyof typeof none] += count;
  return totals;
}
