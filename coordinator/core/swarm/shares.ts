/**
 * Which chunks of a blob each member of a swarm gets from the coordinator, so that it sends each of them once.
 *
 * Pure. Invariant: of the chunks that some member lacks and none that passes chunks on has, each is in exactly one
 * share of those; a member that passes nothing on gets what it lacks and no other will have.
 */
import { ChunkSet } from '../../../shared/chunks.ts';

/** What is known of a member; those that joined first come first. */
export interface SwarmMember {
  readonly have: ChunkSet;
  readonly share: ChunkSet;
  /** It passes chunks on. */
  readonly shares: boolean;
}

/** A share of fewer chunks is fetched sooner than a part of it could be given to another. */
export const LEAST_TO_SPLIT = 8;

/** New shares, in the order of the members. */
export function planShares(members: readonly SwarmMember[], count: number): ChunkSet[] {
  const shares = members.map(({ have, share }) => without(share, have));
  const givers = members.flatMap(({ shares: gives }, i) => (gives ? [i] : []));
  const held = new ChunkSet(count);
  for (const i of givers) for (const chunk of members[i]!.have) held.add(chunk);
  const planned = new ChunkSet(count);
  for (const i of givers) {
    for (const chunk of [...shares[i]!]) {
      if (planned.has(chunk) || held.has(chunk)) shares[i]!.delete(chunk);
      else planned.add(chunk);
    }
  }
  giveOut(members, givers, shares, held, planned);
  for (const i of givers) if (shares[i]!.size === 0) takeHalf(members, givers, shares, i);
  members.forEach(({ have, shares: gives }, i) => {
    if (gives) return;
    const own = [...have.missing()].filter((chunk) => !held.has(chunk) && !planned.has(chunk));
    shares[i] = new ChunkSet(count, own);
  });
  return shares;
}

/** What nobody has and nobody is to fetch goes, as one run, to whoever has least to do and can use all of it. */
function giveOut(
  members: readonly SwarmMember[],
  givers: readonly number[],
  shares: readonly ChunkSet[],
  held: ChunkSet,
  planned: ChunkSet,
): void {
  const idlest = [...givers].sort((a, b) => shares[a]!.size - shares[b]!.size);
  for (const chunk of held.missing()) {
    if (planned.has(chunk)) continue;
    const taker = idlest.find((i) => !members[i]!.have.has(chunk));
    if (taker !== undefined) shares[taker]!.add(chunk);
    if (taker !== undefined) planned.add(chunk);
  }
}

/** One with nothing to fetch takes the later half of the largest share: its holder is at the earlier one. */
function takeHalf(
  members: readonly SwarmMember[],
  givers: readonly number[],
  shares: readonly ChunkSet[],
  taker: number,
): void {
  const { have } = members[taker]!;
  if (have.isFull) return;
  const [richest] = [...givers].sort((a, b) => shares[b]!.size - shares[a]!.size);
  if (richest === undefined || shares[richest]!.size < LEAST_TO_SPLIT) return;
  const from = shares[richest]!;
  const later = [...from].slice(Math.ceil(from.size / 2));
  for (const chunk of later) {
    if (have.has(chunk)) continue;
    from.delete(chunk);
    shares[taker]!.add(chunk);
  }
}

function without(set: ChunkSet, other: ChunkSet): ChunkSet {
  return new ChunkSet(
    set.count,
    [...set].filter((chunk) => !other.has(chunk)),
  );
}
