/** A batch on its way into the database, and what became of it. */
import type { BatchOrigin } from '@vidhuk/shared';
import type { Activity, Rejection } from '../activity/activity.js';

export interface Batch {
  /** UUID version 7. */
  id: string;
  source: string;
  /** By which road it came. */
  origin: BatchOrigin;
  receivedAt: Date;
  /** As received. */
  body: Buffer;
  total: number;
  activities: readonly Activity[];
  rejections: readonly Rejection[];
}

/** What became of one batch's elements: new + duplicate + rejected = total. */
export interface BatchOutcome {
  new: number;
  duplicate: number;
  rejected: number;
}
