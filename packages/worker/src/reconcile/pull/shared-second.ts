/** Two neighbouring slices share a second, whichever way the platform takes their bounds: a row of it counts once, though both have it. */
import { canonicalJson } from '../../activity/canonical-json.js';
import type { RoadElement } from '../road.js';
import { clockOfText, type ClockMs } from '../wall-clock.js';

/** By everything but the cursor, which may differ from answer to answer. */
export const textWithoutCursor = ({ offset: _, ...row }: RoadElement): string => canonicalJson(row);

/** Of rows that are the same as often as the one that has more of them has it. */
export function unite(a: readonly RoadElement[], b: readonly RoadElement[]): RoadElement[] {
  const left = new Map<string, number>();
  for (const row of a) left.set(textWithoutCursor(row), (left.get(textWithoutCursor(row)) ?? 0) + 1);
  const more = b.filter((row) => {
    const count = left.get(textWithoutCursor(row)) ?? 0;
    left.set(textWithoutCursor(row), count - 1);
    return count <= 0;
  });
  return [...a, ...more];
}

const clockOfRow = ({ activityDateTime }: RoadElement): ClockMs =>
  typeof activityDateTime === 'string' ? clockOfText(activityDateTime) : Number.NaN;

/** Those that stand at the second `last`, and all the others. */
export function splitOff(rows: readonly RoadElement[], last: ClockMs): { before: RoadElement[]; shared: RoadElement[] } {
  const before: RoadElement[] = [];
  const shared: RoadElement[] = [];
  for (const row of rows) (clockOfRow(row) === last ? shared : before).push(row);
  return { before, shared };
}
