/** Finds the elements that the database refuses, by halves, so that only they are quarantined. */

/**
 * The items for which `refuses` holds when they stand alone, found with about 2·k·log2(n) tests for k culprits among n items. `refuses` tells
 * whether a group is refused, and changes nothing.
 */
export async function isolateCulprits<T>(items: readonly T[], refuses: (group: readonly T[]) => Promise<boolean>): Promise<T[]> {
  if (items.length === 0 || !(await refuses(items))) return [];
  if (items.length === 1) return [...items];
  const middle = Math.ceil(items.length / 2);
  return [...(await isolateCulprits(items.slice(0, middle), refuses)), ...(await isolateCulprits(items.slice(middle), refuses))];
}
