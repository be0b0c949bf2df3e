/** A binary heap that gives out what is due first; ties come out in the order they went in, so that a run can be repeated. */
export class DueHeap<T> {
  readonly #items: { at: number; order: number; value: T }[] = [];
  #order = 0;

  get size(): number {
    return this.#items.length;
  }

  /** When the first item is due; Infinity when there is none. */
  get firstAt(): number {
    return this.#items[0]?.at ?? Infinity;
  }

  push(at: number, value: T): void {
    const items = this.#items;
    const item = { at, order: this.#order++, value };
    let hole = items.length;
    items.push(item);
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      const parent = items[above];
      if (!parent || !before(item, parent)) break;
      items[hole] = parent;
      hole = above;
    }
    items[hole] = item;
  }

  /** Takes the item that is due first, if there is one. */
  pop(): { at: number; value: T } | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (!first || !last || items.length === 0) return first;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      let smaller = items[child];
      if (!smaller) break;
      const right = items[child + 1];
      if (right && before(right, smaller)) {
        child++;
        smaller = right;
      }
      if (!before(smaller, last)) break;
      items[hole] = smaller;
      hole = child;
    }
    items[hole] = last;
    return first;
  }
}

function before(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
