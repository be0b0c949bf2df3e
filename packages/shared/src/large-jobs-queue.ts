/**
 * A queue on Redis whose large jobs go by a connection of their own. 90 MB take Redis and the link seconds, and a connection by which nothing came for 5 s counts
 * as dead: on a shared one, everybody's commands would end with a large one.
 */
import { Queue, type Job, type JobsOptions, type QueueOptions } from 'bullmq';

/** Bytes of a body, packed. Smaller ones pass in far less than a second. */
const largeBytes = 1024 * 1024;

export class LargeJobsQueue<Data> extends Queue<Data, void, string, Data, void, string> {
  #large: Queue<Data, void, string, Data, void, string> | undefined;

  constructor(
    name: string,
    options: QueueOptions,
    private readonly openLarge: () => QueueOptions['connection'],
  ) {
    super(name, options);
  }

  override async add(name: string, data: Data, options?: JobsOptions): Promise<Job<Data, void>> {
    return isLarge(data) ? this.#forLarge().add(name, data, options) : super.add(name, data, options);
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#large?.close()]);
  }

  /** Made with the first large job: most processes never see one. */
  #forLarge() {
    if (this.#large === undefined) {
      this.#large = new Queue(this.name, { ...this.opts, connection: this.openLarge() });
      this.#large.on('error', (error) => this.emit('error', error));
    }
    return this.#large;
  }
}

const isLarge = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'body' in data && typeof data.body === 'string' && data.body.length > largeBytes;
