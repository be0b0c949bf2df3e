/** Durations counted in buckets that grow by 1 %: quantiles within 1 %, whatever the number of measurements, in a few kilobytes. */

const GROWTH = Math.log(1.01);
/** The finest distinction, in milliseconds. */
const FLOOR_MS = 0.001;

/** A growing count of durations in milliseconds. */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;
  #max = 0;

  add(ms: number): void {
    const bucket = Math.round(Math.log(Math.max(ms, FLOOR_MS)) / GROWTH);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#total++;
    this.#max = Math.max(this.#max, ms);
  }

  /** The longest, exact; 0 when nothing was counted. */
  get max(): number {
    return this.#max;
  }

  /** The duration that the given share (0 to 1) of all measurements does not exceed; 0 when nothing was counted. */
  quantile(share: number): number {
    let rank = Math.max(1, Math.ceil(share * this.#total));
    for (const bucket of [...this.#counts.keys()].sort((a, b) => a - b)) {
      rank -= this.#counts.get(bucket) ?? 0;
      if (rank <= 0) return Math.min(Math.exp(bucket * GROWTH), this.#max);
    }
    return 0;
  }
}
