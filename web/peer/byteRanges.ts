/**
 * Which bytes of a message have come: disjoint ranges, merged where they touch.
 *
 * Invariant: `starts` and `ends` are sorted and of one length, and no range touches the next.
 */
export class ByteRanges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #bytes = 0;

  /** Bytes in all ranges. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False, and nothing changed, where some of `[start, end)` has come before. */
  add(start: number, end: number): boolean {
    const at = this.#firstEndingFrom(start);
    const next = this.#ends[at] === start ? at + 1 : at;
    if ((this.#starts[next] ?? Infinity) < end) return false;
    this.#bytes += end - start;
    const joinsNext = this.#starts[next] === end;
    const from = next === at ? start : this.#starts[at]!;
    const to = joinsNext ? this.#ends[next]! : end;
    const replaced = next - at + (joinsNext ? 1 : 0);
    this.#starts.splice(at, replaced, from);
    this.#ends.splice(at, replaced, to);
    return true;
  }

  /** The end of the last range; 0 where there is none. */
  get end(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** The first range whose end is `start` or later. */
  #firstEndingFrom(start: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
