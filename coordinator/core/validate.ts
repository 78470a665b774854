/**
 * The order-free validator: the largest set of reports in which every pair agrees.
 *
 * Agreement under a tolerance is not transitive, so the first match is not good enough: the answer must
 * not depend on who reported first. With at most a few reports a shard, all subsets are tried.
 */
import { assert } from '../../shared/result.ts';

/** `agrees(i, j)` is symmetric; `i` agrees with itself. */
export type Agreement = (i: number, j: number) => boolean;

export interface LargestSet {
  /** Positions of the members, rising. Of several largest sets, the first in lexical order. */
  readonly members: readonly number[];
  /** Another set of the same size exists. */
  readonly tied: boolean;
}

/** Subsets are enumerated: 2^12 of them is instant, and no shard ever has that many reports. */
const MAX_REPORTS = 12;

export function largestAgreeingSet(reports: number, agrees: Agreement): LargestSet {
  assert(reports > 0 && reports <= MAX_REPORTS, `largestAgreeingSet: ${reports} reports`);
  let best: number[] = [];
  let tied = false;
  for (let subset = 1; subset < 1 << reports; subset++) {
    const members = membersOf(subset, reports);
    if (members.length < best.length || !everyPair(members, agrees)) continue;
    tied = members.length === best.length;
    if (!tied || isBefore(members, best)) best = members;
  }
  return { members: best, tied };
}

function membersOf(subset: number, reports: number): number[] {
  const members: number[] = [];
  for (let i = 0; i < reports; i++) if (subset & (1 << i)) members.push(i);
  return members;
}

const everyPair = (members: readonly number[], agrees: Agreement): boolean =>
  members.every((i, at) => members.slice(at + 1).every((j) => agrees(i, j)));

const isBefore = (a: readonly number[], b: readonly number[]): boolean => {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && a[at]! < b[at]!;
};
