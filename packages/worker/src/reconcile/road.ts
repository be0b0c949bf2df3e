/** A road by which activities can be learnt besides the webhook: what it tells, piece by piece. */
import type { BatchOrigin } from '@vidhuk/shared';
import type { ClockMs } from './wall-clock.js';

/** An element as the webhook would write it, see `road-element.ts`. */
export type RoadElement = Readonly<Record<string, unknown>>;

/** From this second, up to but without that one, by the clock of the source. */
export interface Period {
  from: ClockMs;
  to: ClockMs;
}

/** In order of time: rows, and then which period they were all of (`read`), or which may hold more (`unread`). */
export type Told =
  | { kind: 'rows'; rows: readonly RoadElement[] }
  | ({ kind: 'read' } & Period)
  | ({ kind: 'unread'; reason: string } & Period)
  /** Of a file without a period: so far it was read. */
  | { kind: 'so-far' };

/** Of one contact the latest times of its kind, and what the road calls the state of its e-mail. */
export interface RoadContact {
  contactId: number;
  sent: ClockMs | null;
  delivered: ClockMs | null;
  opened: ClockMs | null;
  clicked: ClockMs | null;
  emailStatus: string | null;
}

export interface Road {
  readonly name: Extract<BatchOrigin, 'pull' | 'export' | 'file'>;
  /** Whether it tells of activities of this status, as the log spells it: what it does not tell of is not missed by it. */
  tells(status: string): boolean;
  /** Rejects with a `PermanentError` where nothing can be read until somebody has mended something. */
  tell(period: Period | null, signal: AbortSignal): AsyncIterable<Told>;
  /** What it says of contacts themselves, of those to whom something happened in the period. */
  contacts?(period: Period): AsyncIterable<readonly RoadContact[]>;
}

/** Neither the platform's API nor, as far as is known, its export has them. */
const told = new Set(['DELIVERED', 'UNDELIVERED', 'READ', 'CLICKED', 'UNSUBSCRIBED', 'SPAM']);
export const isPullable = (status: string): boolean => told.has(status);
