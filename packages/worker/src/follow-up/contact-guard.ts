/** `maxPerContact` of an action, played again from what was kept. */
import type { Action } from './action.js';

/** Counts as `insert-follow-ups.ts` does: by the time of planning, what was held back and what is anonymous never. */
export class ContactGuard {
  readonly #planned = new Map<string, number[]>();

  constructor(private readonly limit: NonNullable<Action['maxPerContact']>) {}

  /** Whether it is one too many for its contact, after those that were asked about before; `plannedAt` in ms since 1970. */
  holds({ source, contactId }: { source: string; contactId: number | null }, plannedAt: number): boolean {
    if (contactId === null) return false;
    const key = `${source} ${contactId}`;
    const recent = (this.#planned.get(key) ?? []).filter((at) => at > plannedAt - this.limit.perMs);
    const isHeld = recent.length >= this.limit.count;
    if (!isHeld) recent.push(plannedAt);
    this.#planned.set(key, recent);
    return isHeld;
  }
}
