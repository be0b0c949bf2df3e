/** Lets the slices of a rebuild be done: puts them into the queue, a window at a time, takes some itself, and waits until none is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobQueue } from '@vidhuk/shared';
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
const pollMs = 100;

/** Slices that the queue has lost are put there again. Rejects with {@link RebuildCancelled} where somebody has cancelled the rebuild. */
export async function untilDone(
  kinds: readonly SliceKind[],
  { dataSource, queue, id, signal, onProgress }: Coordination,
): Promise<void> {
  for (let after = 0; ;) {
    signal.throwIfAborted();
    const progress = await readProgress(dataSource, id, kinds);
    if (progress.state !== 'running') throw new RebuildCancelled();
    onProgress(progress);
    if (progress.open === 0) return;
    const {
      waiting = 0,
      active = 0,
      prioritized = 0,
      delayed = 0,
    } = await queue.getJobCounts('waiting', 'active', 'prioritized', 'delayed');
    if (waiting < window / 2) {
      const slices = await listOpen(dataSource, id, kinds, after, window);
      if (slices.length > 0) await queue.addBulk(slices.map((nth) => sliceJob(id, nth)));
      after = slices.at(-1) ?? (waiting + active + prioritized + delayed === 0 ? 0 : after);
    }
    await sleep(pollMs, undefined, { signal });
  }
}
