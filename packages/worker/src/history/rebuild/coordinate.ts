/** Lets the slices of a rebuild be done: puts them into the queue, a window at a time, takes some itself, and waits until none is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs, type JobQueue } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { SliceKind } from '../../db/entities/rebuild-slice.js';
import { sliceJob, type SliceJob } from './slice-queue.js';
import { listOpen, readProgress, type SliceProgress } from './sql/slices.js';

export class RebuildCancelled extends Error {
  override readonly name = 'RebuildCancelled';
  constructor() {
    super('the rebuild was cancelled: the tables are as they were');
  }
}

export interface Coordination {
  dataSource: DataSource;
  queue: JobQueue<SliceJob>;
  /** Id of the rebuild. */
  id: string;
  signal: AbortSignal;
  onProgress: (progress: SliceProgress) => void;
}

/** Jobs in the queue at once. */
const window = 100;
/** ms between two looks: at first and at last, for a rebuild may take a second or a day. */
const pollMs = { first: 100, last: 1_000 };

/** ms for which database and queue may be away. */
const patienceMs = 300_000;

/** Slices that the queue has lost are put there again, outages are waited through. Rejects with {@link RebuildCancelled} where somebody has cancelled the rebuild. */
export async function untilDone(kinds: readonly SliceKind[], coordination: Coordination): Promise<void> {
  const { signal } = coordination;
  let after = 0;
  let failures = 0;
  let waitMs = pollMs.first;
  for (let well = performance.now(); ;) {
    signal.throwIfAborted();
    try {
      const next = await look(kinds, coordination, after);
      if (next === 'done') return;
      after = next;
      [failures, well] = [0, performance.now()];
    } catch (error) {
      if (error instanceof RebuildCancelled || performance.now() - well > patienceMs) throw error;
      failures++;
    }
    await sleep(failures === 0 ? waitMs : backoffMs(failures), undefined, { signal }).catch(() => undefined);
    waitMs = Math.min(waitMs * 1.05, pollMs.last);
  }
}

/** Puts the slices behind `after` into the queue where it runs low; gives behind which one to go on. */
async function look(
  kinds: readonly SliceKind[],
  { dataSource, queue, id, onProgress }: Coordination,
  after: number,
): Promise<number | 'done'> {
  const progress = await readProgress(dataSource, id, kinds);
  if (progress.state !== 'running') throw new RebuildCancelled();
  onProgress(progress);
  if (progress.open === 0) return 'done';
  const counts = await queue.getJobCounts('waiting', 'active', 'prioritized', 'delayed');
  const { waiting = 0, active = 0, prioritized = 0, delayed = 0 } = counts;
  if (waiting >= window / 2) return after;
  const slices = await listOpen(dataSource, id, kinds, after, window);
  if (slices.length > 0) await queue.addBulk(slices.map((nth) => sliceJob(id, nth)));
  return slices.at(-1) ?? (waiting + active + prioritized + delayed === 0 ? 0 : after);
}
