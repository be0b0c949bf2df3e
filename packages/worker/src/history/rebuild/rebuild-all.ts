/** `vidhuk rebuild`: log and projections once more from the bodies that are kept, by the code of the feed, beside the tables; then compared, or put in their places. */
import { isDeepStrictEqual } from 'node:util';
import { messageOf, type QueueStore } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { ReadingRules } from '../../activity/parse-context.js';
import { onConnection } from '../../db/on-connection.js';
import { throughLocks } from '../../db/kit/through-locks.js';
import { inTransaction } from '../../db/transaction.js';
import { rulesVersion } from '../../projection/rules.js';
import { createConsumer } from '../../queue/consumer.js';
import { untilDone, type Coordination } from './coordinate.js';
import { finish, type Finished } from './finish.js';
import type { RebuildProgress } from './rebuild-progress.js';
import { sliceQueueName, slicesAtOnce, type SliceJob } from './slice-queue.js';
import { countBodies } from './sql/kept-bodies.js';
import { makeIndexes } from './sql/make-indexes.js';
import { dropSecondTables, hasSecondTables, makeSecondTables } from './sql/make-second-tables.js';
import { obstaclesToSwap } from './sql/obstacles.js';
import { seedFloors } from '../seed-floors.js';
import { completeFloors } from '../take-floors.js';
import { oneRetention } from '../sql/one-retention.js';
import { finishFromFloors } from '../finish-from-floors.js';
import { secondSchema } from '../../projection/second-tables.js';
import { oneRebuild } from './sql/one-rebuild.js';
import { beginRun, cancelRun, findRunning, isOfSameLog, optInsOf, readOptIns, type Run } from './sql/runs.js';
import { planSlices, type SliceProgress } from './sql/slices.js';
import { workSlice } from './work-slice.js';
import type { SliceParts } from './slice-parts.js';

export interface RebuildParts extends SliceParts {
  /** Of the queues. */
  store: QueueStore;
  /** By source, how its bodies are to be read. */
  contexts: ReadingRules;
  /** Aborts when the rebuild is to stop; the same call goes on with it later. */
  signal: AbortSignal;
}

export interface RebuildSettings {
  /** Only compare. */
  check: boolean;
  /** null: all. */
  source: string | null;
  onProgress: (progress: RebuildProgress) => void;
}

export interface Rebuilt extends Finished {
  batches: number;
  elements: number;
  /** Batches that brought something and whose body is gone: what the log has of them was kept. */
  gone: number;
  /** It went on with one that had been cut off. */
  resumed: boolean;
}

/**
 * One at a time; throws where another is under way. Any number of workers take part in it; live batches go on meanwhile, and wait for seconds at the end.
 * Follow-ups are never planned by it. Cut off, it goes on when it is called again.
 */
export async function rebuildAll(parts: RebuildParts, settings: RebuildSettings): Promise<Rebuilt> {
  const { dataSource } = parts;
  return oneRebuild(dataSource, async () => {
    const rebuilt = await oneRetention(dataSource, () => rebuildKept(parts, settings));
    if (rebuilt === undefined)
      throw new Error('retention is at work right now, and what it takes would be missed: try again later');
    return rebuilt;
  });
}

async function rebuildKept(parts: RebuildParts, settings: RebuildSettings): Promise<Rebuilt> {
  const { dataSource, store } = parts;
  if (!settings.check) await requireSwappable(dataSource);
  const counted = await countBodies(dataSource, settings.source);
  const { run, resumed } = await beginOrGoOn(parts, settings);
  const queue = await store.openQueue<SliceJob>(sliceQueueName);
  try {
    const finished = await withWorker(parts, async (signal) => {
      const coordination = { dataSource, queue, id: run.id, signal };
      await makeRows(parts, coordination, settings);
      return finish({ ...parts, signal }, run, coordination, settings.onProgress);
    });
    await throughLocks(() => dropSecondTables(dataSource), parts.log);
    return { ...counted, ...finished, resumed };
  } finally {
    await queue.close();
  }
}

/** Ends one that is under way, or was cut off: the tables stay as they are. False: there was none. */
export async function cancelRebuild(dataSource: DataSource): Promise<boolean> {
  const cancelled = await cancelRun(dataSource);
  // Whoever is at it finds that out by itself, and leaves.
  await oneRebuild(dataSource, () => dropSecondTables(dataSource), cancelPatienceMs);
  return cancelled;
}
const cancelPatienceMs = 30_000;

async function requireSwappable(dataSource: DataSource): Promise<void> {
  const obstacles = await obstaclesToSwap(dataSource);
  if (obstacles.length > 0)
    throw new Error(
      `what hangs on the tables would be lost when others take their places: ${obstacles.join('; ')}. --check compares`,
    );
}

async function beginOrGoOn(
  { dataSource, contexts, signal }: RebuildParts,
  { check, source }: RebuildSettings,
): Promise<{ run: Run; resumed: boolean }> {
  const running = await findRunning(dataSource);
  if (running !== undefined) {
    const isSame =
      running.check === check &&
      running.source === source &&
      running.rulesVersion === rulesVersion &&
      isDeepStrictEqual(running.contexts, contexts);
    if (!isSame)
      throw new Error(
        `a rebuild with other settings was begun at ${running.beganAt.toISOString()} and cut off: "vidhuk rebuild --cancel" ends it, and then this one can begin`,
      );
    if ((await hasSecondTables(dataSource)) && (await onConnection(dataSource, (client) => isOfSameLog(client, running))))
      return { run: running, resumed: true };
    await cancelRun(dataSource);
  }
  // What a retention that was cut off has begun to let go: the rebuild keeps nothing from before the horizon but floors.
  await completeFloors({ dataSource, sources: contexts }, signal);
  await makeSecondTables(dataSource);
  await seedFloors({ dataSource, signal }, secondSchema, source);
  return inTransaction(dataSource, async (client) => {
    const optIn = optInsOf(await readOptIns(client));
    const run = await beginRun(client, { check, source, contexts, optIn, rulesVersion });
    await client.query('set local statement_timeout = 0');
    await planSlices(client, run);
    return { run, resumed: false };
  });
}

async function makeRows(
  parts: SliceParts,
  coordination: Omit<Coordination, 'onProgress'>,
  { check, onProgress }: RebuildSettings,
): Promise<void> {
  const telling = (what: RebuildProgress['what']) => ({
    ...coordination,
    onProgress: (progress: SliceProgress) => onProgress({ ...progress, what }),
  });
  await untilDone(['copy-log', 'copy-contacts', 'bodies'], telling('bodies'));
  await untilDone(['log'], telling('log without bodies'));
  await finishFromFloors({ ...parts, signal: coordination.signal }, secondSchema);
  if (!check) await makeIndexes(coordination.dataSource);
}

/** This process is one of the workers, so that there is always one. */
async function withWorker<T>(parts: RebuildParts, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { store, log } = parts;
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, parts.signal]);
  const consumer = createConsumer<SliceJob>({ work: (job) => workSlice(parts, job), log, signal });
  const worker = await store.openWorker<SliceJob>(sliceQueueName, consumer, { concurrency: slicesAtOnce });
  const ended = worker.run().catch((error: unknown) => {
    log.warn({ err: messageOf(error) }, 'this process takes no slices any more');
  });
  try {
    return await work(signal);
  } finally {
    stopping.abort(new Error('the rebuild has ended'));
    await worker.close();
    await ended;
  }
}
