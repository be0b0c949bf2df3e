/**
 * The end of a rebuild: what came meanwhile is made up for until little is left; then all batches wait for a moment, the rest is made up for, and either the
 * tables are exchanged in one transaction, or a snapshot is taken for the comparison. Batches wait for a lock of that transaction, which ends with it or with
 * its connection: however this process ends, nothing stays paused.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ClientBase } from 'pg';
import { failureKind, sqlState } from '../../db/failure.js';
import { onConnection } from '../../db/on-connection.js';
import { inTransaction } from '../../db/transaction.js';
import { rulesVersion } from '../../projection/rules.js';
import { decideAgain } from '../../projection/settle-sources.js';
import { holdSourceSettings } from '../../projection/sql/source-settings.js';
import { holdBatches, isErasing } from '../../projection/sql/tombstones.js';
import { RebuildCancelled, untilDone, type Coordination } from './coordinate.js';
import type { RebuildProgress } from './rebuild-progress.js';
import { compareTable, comparedTables, type TableDifference } from './sql/compare-tables.js';
import { countCame } from './sql/kept-bodies.js';
import { endRun, isOfSameLog, keepOptIns, optInsOf, readOptIns, type OptIns, type Run } from './sql/runs.js';
import { planLate } from './sql/slices.js';
import { readHolders, settleRejections, swapTables } from './sql/swap-tables.js';
import { makeUpFor } from './work-slice.js';
import type { SliceParts } from './slice-parts.js';

export interface Finished {
  /** Of `--check`. */
  differences: TableDifference[];
  /** How long batches had to wait, in ms. */
  pausedMs: number;
  /** Broken elements that came to the quarantine, and those that are sound now. */
  rejections: { added: number; resolved: number };
}

/** In elements: so few are left for the moment when all batches wait; by a worker's rate that is far below a second. */
const little = 2_000;
/** ms that the batches under way are waited for, while those behind them wait. */
const batchesMs = 3_000;
/** ms that a lock of the tables is waited for, in which their readers wait behind it. */
const lockMs = 300;
/** ms: a process that is frozen while all batches wait lets them go on then. */
const mostIdleMs = 10_000;
const longestPauseMs = 10_000;

const everything = { first: '00000000-0000-0000-0000-000000000000', last: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

/** Something is in the way now, and will not be later. */
class NotNow extends Error {
  override readonly name = 'NotNow';
}

export async function finish(
  parts: SliceParts & { signal: AbortSignal },
  run: Run,
  coordination: Omit<Coordination, 'onProgress'>,
  onProgress: (progress: RebuildProgress) => void,
): Promise<Finished> {
  const { dataSource, signal } = parts;
  const none = { open: 0, slices: 0, elementsDone: 0, elements: 0, problem: null, state: 'running' };
  let optIn = run.optIn;
  for (let attempt = 1; ; attempt++) {
    await makeUp(run, coordination, onProgress);
    optIn = await followOptIns(parts, run.id, optIn);
    try {
      return await (run.check ? compare(parts, run, optIn) : exchange(parts, run, optIn));
    } catch (error) {
      if (!(error instanceof NotNow) && failureKind(error) !== 'conflict') throw error;
      const holders = sqlState(error) === '55P03' ? await onConnection(dataSource, readHolders) : [];
      onProgress({ ...none, what: 'waiting for the tables', holders });
      await sleep(Math.min(250 * 2 ** Math.min(attempt, 10), longestPauseMs), undefined, { signal }).catch(() => undefined);
    }
  }
}

/** In rounds, by all workers, until there is little left. */
async function makeUp(
  run: Run,
  coordination: Omit<Coordination, 'onProgress'>,
  onProgress: (progress: RebuildProgress) => void,
): Promise<void> {
  const { dataSource } = coordination;
  while ((await onConnection(dataSource, countCame)).elements > little) {
    await inTransaction(dataSource, (client) => planLate(client, run));
    await untilDone(['late'], {
      ...coordination,
      onProgress: (progress) => onProgress({ ...progress, what: 'what came meanwhile' }),
    });
  }
  await untilDone(['late'], { ...coordination, onProgress: () => undefined });
}

/** Where a worker has settled other settings of a source meanwhile, the flags of the second tables are decided by them, too. */
async function followOptIns({ dataSource, second }: SliceParts, id: string, decided: OptIns): Promise<OptIns> {
  const settings = await onConnection(dataSource, readOptIns);
  const now = optInsOf(settings);
  for (const optIn of settings)
    if (!isDeepStrictEqual(decided[optIn.source], now[optIn.source])) await decideAgain(second, optIn, () => Promise.resolve());
  if (!isDeepStrictEqual(decided, now)) await keepOptIns(dataSource, id, now);
  return now;
}

/** Part of a transaction: from here to its end all batches wait, and everything that came is in the second tables. */
async function pause(client: ClientBase, parts: SliceParts, run: Run, optIn: OptIns): Promise<void> {
  await client.query(
    `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = ${mostIdleMs}; set local lock_timeout = ${batchesMs}`,
  );
  await holdBatches(client);
  if (await isErasing(client)) throw new NotNow('somebody is being erased');
  const { rows } = await client.query<{ state: string }>('select state from vidhuk.rebuild where id = $1', [run.id]);
  if (rows[0]?.state !== 'running') throw new RebuildCancelled();
  // Where the connection with the lock against retention was lost.
  if (!(await isOfSameLog(client, run)))
    throw new Error('the log begins elsewhere than when this rebuild began: begin again, with the same command');
  if ((await countCame(client)).elements > little) throw new NotNow('too much came meanwhile');
  await makeUpFor(parts, everything, run.contexts);
  await holdSourceSettings(client);
  if (!isDeepStrictEqual(optInsOf(await readOptIns(client)), optIn)) throw new NotNow('settings of a source changed');
}

/** A lock that could not be had in time, or a deadlock, changes nothing: batches go on, and it is tried again. */
async function exchange(parts: SliceParts, run: Run, optIn: OptIns): Promise<Finished> {
  const since = performance.now();
  const rejections = await inTransaction(parts.dataSource, async (client) => {
    await pause(client, parts, run, optIn);
    await client.query(`set local lock_timeout = ${lockMs}`);
    await swapTables(client);
    const settled = await settleRejections(client, run.source);
    if (run.source === null)
      await client.query('update vidhuk.projection set rules_version = $1, rebuilt_at = now()', [rulesVersion]);
    await endRun(client, run.id, Math.round(performance.now() - since));
    return settled;
  });
  return { differences: [], rejections, pausedMs: Math.round(performance.now() - since) };
}

/** Batches wait only until both sets of tables stand still for the snapshot; it is read for as long as it takes. */
async function compare(parts: SliceParts, run: Run, optIn: OptIns): Promise<Finished> {
  const { dataSource } = parts;
  const runner = dataSource.createQueryRunner();
  const reader = (await runner.connect()) as ClientBase;
  try {
    const since = performance.now();
    await inTransaction(dataSource, async (client) => {
      await pause(client, parts, run, optIn);
      await reader.query('begin transaction isolation level repeatable read');
      await reader.query(
        `set local statement_timeout = 0; set local enable_partitionwise_join = on; set local work_mem = '64MB'`,
      );
      await reader.query('select 1 from vidhuk.rebuild limit 1'); // the snapshot
    });
    const pausedMs = Math.round(performance.now() - since);
    const differences: TableDifference[] = [];
    for (const table of comparedTables) differences.push(await compareTable(reader, table, run.source));
    await reader.query('commit');
    await inTransaction(dataSource, (client) => endRun(client, run.id, pausedMs));
    return { differences: differences.filter((each) => !isNone(each)), rejections: { added: 0, resolved: 0 }, pausedMs };
  } catch (error) {
    await reader.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}

const isNone = ({ counts }: TableDifference): boolean => Object.values(counts).every((count) => count === 0);
