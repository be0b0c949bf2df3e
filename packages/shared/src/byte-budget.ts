/** How many bytes may be in memory at once; who does not fit waits a moment, in order. */

export class ByteBudget {
  #free: number;
  readonly #queue: { bytes: number; admit: () => void }[] = [];

  constructor(private readonly total: number) {
    this.#free = total;
  }

  get used(): number {
    return this.total - this.#free;
  }

  /**
   * Takes `bytes` and gives the function that puts them back, or `undefined` when they did not fit within `maxWaitMs` (which may be infinite). More than there is in all
   * counts as all, so that one large body can pass.
   */
  async take(bytes: number, maxWaitMs: number): Promise<(() => void) | undefined> {
    const wanted = Math.min(bytes, this.total);
    if (this.#queue.length > 0 || wanted > this.#free) {
      const admitted = await this.#wait(wanted, maxWaitMs);
      if (!admitted) return undefined;
    } else {
      this.#free -= wanted;
    }
    return () => {
      this.#free += wanted;
      this.#admitWaiting();
    };
  }

  #wait(bytes: number, maxWaitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const entry = {
        bytes,
        admit: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      const giveUp = () => {
        this.#queue.splice(this.#queue.indexOf(entry), 1);
        resolve(false);
        this.#admitWaiting();
      };
      const timer = maxWaitMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(giveUp, maxWaitMs);
      this.#queue.push(entry);
    });
  }

  #admitWaiting(): void {
    for (let first = this.#queue[0]; first !== undefined && first.bytes <= this.#free; first = this.#queue[0]) {
      this.#free -= first.bytes;
      this.#queue.shift();
      first.admit();
    }
  }
}
