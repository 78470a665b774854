/**
 * The newest value of an async iterable that is produced faster than it is looked at.
 *
 * Values in between are dropped; the end and a failure are not.
 */
export interface Latest<T> {
  /** The newest value that is not `seen`; waits for one. Null once the source has ended without another. */
  after(seen: T | undefined): Promise<T | null>;
}

export function latestOf<T>(source: AsyncIterable<T>): Latest<T> {
  let newest: T | undefined;
  let end: { failure?: unknown } | undefined;
  let wake = (): void => undefined;
  const pump = async (): Promise<void> => {
    try {
      for await (const value of source) {
        newest = value;
        wake();
      }
      end = {};
    } catch (thrown) {
      end = { failure: thrown };
    }
    wake();
  };
  void pump();
  return {
    async after(seen) {
      for (;;) {
        if (newest !== undefined && newest !== seen) return newest;
        if (end !== undefined) {
          if ('failure' in end) throw end.failure;
          return null;
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
