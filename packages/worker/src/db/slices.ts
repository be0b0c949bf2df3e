/** Large work in pieces, so that no single statement of it becomes long or large. */

/** In rows: below it a statement takes less than a second, far from the `statement_timeout`; all that a usual transaction has fits in one. */
const sliceSize = 5_000;

/** The items, in order, so many at a time. No items, no slice. */
export const slicesOf = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / sliceSize) }, (_, nth) => items.slice(nth * sliceSize, (nth + 1) * sliceSize));
