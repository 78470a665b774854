/** Shares: each chunk that is missing is fetched from the coordinator by exactly one, whoever comes, goes and has what. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkSet } from '../../../shared/chunks.ts';
import { LEAST_TO_SPLIT, planShares, type SwarmMember } from './shares.ts';

const sets = (count: number) =>
  fc
    .subarray(Array.from({ length: count }, (_, i) => i))
    .map((chunks) => new ChunkSet(count, chunks));
const membersOf = (count: number) =>
  fc.array(fc.record({ have: sets(count), share: sets(count), shares: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  });
const swarm = fc
  .integer({ min: 1, max: 80 })
  .chain((count) => fc.tuple(fc.constant(count), membersOf(count)));

const newcomer = (count: number, shares = true): SwarmMember => ({
  have: new ChunkSet(count),
  share: new ChunkSet(count),
  shares,
});

describe('whatever members have and had to fetch', () => {
  it('what they lack and none that passes on has is in one share of those, and nothing else is', () => {
    fc.assert(
      fc.property(swarm, ([count, members]) => {
        const shares = planShares(members, count);
        const givers = members.flatMap(({ shares: gives }, i) => (gives ? [i] : []));
        for (let chunk = 0; chunk < count; chunk++) {
          const holders = givers.filter((i) => members[i]!.have.has(chunk));
          const lacking = givers.filter((i) => !members[i]!.have.has(chunk));
          const planned = givers.filter((i) => shares[i]!.has(chunk));
          const expected = holders.length === 0 && lacking.length > 0 ? 1 : 0;
          expect(planned).toHaveLength(expected);
        }
      }),
    );
  });

  it('nobody fetches what it has; who passes nothing on fetches what no other will give it', () => {
    fc.assert(
      fc.property(swarm, ([count, members]) => {
        const shares = planShares(members, count);
        const ofGivers = new Set(
          members.flatMap(({ shares: gives, have }, i) => (gives ? [...have, ...shares[i]!] : [])),
        );
        members.forEach(({ have, shares: gives }, i) => {
          expect([...shares[i]!].filter((chunk) => have.has(chunk))).toEqual([]);
          if (gives) return;
          const wanted = [...have.missing()].filter((chunk) => !ofGivers.has(chunk));
          expect([...shares[i]!]).toEqual(wanted);
        });
      }),
    );
  });

  it('what was planned is planned the same again', () => {
    fc.assert(
      fc.property(swarm, ([count, members]) => {
        const shares = planShares(members, count);
        // Where nobody is idle; an idle one takes its part of the largest share each time.
        const planned = members.map((member, i) => ({ ...member, share: shares[i]! }));
        const isIdle = planned.some(
          ({ have, share, shares: gives }) => gives && share.size === 0 && !have.isFull,
        );
        if (isIdle) return;
        expect(planShares(planned, count).map((set) => set.toHex())).toEqual(
          shares.map((set) => set.toHex()),
        );
      }),
    );
  });
});

describe('one after the other', () => {
  it('the first fetches all; each that follows takes half of the largest share that is left', () => {
    const members: SwarmMember[] = [];
    const sizes: number[][] = [];
    for (let i = 0; i < 4; i++) {
      members.push(newcomer(64));
      planShares(members, 64).forEach((share, at) => {
        members[at] = { ...members[at]!, share };
      });
      sizes.push(members.map(({ share }) => share.size));
    }
    expect(sizes).toEqual([[64], [32, 32], [16, 32, 16], [16, 16, 16, 16]]);
    // Its holder is at the first chunks of its share: the later ones are given away.
    expect([...members[0]!.share]).toEqual(Array.from({ length: 16 }, (_, i) => i));
  });

  it('a small rest stays with whoever fetches it', () => {
    const rest = new ChunkSet(
      64,
      Array.from({ length: LEAST_TO_SPLIT - 1 }, (_, i) => i),
    );
    const first = { ...newcomer(64), have: new ChunkSet(64, rest.missing()), share: rest };
    expect(planShares([first, newcomer(64)], 64).map(({ size }) => size)).toEqual([rest.size, 0]);
  });

  it('one that passes nothing on is not counted on', () => {
    const miser = { ...newcomer(8, false), have: ChunkSet.all(8) };
    expect(planShares([miser, newcomer(8)], 8).map(({ size }) => size)).toEqual([0, 8]);
  });
});
