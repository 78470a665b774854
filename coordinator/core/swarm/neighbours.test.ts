/** Who meets whom: those who can give each other something, the lonely first, and never too many. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SWARM_NEIGHBOURS } from '../../../shared/limits.ts';
import { SOUGHT_NEIGHBOURS, chooseNeighbours, type Acquaintance } from './neighbours.ts';

const NEW = { neighbours: 0, shares: true, isComplete: false };
const other = (changes: Partial<Acquaintance> = {}): Acquaintance => ({
  ...NEW,
  isOfSameJob: true,
  wasLost: false,
  ...changes,
});
const any = fc.record({
  neighbours: fc.nat(MAX_SWARM_NEIGHBOURS),
  shares: fc.boolean(),
  isComplete: fc.boolean(),
  isOfSameJob: fc.boolean(),
  wasLost: fc.boolean(),
});

describe('neighbours', () => {
  it('are few, of use, not too busy, and were not lost before', () => {
    fc.assert(
      fc.property(any, fc.array(any, { maxLength: 30 }), (member, others) => {
        const chosen = chooseNeighbours(member, others, () => 0.5);
        const most = Math.max(0, SOUGHT_NEIGHBOURS - member.neighbours);
        expect(chosen.length).toBeLessThanOrEqual(most);
        expect(new Set(chosen).size).toBe(chosen.length);
        for (const at of chosen) {
          const { neighbours, shares, isComplete, wasLost } = others[at]!;
          expect([neighbours < MAX_SWARM_NEIGHBOURS, wasLost]).toEqual([true, false]);
          expect((shares && !member.isComplete) || (member.shares && !isComplete)).toBe(true);
        }
      }),
    );
  });

  it('of the same job come first, then those who have the fewest', () => {
    const others = [
      other({ isOfSameJob: false }),
      other({ neighbours: 3 }),
      other({ neighbours: 1 }),
      other({ neighbours: 2 }),
      other({ neighbours: 0 }),
      other({ neighbours: 4 }),
    ];
    expect(chooseNeighbours(NEW, others, () => 0)).toEqual([4, 2, 3, 1]);
  });

  it('are chosen by chance where nothing tells them apart', () => {
    const others = Array.from({ length: 10 }, () => other());
    let i = 0;
    const falling = () => 1 - ++i / 100;
    expect(chooseNeighbours(NEW, others, falling)).toEqual([9, 8, 7, 6]);
  });
});
