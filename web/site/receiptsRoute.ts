/**
 * Which credits a page shows, by its address: `#credits` one's own, `#credits/ID` anybody's. And whose tab this was last,
 * so that they can be shown before it computes again.
 */
export interface ReceiptsRoute {
  /** Null for one's own. */
  readonly contributor: string | null;
}

const FORM = /^#credits(?:\/(c_[0-9a-f]{1,64}))?$/;

/** Null where the address asks for no credits. */
export function receiptsRoute(hash: string): ReceiptsRoute | null {
  const match = FORM.exec(hash);
  return match === null ? null : { contributor: match[1] ?? null };
}

const KEY = 'idlewave:contributor';

export function readContributor(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function writeContributor(id: string): void {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // Nothing is kept: the next visit shows them once it computes.
  }
}
