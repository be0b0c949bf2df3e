/** How many bytes may be in memory at once; who does not fit waits a moment, in order. */

/** A giant waits so many times as long as others: the one before it takes seconds. */
const giantPatience = 8;
/** ms for which a giant may keep its place while another one waits for it. */
const giantMs = 60_000;

export class ByteBudget {
  #free: number;
  readonly #queue: { bytes: number; admit: () => void }[] = [];
  #giants: ByteBudget | undefined;

  /**
   * A piece of work that grows beyond `largest` bytes is a giant. Giants would otherwise hold what the others of their kind wait for, until all of them give
   * up: they go one at a time, and have room of their own beside `total`.
   */
  constructor(
    readonly total: number,
    readonly largest = Number.POSITIVE_INFINITY,
  ) {
    this.#free = total;
  }

  /** How many giants wait for the place of another one. */
  get giantsWaiting(): number {
    return this.#giants === undefined ? 0 : this.#giants.#queue.length;
  }

  /** As `take`, for the one place that giants have. */
  takeGiant(maxWaitMs: number): Promise<(() => void) | undefined> {
    this.#giants ??= new ByteBudget(1);
    return this.#giants.take(1, maxWaitMs * giantPatience);
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

  /** Room for one piece of work that grows: it holds nothing at first. */
  share(maxWaitMs: number): BudgetShare {
    return new BudgetShare(this, maxWaitMs);
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

/** There was no room within the time. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom';
}

/** What one piece of work holds of a budget. */
export class BudgetShare {
  #held = 0;
  #isGiant = false;
  #giantSince = 0;
  readonly #releases: (() => void)[] = [];

  constructor(
    private readonly budget: ByteBudget,
    private readonly maxWaitMs: number,
  ) {}

  /** Waits until it holds so many bytes in all; what it holds already stays, unless it becomes a giant. Rejects with {@link NoRoom}. */
  async hold(bytes: number): Promise<void> {
    if (this.#isGiant) {
      this.#mayGoOn();
      return;
    }
    if (bytes > this.budget.largest) return this.#becomeGiant();
    const wanted = Math.min(bytes, this.budget.total); // so that one large body can pass
    if (wanted <= this.#held) return;
    const release = await this.budget.take(wanted - this.#held, this.maxWaitMs);
    if (release === undefined) throw new NoRoom(`no room for ${bytes} bytes within ${this.maxWaitMs} ms`);
    this.#releases.push(release);
    this.#held = wanted;
  }

  #mayGoOn(): void {
    if (this.budget.giantsWaiting === 0 || performance.now() - this.#giantSince < giantMs) return;
    throw new NoRoom('a large one came too slowly while another one waits');
  }

  async #becomeGiant(): Promise<void> {
    const release = await this.budget.takeGiant(this.maxWaitMs);
    if (release === undefined) throw new NoRoom('another large one took too long');
    this.release();
    this.#isGiant = true;
    this.#giantSince = performance.now();
    this.#releases.push(release);
  }

  release(): void {
    for (const release of this.#releases.splice(0)) release();
    this.#held = 0;
    this.#isGiant = false;
  }
}
