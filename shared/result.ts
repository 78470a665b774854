/**
 * Expected failures are values with a `kind`; bugs are assertions.
 */
export type Result<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const fail = <E>(error: E): Result<never, E> => ({ ok: false, error });

/** A broken invariant: a bug of ours, never a reaction to what came from outside. */
export class BugError extends Error {
  override name = 'BugError';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BugError(message);
}

export function unreachable(message: string): never {
  throw new BugError(message);
}

/** The text of whatever was thrown, bounded, for messages that cross a process or a network. */
export function messageOf(thrown: unknown, maxChars = 2000): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;
}
