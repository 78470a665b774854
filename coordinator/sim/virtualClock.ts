/**
 * Time that passes only when it is told to: events in the order of their time, then of their making.
 */
interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void | Promise<void>;
}

export class VirtualClock {
  /** Not 0, so that no time is ever taken for "never". */
  static readonly START_MS = 1_000_000;
  nowMs = VirtualClock.START_MS;
  #made = 0;
  /** A binary heap: parent i, children 2i+1 and 2i+2. */
  readonly #heap: Event[] = [];

  after(ms: number, action: () => void | Promise<void>): void {
    this.#heap.push({ atMs: this.nowMs + ms, order: this.#made++, action });
    let i = this.#heap.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(this.#heap[i]!, this.#heap[parent]!)) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Runs the next event; false where there is none. */
  async step(): Promise<boolean> {
    const next = this.#pop();
    if (next === undefined) return false;
    this.nowMs = Math.max(this.nowMs, next.atMs);
    await next.action();
    return true;
  }

  #pop(): Event | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first;
    this.#heap[0] = last;
    for (let i = 0; ;) {
      const child = this.#smallerChild(i);
      if (child === undefined || !isBefore(this.#heap[child]!, this.#heap[i]!)) break;
      this.#swap(i, child);
      i = child;
    }
    return first;
  }

  #smallerChild(i: number): number | undefined {
    const left = 2 * i + 1;
    const right = left + 1;
    if (left >= this.#heap.length) return undefined;
    if (right >= this.#heap.length) return left;
    return isBefore(this.#heap[right]!, this.#heap[left]!) ? right : left;
  }

  #swap(i: number, j: number): void {
    [this.#heap[i], this.#heap[j]] = [this.#heap[j]!, this.#heap[i]!];
  }
}

const isBefore = (a: Event, b: Event): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
