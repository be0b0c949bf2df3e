/**
 * Whether the queue's store has room for another batch. A Redis that is full to its last byte refuses what workers have to say as well, and then
 * nothing ever makes room again: whoever adds stops some way before.
 */
import { messageOf } from './errors.js';
import type { Logger } from './logger.js';
import type { QueueStore, Room } from './queue-store.js';

/** How often the store is asked; what is added in between is counted along. */
const everyMs = 1_000;
/**
 * A job takes its bytes several times: as it comes in, where it lies, and as it goes out to a worker, to which Redis counts them too. Of 20 bodies of 67 MB
 * that nothing compresses, 1 GB had taken so many that workers could no more say that they were done, and did each five times.
 */
const copies = 4;
/** Of what may be used, the most that one job needs with its copies: a store that holds little else takes the largest there are. */
const mostForOne = 0.75;
/** Of the same, more than usual jobs are. */
const usualJob = 0.05;

export class StoreRoom {
  #latest: Room | null = null;
  /** Bytes that were let in since the store was last asked. */
  #added = 0;
  #isFull = false;

  /** `fullAtPercent` of what the store may hold. */
  constructor(
    private readonly store: Pick<QueueStore, 'room'>,
    private readonly fullAtPercent: number,
    private readonly log: Logger,
  ) {}

  /** Used of the limit, from 0 to 1; NaN where there is no limit. */
  get fill(): number {
    return this.#latest === null ? Number.NaN : (this.#latest.usedBytes + this.#added) / this.#latest.limitBytes;
  }

  /** Whether so many more bytes may be added, with room for their copies; then they count as added. */
  takes(bytes: number): boolean {
    const isRoom = this.hasRoomFor(bytes);
    // One that is larger than usual ones may find no room in a store that is not full.
    this.#tell(!this.hasRoomFor(Math.min(bytes, this.#now().mayUse * usualJob)));
    if (isRoom) this.#added += bytes;
    return isRoom;
  }

  /** The same, and nothing is added yet. */
  hasRoomFor(bytes: number): boolean {
    const { used, mayUse } = this.#now();
    return used + Math.max(bytes, Math.min(copies * bytes, mayUse * mostForOne)) <= mayUse;
  }

  #now(): { used: number; mayUse: number } {
    const { usedBytes, limitBytes } = this.#latest ?? { usedBytes: 0, limitBytes: Infinity };
    return { used: usedBytes + this.#added, mayUse: (limitBytes * this.fullAtPercent) / 100 };
  }

  /** Rejects while it is full, or cannot be asked. */
  async check(): Promise<void> {
    await this.look();
    this.#tell(this.fill * 100 >= this.fullAtPercent);
    if (this.#isFull) throw new Error(this.#inWords());
  }

  /** Asks the store now. */
  async look(): Promise<void> {
    const before = this.#added;
    this.#latest = await this.store.room();
    this.#added -= before;
  }

  /** Asks it from now on, until the timer is cleared. */
  watch(): NodeJS.Timeout {
    const look = () => {
      // An outage is told by whoever adds.
      this.look().catch((error: unknown) =>
        this.log.debug({ err: messageOf(error) }, 'how full the queue’s store is could not be asked'),
      );
    };
    look();
    return setInterval(look, everyMs);
  }

  #tell(isFull: boolean): void {
    if (isFull && !this.#isFull) this.log.warn(`${this.#inWords()}: batches get 503 until workers have made room`);
    if (!isFull && this.#isFull) this.log.info('the queue’s store has room again');
    this.#isFull = isFull;
  }

  #inWords(): string {
    return `the queue’s store is full to ${Math.floor(this.fill * 100)} % of its maxmemory, and no more is added from ${this.fullAtPercent} % on`;
  }
}
