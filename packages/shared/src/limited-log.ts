/** Lines that strangers can cause at any rate: one a second of a kind, with how many there were since the last one. */
import type { Logger } from './logger.js';

const intervalMs = 1_000;
/** Kinds are few; a bound all the same. */
const maxKinds = 1_000;

export class LimitedLog {
  readonly #kinds = new Map<string, { at: number; unsaid: number }>();

  constructor(private readonly log: Logger) {}

  /** `unsaid`, beside `fields`: lines of this kind that were left out since the last one. */
  warn(kind: string, fields: Readonly<Record<string, unknown>>, message: string): void {
    const key = `${message} ${kind}`;
    const last = this.#kinds.get(key);
    const now = performance.now();
    if (last !== undefined && now - last.at < intervalMs) {
      last.unsaid++;
      return;
    }
    if (this.#kinds.size >= maxKinds) this.#kinds.clear();
    this.#kinds.set(key, { at: now, unsaid: 0 });
    const unsaid = last?.unsaid ?? 0;
    this.log.warn(unsaid === 0 ? fields : { ...fields, unsaid }, message);
  }
}
