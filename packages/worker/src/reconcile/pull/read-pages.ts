/** Of a minute that fills a page the further ones, by `offset`; that it leads anywhere is not taken for granted. */
import type { RoadElement } from '../road.js';
import { textWithoutCursor } from './shared-second.js';

export interface Pages {
  rows: RoadElement[];
  /** Every page but the last was full, none brought again what others had, and their order stayed: they are all there is. */
  isWhole: boolean;
}

/** Pages of one minute; a platform that goes on for ever is left then. */
const mostPages = 1_000;

/** A cursor may mean "from here" or "behind here". */
const mayComeAgain = 1;

/** `first` is the page that was full; `next` asks for the page at an offset, or for the first one again. */
export async function readPages(
  first: readonly RoadElement[],
  maxRows: number,
  next: (offset?: string) => Promise<readonly RoadElement[]>,
): Promise<Pages> {
  const rows = [...first];
  const texts = rows.map(textWithoutCursor);
  const seen = new Set(texts);
  const offsets = new Set<string>();
  let isDisjoint = seen.size === rows.length;
  for (let page = first; ;) {
    if (page.length < maxRows) return { rows, isWhole: isDisjoint && hasSameOrder(texts, await next()) };
    const offset = offsetOf(page.at(-1));
    if (offset === undefined || offsets.has(offset) || offsets.size > mostPages) return { rows, isWhole: false };
    offsets.add(offset);
    page = await next(offset);
    const news = page.filter((row) => !seen.has(textWithoutCursor(row)));
    if (page.length - news.length > mayComeAgain) isDisjoint = false;
    if (news.length === 0 && page.length >= maxRows) return { rows, isWhole: false };
    for (const row of news) {
      seen.add(textWithoutCursor(row));
      rows.push(row);
    }
  }
}

/** Where the order changes from answer to answer, a cursor leads somewhere. */
const hasSameOrder = (texts: readonly string[], again: readonly RoadElement[]): boolean =>
  again.length === texts.length && again.every((row, nth) => textWithoutCursor(row) === texts[nth]);

function offsetOf(row: RoadElement | undefined): string | undefined {
  const offset = row?.offset;
  return typeof offset === 'string' || typeof offset === 'number' ? String(offset) : undefined;
}
