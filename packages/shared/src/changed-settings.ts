/** Which settings of one section of the configuration differ. */
import { isDeepStrictEqual } from 'node:util';

/** Their names, as they stand in messages: `queue.lockMs`. */
export function changedSettings<Section extends object>(section: string, before: Section, after: Section): string[] {
  return (Object.keys(after) as (keyof Section & string)[])
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .map((name) => `${section}.${name}`);
}
