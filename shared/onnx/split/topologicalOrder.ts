/**
 * Orders in which everything comes after what it waits for. Time is edges, and nodes by their logarithm: graphs come
 * from outside, and may have everything ready at once.
 */

/**
 * Kahn's order of `0 … before.length - 1`, where all of `before[i]` must come before i; of what is ready the least by
 * `compare` goes first, then the lowest number. Null where there is a cycle.
 */
export function topologicalOrder(
  before: readonly ReadonlySet<number>[],
  compare: (a: number, b: number) => number,
): number[] | null {
  const after = before.map((): number[] => []);
  before.forEach((set, i) => set.forEach((j) => after[j]!.push(i)));
  const waiting = before.map((set) => set.size);
  const ready = new Heap((a, b) => compare(a, b) || a - b);
  waiting.forEach((count, i) => count === 0 && ready.push(i));
  const order: number[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(next);
    for (const i of after[next]!) if (--waiting[i]! === 0) ready.push(i);
  }
  return order.length === before.length ? order : null;
}

/** A binary heap: the least is at 0, and no parent at i is above its children at 2i + 1 and 2i + 2. */
class Heap {
  readonly #items: number[] = [];
  readonly #compare: (a: number, b: number) => number;

  constructor(compare: (a: number, b: number) => number) {
    this.#compare = compare;
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#compare(items[parent]!, item) <= 0) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const least = items[0];
    const item = items.pop();
    if (item === undefined || items.length === 0) return least;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < items.length && this.#compare(items[right]!, items[child]!) < 0) child = right;
      if (this.#compare(item, items[child]!) <= 0) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
    return least;
  }
}
