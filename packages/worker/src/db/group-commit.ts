/** Group commit: what waits while a transaction is under way goes into the next one together, so that small pieces of work cost little. */

interface Waiting<Item, Outcome> {
  item: Item;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

export interface GroupCommitSettings<Item> {
  sizeOf: (item: Item) => number;
  /** Of all items in one transaction; a single larger one goes alone. */
  maxSize: number;
  /** Under way at once. */
  maxTransactions: number;
}

export class GroupCommit<Item, Outcome> {
  #waiting: Waiting<Item, Outcome>[] = [];
  #running = 0;

  /** `apply` gives an outcome for each item, in order, or rejects for all of them. */
  constructor(
    private readonly apply: (items: readonly Item[]) => Promise<Outcome[]>,
    private readonly settings: GroupCommitSettings<Item>,
  ) {}

  /** Applies `item`, perhaps together with others; rejects with what `apply` rejected with. */
  submit(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#running < this.settings.maxTransactions) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running++;
    await Promise.resolve(); // whoever submits in this turn of the event loop comes along
    for (let group = this.#takeGroup(); group.length > 0; group = this.#takeGroup()) {
      try {
        const outcomes = await this.apply(group.map(({ item }) => item));
        for (const [index, outcome] of outcomes.entries()) group[index]?.resolve(outcome);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#running--;
  }

  #takeGroup(): Waiting<Item, Outcome>[] {
    let size = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      size += this.settings.sizeOf(item);
      if (count > 0 && size > this.settings.maxSize) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }
}
