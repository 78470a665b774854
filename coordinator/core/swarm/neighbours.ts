/**
 * Whom a member of a swarm is introduced to. Pure: chance is an argument.
 *
 * Invariant: nobody gets more than MAX_SWARM_NEIGHBOURS, none that it lost before, and none where neither of the two
 * could give the other a chunk.
 */
import { MAX_SWARM_NEIGHBOURS } from '../../../shared/limits.ts';

export interface Acquaintance {
  readonly neighbours: number;
  /** It passes chunks on. */
  readonly shares: boolean;
  readonly isComplete: boolean;
  /** It works on the same job as the one who looks for neighbours. */
  readonly isOfSameJob: boolean;
  /** They were neighbours, and one gave the other up. */
  readonly wasLost: boolean;
}

/**
 * So many are sought. Each member is found by about as many later ones: with four, chunks spread over 8 members in two
 * steps, over 1,000 in six, and nobody has more than 8 connections.
 */
export const SOUGHT_NEIGHBOURS = 4;
/** With fewer left, new ones are sought. */
export const LEAST_NEIGHBOURS = 3;

/** Places in `others` of new neighbours for `member`; `random` is uniform in [0, 1). */
export function chooseNeighbours(
  member: Pick<Acquaintance, 'neighbours' | 'shares' | 'isComplete'>,
  others: readonly Acquaintance[],
  random: () => number,
): number[] {
  const wanted = SOUGHT_NEIGHBOURS - member.neighbours;
  if (wanted <= 0) return [];
  return others
    .map((other, at) => ({ other, at, tie: random() }))
    .filter(({ other }) => isOfUse(member, other))
    .sort(
      (a, b) =>
        Number(b.other.isOfSameJob) - Number(a.other.isOfSameJob) ||
        a.other.neighbours - b.other.neighbours ||
        a.tie - b.tie,
    )
    .slice(0, wanted)
    .map(({ at }) => at);
}

function isOfUse(
  member: Pick<Acquaintance, 'shares' | 'isComplete'>,
  other: Acquaintance,
): boolean {
  if (other.wasLost || other.neighbours >= MAX_SWARM_NEIGHBOURS) return false;
  return (member.shares && !other.isComplete) || (other.shares && !member.isComplete);
}
