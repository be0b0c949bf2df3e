/** Counts by day (UTC), status and kind, as the table `drift` keeps them. */

export type DriftKind =
  | 'theirs'
  | 'ours'
  | 'added'
  | 'enriched'
  | 'missing'
  | 'only_ours'
  | 'erased'
  | `contact_${'sent' | 'delivered' | 'opened' | 'clicked' | 'unsubscribed' | 'blacklisted'}`;

export interface DriftCount {
  /** YYYY-MM-DD. */
  day: string;
  status: string;
  kind: DriftKind;
  count: number;
}

/** `time`: ms since 1970. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

export class Tally {
  readonly #counts = new Map<string, DriftCount>();

  add(day: string, status: string, kind: DriftKind, count = 1): void {
    if (count === 0) return;
    const key = JSON.stringify([day, status, kind]);
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { day, status, kind, count });
    else known.count += count;
  }

  get counts(): DriftCount[] {
    return [...this.#counts.values()];
  }
}
