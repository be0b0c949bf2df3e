/** What the road does to a feed: some elements come again, at once or much later, some come late, and now and then two change places. */
import { DueHeap } from './due-heap.js';
import type { Random } from './random.js';

/** Elements held back at one time: bounds the memory. */
const HELD_BACK = 512;

/**
 * Passes `elements` on with repetitions and delays until exactly `total` have come out; every element taken in comes out at least
 * once. About 3 % are repetitions and 4 % come out of order. Only so many elements are taken from the (endless) source as are needed.
 */
export function* disorder<T>(elements: Iterator<T, never>, total: number, random: Random): Generator<T, void> {
  const heldBack = new DueHeap<T>();
  for (let position = 0; position < total; position++) {
    const left = total - position;
    const due = heldBack.firstAt <= position || heldBack.size >= left ? heldBack.pop() : undefined;
    if (due) {
      yield due.value;
      continue;
    }
    const element = elements.next().value;
    // One more may be held back only while there is still room for it to come out.
    const fate = heldBack.size + 1 < left && heldBack.size < HELD_BACK ? random.fraction() : 1;
    if (fate < 0.015) {
      heldBack.push(position + random.integer(1, 3), element);
    } else if (fate < 0.03) {
      heldBack.push(position + random.integer(1, 20_000), element);
    } else if (fate < 0.05) {
      heldBack.push(position + random.integer(1, 20), element);
      position--;
      continue;
    } else if (fate < 0.07) {
      heldBack.push(position + random.integer(100, 20_000), element);
      position--;
      continue;
    }
    yield element;
  }
}
