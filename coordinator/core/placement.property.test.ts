/** Small placements against all there are: nothing is better, memory is respected, and every stage has one place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeStages, slowestOf, type Place, type Seat, type StageLoad } from './placement.ts';

const anyLoad: fc.Arbitrary<StageLoad> = fc.record({
  refereeMs: fc.integer({ min: 1, max: 100 }),
  memoryBytes: fc.integer({ min: 1, max: 50 }),
});
const anySeats = (memory: fc.Arbitrary<number>, speed: fc.Arbitrary<number | null>) =>
  fc
    .array(fc.record({ memoryBytes: memory, speed }), { minLength: 1, maxLength: 4 })
    .map((seats) => seats.map((seat, host): Seat<number> => ({ host, ...seat })));
const anyStages = fc.array(anyLoad, { minLength: 1, maxLength: 5 });
const known = fc.integer({ min: 1, max: 20 });
const someMemory = fc.integer({ min: 1, max: 150 });

/** Every way to give the stages, in rows, to different hosts. */
function* allPlacements(
  stages: readonly StageLoad[],
  seats: readonly Seat<number>[],
  first = 0,
): Generator<Place<number>[]> {
  if (first === stages.length) yield [];
  for (let last = first; last < stages.length; last++) {
    const bytes = stages.slice(first, last + 1).reduce((sum, it) => sum + it.memoryBytes, 0);
    for (const seat of seats) {
      if (seat.memoryBytes < bytes) continue;
      const others = seats.filter((it) => it !== seat);
      for (const rest of allPlacements(stages, others, last + 1))
        yield [{ host: seat.host, first, last }, ...rest];
    }
  }
}

describe('placeStages', () => {
  it('gives every stage one place, within the memory of its host, and says how slow the slowest is', () => {
    fc.assert(
      fc.property(
        anyStages,
        anySeats(fc.integer({ min: 1, max: 120 }), fc.option(known)),
        (stages, seats) => {
          const placed = placeStages(stages, seats);
          if (placed === null) return;
          let next = 0;
          for (const { first, last } of placed.places) {
            expect(first).toBe(next);
            expect(last).toBeGreaterThanOrEqual(first);
            next = last + 1;
          }
          expect(next).toBe(stages.length);
          expect(new Set(placed.places.map(({ host }) => host)).size).toBe(placed.places.length);
          for (const { host, first, last } of placed.places) {
            const bytes = stages
              .slice(first, last + 1)
              .reduce((sum, it) => sum + it.memoryBytes, 0);
            expect(bytes).toBeLessThanOrEqual(seats[host]!.memoryBytes);
          }
          expect(slowestOf(stages, placed.places, seats)).toBeLessThanOrEqual(
            placed.slowest + 1e-9,
          );
        },
      ),
    );
  });

  it('is as fast as the best of all placements, with the fewest hosts', () => {
    fc.assert(
      fc.property(anyStages, anySeats(someMemory, known), (stages, seats) => {
        const placed = placeStages(stages, seats);
        if (placed === null) return;
        const all = [...allPlacements(stages, seats)].map((places) => ({
          hosts: places.length,
          slowest: slowestOf(stages, places, seats),
        }));
        const best = Math.min(...all.map(({ slowest }) => slowest));
        expect(placed.slowest).toBeCloseTo(best, 9);
        const fewest = Math.min(
          ...all.filter(({ slowest }) => slowest === placed.slowest).map(({ hosts }) => hosts),
        );
        expect(placed.places.length).toBe(fewest);
      }),
    );
  });

  it('finds a placement wherever there is one', () => {
    fc.assert(
      fc.property(anyStages, anySeats(fc.integer({ min: 1, max: 120 }), known), (stages, seats) => {
        const isThere = !allPlacements(stages, seats).next().done;
        expect(placeStages(stages, seats) !== null).toBe(isThere);
      }),
    );
  });

  it('counts a host whose speed is unknown as the median one, and all alike where nothing is known', () => {
    const stages = [4, 2, 1].map((refereeMs) => ({ refereeMs, memoryBytes: 1 }));
    const seat = (host: string, speed: number | null) => ({ host, memoryBytes: 10, speed });
    const seats = [seat('slow', 1), seat('new', null), seat('fast', 4), seat('medium', 2)];
    const mixed = placeStages(stages, seats)!;
    expect(slowestOf(stages, mixed.places, seats)).toBe(mixed.slowest);
    expect(slowestOf(stages, [{ host: 'new', first: 0, last: 0 }], seats)).toBe(2);
    const alike = placeStages(
      stages,
      ['a', 'b', 'c'].map((host) => seat(host, null)),
    )!;
    expect(alike.slowest).toBe(4);
    expect(alike.places.length).toBe(2);
  });
});
