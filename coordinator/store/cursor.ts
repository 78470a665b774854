/**
 * Cursors of the newest-first listings: the place of the last row of a page, as text.
 *
 * Rows are ordered by (time, id), both descending; ids are compared by code unit, as the databases do with
 * the "C" collation. A cursor names a place, not a row: it stays valid when its row is gone.
 */
import { BadCursorError, type Page } from './store.ts';

export interface Place {
  readonly atMs: number;
  readonly id: string;
}

const CURSOR_FORM = /^(\d{1,15})~([\x21-\x7e]{1,200})$/;

export const cursorOf = ({ atMs, id }: Place): string => `${atMs}~${id}`;

/** Throws `BadCursorError` for text that `cursorOf` cannot have made. */
export function parseCursor(cursor: string | null): Place | null {
  if (cursor === null) return null;
  const match = CURSOR_FORM.exec(cursor);
  if (match === null) {
    throw new BadCursorError(
      `expected a cursor that an earlier page gave as "next", got ${JSON.stringify(cursor.slice(0, 80))}: ` +
        'start without a cursor',
    );
  }
  return { atMs: Number(match[1]), id: match[2]! };
}

/** Negative where `a` comes before `b` in a newest-first listing. */
export function newestFirst(a: Place, b: Place): number {
  if (a.atMs !== b.atMs) return b.atMs - a.atMs;
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
}

/** A page of up to `limit` rows from `limit + 1` rows found: the one too many says that there is more. */
export function pageOf<T>(found: readonly T[], limit: number, placeOf: (row: T) => Place): Page<T> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last ? cursorOf(placeOf(last)) : null };
}

/** A page of rows that are all in memory. */
export function listed<T>(
  rows: readonly T[],
  cursor: string | null,
  limit: number,
  placeOf: (row: T) => Place,
): Page<T> {
  const after = parseCursor(cursor);
  const found = rows
    .filter((row) => after === null || newestFirst(after, placeOf(row)) < 0)
    .sort((a, b) => newestFirst(placeOf(a), placeOf(b)))
    .slice(0, limit + 1);
  return pageOf(found, limit, placeOf);
}
