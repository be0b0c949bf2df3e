import type { Result } from '../report.js';
import type { Servers } from '../servers.js';

/** How much is done: `smoke` shows in seconds that everything works, and no figure of it means anything. */
export type Size = 'full' | 'quick' | 'smoke';

export interface Context {
  servers: Servers;
  size: Size;
  /** Activities of the growth section. */
  growth: number;
  /** Shown while it goes on. */
  say: (detail: string) => void;
}

export interface Section {
  name: string;
  /** What it measures, for `--list`. */
  about: string;
  run: (context: Context) => Promise<Result>;
}

/** The value for a size of the run. */
export const bySize = <T>(size: Size, full: T, quick: T, smoke: T): T => ({ full, quick, smoke })[size];
