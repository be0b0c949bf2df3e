/** The queue by which workers get the slices of a rebuild: its jobs carry only which slice it is. */
import { batchJobOptions } from '@vidhuk/shared';

export const sliceQueueName = 'rebuild-slices';

export interface SliceJob {
  /** Id of the rebuild. */
  rebuild: string;
  nth: number;
}

/** Slices of one process at once: while one is parsed, another one is written. */
export const slicesAtOnce = 2;

/** A slice that is in the queue already is not put there twice. A job that finds its slice done, or no rebuild, is done. */
export const sliceJob = (rebuild: string, nth: number) => ({
  name: 'slice',
  data: { rebuild, nth } satisfies SliceJob,
  opts: { ...batchJobOptions, jobId: `rebuild-${rebuild}-${nth}` },
});
