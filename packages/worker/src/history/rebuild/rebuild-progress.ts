/** How far a rebuild is, as whoever began it is told. */
import type { SliceProgress } from './sql/slices.js';

export interface RebuildProgress extends SliceProgress {
  what: 'bodies' | 'log without bodies' | 'indexes' | 'what came meanwhile' | 'waiting for the tables';
  /** Who has them. */
  holders?: readonly string[];
}
