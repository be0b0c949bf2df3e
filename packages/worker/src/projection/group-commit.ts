/** Group commit: batches that wait while a transaction is under way go into the next one together, so that small batches cost little. */
import type { Batch, BatchOutcome } from './apply-batches.js';

interface Waiting {
  batch: Batch;
  resolve: (outcome: BatchOutcome) => void;
  reject: (error: unknown) => void;
}

export interface GroupCommitSettings {
  /** Of all batches in one transaction; a single larger batch goes alone. */
  maxActivities: number;
  /** Under way at once. */
  maxTransactions: number;
}

export class GroupCommit {
  #waiting: Waiting[] = [];
  #running = 0;

  /** `apply` gives an outcome for each batch, in order, or rejects for all of them. */
  constructor(
    private readonly apply: (batches: readonly Batch[]) => Promise<BatchOutcome[]>,
    private readonly settings: GroupCommitSettings,
  ) {}

  /** Applies `batch`, perhaps together with others; rejects with what `apply` rejected with. */
  submit(batch: Batch): Promise<BatchOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      if (this.#running < this.settings.maxTransactions) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running++;
    await Promise.resolve(); // whoever submits in this turn of the event loop comes along
    for (let group = this.#takeGroup(); group.length > 0; group = this.#takeGroup()) {
      try {
        const outcomes = await this.apply(group.map(({ batch }) => batch));
        for (const [index, outcome] of outcomes.entries()) group[index]?.resolve(outcome);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#running--;
  }

  #takeGroup(): Waiting[] {
    let activities = 0;
    let size = 0;
    for (const { batch } of this.#waiting) {
      activities += batch.activities.length;
      if (size > 0 && activities > this.settings.maxActivities) break;
      size++;
    }
    const group = this.#waiting.slice(0, size);
    this.#waiting = this.#waiting.slice(size);
    return group;
  }
}
