/**
 * Values as they come, gathered into chunks: small at first and when they come slowly, larger when they come fast.
 *
 * A chunk ends when it is full, or a moment after its first value: whoever types lines gets answers, whoever pipes a
 * file gets throughput. Invariant: every value is in one chunk, in its order.
 */
export interface ChunkOptions<T> {
  /** Values of the first chunk; each one after it may have twice as many. */
  readonly first: number;
  readonly most: number;
  readonly mostBytes: number;
  readonly bytesOf: (value: T) => number;
  /** How long a chunk waits for the next value; ten times as long for all that come. */
  readonly lingerMs: number;
}

const MOST_LINGERS = 10;

export async function* chunksOf<T>(
  values: AsyncIterable<T>,
  { first, most, mostBytes, bytesOf, lingerMs }: ChunkOptions<T>,
): AsyncGenerator<T[]> {
  const source = values[Symbol.asyncIterator]();
  let size = first;
  let chunk: T[] = [];
  let bytes = 0;
  let due: Promise<'due'> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastMs = 0;
  /** One timer for many values: it looks when the last one came, and waits for the rest. */
  const wait = (firstMs: number, resolve: (due: 'due') => void): void => {
    const untilMs = Math.min(lastMs + lingerMs, firstMs + MOST_LINGERS * lingerMs);
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0) resolve('due');
    else timer = setTimeout(() => wait(firstMs, resolve), leftMs);
  };
  const cut = (): T[] => {
    clearTimeout(timer);
    due = undefined;
    const whole = chunk;
    chunk = [];
    bytes = 0;
    return whole;
  };
  try {
    let next = source.next();
    // Looked at by the race below; a failure is thrown there.
    next.catch(() => undefined);
    for (;;) {
      let came: 'due' | IteratorResult<T, unknown>;
      try {
        came = await (due === undefined ? next : Promise.race([next, due]));
      } catch (thrown) {
        // What came before it is as good as ever.
        if (chunk.length > 0) yield cut();
        throw thrown;
      }
      if (came === 'due') {
        yield cut();
        continue;
      }
      if (came.done === true) break;
      const more = bytesOf(came.value);
      if (chunk.length > 0 && bytes + more > mostBytes) yield cut();
      chunk.push(came.value);
      bytes += more;
      if (chunk.length >= size || bytes >= mostBytes) {
        size = Math.min(most, size * 2);
        yield cut();
      } else {
        lastMs = performance.now();
        due ??= new Promise((resolve) => wait(lastMs, resolve));
      }
      next = source.next();
      next.catch(() => undefined);
    }
    if (chunk.length > 0) yield cut();
  } finally {
    clearTimeout(timer);
    await source.return?.();
  }
}
