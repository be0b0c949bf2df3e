/** Large work in pieces, so that no single statement of it becomes long or large. */

/** In rows: below it a statement takes less than a second, far from the `statement_timeout`; all that a usual transaction has fits in one. */
const sliceSize = 5_000;

/** The items, in order, so many at a time. No items, no slice. */
export const slicesOf = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / sliceSize) }, (_, nth) => items.slice(nth * sliceSize, (nth + 1) * sliceSize));

/** The same for items of which some are large: no slice weighs more than `most`, but for one that is a single item. */
export function slicesByWeight<T>(items: readonly T[], weightOf: (item: T) => number, most: number): T[][] {
  const slices: T[][] = [];
  let weight = Infinity;
  for (const item of items) {
    const own = weightOf(item);
    const last = slices.at(-1);
    if (last === undefined || weight + own > most || last.length >= sliceSize) {
      slices.push([item]);
      weight = own;
    } else {
      last.push(item);
      weight += own;
    }
  }
  return slices;
}
