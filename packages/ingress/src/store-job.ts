/** Puts what was received into the queue, durably, in time, and only where the queue's store has room for it. */
import { batchJobOptions, withDeadline, type batchOptions, type JobQueue, type StoreRoom } from '@vidhuk/shared';

export interface JobStoreParts {
  room: Pick<StoreRoom, 'takes'>;
  limits: { enqueueTimeoutMs: number };
}

export class NoStoreRoom extends Error {
  override readonly name = 'NoStoreRoom';
  constructor() {
    super('the queue’s store is full, or has no room for so large a body beside what waits');
  }
}

/** Rejects where the store is full or does not answer in time. After a timeout the job may have been stored all the same. */
export type StoreJob = <Job extends { id: string; body: string }>(
  queue: Pick<JobQueue<Job>, 'add'>,
  name: string,
  job: Job,
  options?: ReturnType<typeof batchOptions>,
) => Promise<void>;

export const createJobStore =
  ({ room, limits }: JobStoreParts): StoreJob =>
  async (queue, name, job, options = { ...batchJobOptions, jobId: job.id }) => {
    if (!room.takes(storedBytes(job.body.length))) throw new NoStoreRoom();
    const stored = queue.add(name, job, options);
    await withDeadline(`storing the ${name}`, limits.enqueueTimeoutMs + job.body.length / slowestBytesPerMs, stored);
  };

/** 1 MB a second, from here through a busy Redis to its disk: 90 MB, the largest there are, may take a minute and a half longer than small ones. */
const slowestBytesPerMs = 1_000;

/** What a job takes in the store, at most: its body, which Redis rounds up and has in its buffers for a while, and its other fields with their keys. */
export const storedBytes = (packedBytes: number): number => packedBytes * 1.6 + 8_192;
