/**
 * A queue between one who makes and one who takes: whoever makes waits while it is full, whoever takes while it is
 * empty.
 */
export class BoundedQueue<T> {
  readonly #most: number;
  readonly #values: T[] = [];
  #end: { readonly failure?: unknown } | undefined;
  #wake: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when there is room for one more. */
  async room(): Promise<void> {
    while (this.#values.length >= this.#most && this.#end === undefined) await this.#change();
  }

  push(value: T): void {
    this.#values.push(value);
    this.#changed();
  }

  /** No more will come; with a failure, which the taker gets behind what came before it. */
  end(...failure: [] | [failure: unknown]): void {
    this.#end ??= failure.length === 0 ? {} : { failure: failure[0] };
    this.#changed();
  }

  /** What is in it and will never be taken. */
  drain(): T[] {
    return this.#values.splice(0);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const [value] = this.#values;
      if (this.#values.length > 0) {
        yield value as T;
        // Only now: what is being used counts as being in it.
        this.#values.shift();
        this.#changed();
      } else if (this.#end !== undefined) {
        if ('failure' in this.#end) throw this.#end.failure;
        return;
      } else await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
