/** How many batches a worker holds at once: what is in hand goes into transactions together, and takes memory from the moment when it is taken. */

/** Compressed and as text, a body in hand takes about a fifth of its bytes, and one that is parsed ten times as many. */
const heldPerParsed = 16;
/** So that one is parsed while another one is written. Also how many are taken at first: BullMQ takes all that it may before it begins with any. */
const fewest = 2;
/** Share of the latest batch in what is usual. */
const weight = 0.1;

/** Small batches by the hundred, large ones few. */
export class HandSize {
  /** Of a usual batch: as large as the latest at once, smaller by and by. */
  #usualBytes = 0;
  #held = 0;
  #queueWasEmpty = true;

  constructor(private readonly settings: { concurrency: number; maxBytesInFlight: number }) {}

  /** What comes after an empty queue nobody knows. */
  get size(): number {
    const { concurrency, maxBytesInFlight } = this.settings;
    const unknown = this.#queueWasEmpty && this.#held === 0;
    const fitting = unknown ? 0 : Math.floor((maxBytesInFlight * heldPerParsed) / this.#usualBytes);
    return Math.min(concurrency, Math.max(fewest, fitting));
  }

  /** A batch of so many bytes begins. */
  taken(bytes: number): void {
    this.#held++;
    this.#usualBytes = Math.max(bytes, this.#usualBytes * (1 - weight) + bytes * weight, 1);
  }

  /** A batch is done or handed back. */
  left(): void {
    this.#held--;
  }

  /** A batch came from the queue; it begins later. */
  fetched(): void {
    this.#queueWasEmpty = false;
  }

  /** Nothing came. */
  queueEmpty(): void {
    this.#queueWasEmpty = true;
  }
}
