/** A batch on its way into the database, and what became of it. */
import type { Activity, Rejection } from '../activity/activity.js';

/** By which road it came. */
export type BatchOrigin = 'webhook' | 'pull' | 'export' | 'file' | 'quarantine';

export interface Batch {
  /** UUID version 7. */
  id: string;
  source: string;
  origin: BatchOrigin;
  receivedAt: Date;
  /** As received. */
  body: Buffer;
  total: number;
  activities: readonly Activity[];
  rejections: readonly Rejection[];
  /** What is left of activities of erased people: logged, and counted as `erased`; nothing is projected or planned for them. */
  erased?: readonly Activity[];
}

/** What became of one batch's elements: new + duplicate + rejected + erased = total. */
export interface BatchOutcome {
  new: number;
  duplicate: number;
  rejected: number;
  /** Of erased people; left out where there were none. */
  erased?: number;
}
