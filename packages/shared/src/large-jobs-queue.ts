/**
 * A queue on Redis that has added a job once Redis keeps it, and whose large jobs go by a connection of their own. 90 MB take Redis and the link
 * seconds, and a connection by which nothing came for 5 s counts as dead: on a shared one, everybody's commands would end with a large one.
 */
import { Queue, type Job, type JobsOptions, type QueueOptions } from 'bullmq';
import type { KeptWrites } from './kept-writes.js';

/** Bytes of a body, packed. Smaller ones pass in far less than a second. */
const largeBytes = 1024 * 1024;

export class LargeJobsQueue<Data> extends Queue<Data, void, string, Data, void, string> {
  #large: { queue: Queue<Data, void, string, Data, void, string>; kept: KeptWrites } | undefined;

  constructor(
    name: string,
    options: QueueOptions,
    private readonly usual: KeptWrites,
    private readonly openLarge: () => { connection: QueueOptions['connection']; kept: KeptWrites },
  ) {
    super(name, options);
  }

  override async add(name: string, data: Data, options?: JobsOptions): Promise<Job<Data, void>> {
    const large = isLarge(data) ? this.#forLarge() : undefined;
    const job = await (large?.queue.add(name, data, options) ?? super.add(name, data, options));
    await (large?.kept ?? this.usual).check();
    return job;
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#large?.queue.close()]);
  }

  /** Made with the first large job: most processes never see one. */
  #forLarge() {
    if (this.#large === undefined) {
      const { connection, kept } = this.openLarge();
      const queue = new Queue<Data, void, string, Data, void, string>(this.name, { ...this.opts, connection });
      queue.on('error', (error) => this.emit('error', error));
      this.#large = { queue, kept };
    }
    return this.#large;
  }
}

const isLarge = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'body' in data && typeof data.body === 'string' && data.body.length > largeBytes;
