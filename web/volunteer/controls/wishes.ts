/**
 * Choosing work: one job or author is taken, left out, or neither, and the rest of the wishes stays as it is. Pure.
 */
import { MAX_WISHED_IDS } from '../../../shared/limits.ts';
import type { Selection, Wishes } from '../../../shared/protocol/wishes.ts';

export type Choosable = 'jobs' | 'authors';
export type Chosen = 'not' | 'only' | 'neither';

export const chosenOf = ({ not, only }: Selection, id: string): Chosen =>
  not.includes(id) ? 'not' : only.includes(id) ? 'only' : 'neither';

/** Null where the list is full: nothing that was chosen before is forgotten for it. */
export function withChosen(
  wishes: Wishes,
  what: Choosable,
  id: string,
  chosen: Chosen,
): Wishes | null {
  const without = (ids: readonly string[]): string[] => ids.filter((it) => it !== id);
  const next = { not: without(wishes[what].not), only: without(wishes[what].only) };
  if (chosen !== 'neither') next[chosen].push(id);
  const isFull = Math.max(next.not.length, next.only.length) > MAX_WISHED_IDS;
  return isFull ? null : { ...wishes, [what]: next };
}
