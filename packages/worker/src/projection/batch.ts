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
  /** The body is kept already, and the row gets none: it is one that is projected again. */
  bodyElsewhere?: true;
  total: number;
  activities: readonly Activity[];
  rejections: readonly Rejection[];
  /** What is left of activities of erased people: logged, and counted as `erased`; nothing is projected or planned for them. */
  erased?: readonly Activity[];
  /** From before the horizon of the log, see `expire.ts`. */
  expired?: readonly Activity[];
}

/** What became of one batch's elements: new + duplicate + rejected + erased + expired = total. */
export interface BatchOutcome {
  new: number;
  duplicate: number;
  rejected: number;
  /** Of erased people; left out where there were none. */
  erased?: number;
  /** From before the horizon of the log; left out where there were none. */
  expired?: number;
}
