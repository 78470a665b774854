/** The table of cuts against every way of cutting there is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Block, BlockGraph, BlockValue } from './blocks.ts';
import { leastCeiling, OrderedBlocks, type Ceilings } from './cuts.ts';

const BLOCKS = 7;

const anyGraph: fc.Arbitrary<BlockGraph> = fc
  .record({
    blocks: fc.array(
      fc.record({
        cost: fc.nat(20),
        storedBytes: fc.nat(20),
        constants: fc.uniqueArray(fc.nat(2), { maxLength: 2 }),
      }),
      { minLength: BLOCKS, maxLength: BLOCKS },
    ),
    values: fc.array(
      fc.record({
        producer: fc.integer({ min: -1, max: BLOCKS - 1 }),
        reach: fc.array(fc.nat(BLOCKS), { maxLength: 3 }),
        isModelOutput: fc.boolean(),
        bytes: fc.nat(30),
        canCross: fc.integer({ min: 0, max: 9 }).map((draw) => draw > 0),
      }),
      { maxLength: 10 },
    ),
    constants: fc.array(
      fc.record({ storedBytes: fc.nat(20), memoryBytes: fc.nat(20), cost: fc.nat(9) }),
      { minLength: 3, maxLength: 3 },
    ),
  })
  .map(({ blocks, values, constants }) => {
    const made = values.map(({ producer, reach, ...rest }): BlockValue => {
      const consumers = reach.map((back) => producer + 1 + back).filter((at) => at < BLOCKS);
      return {
        ...rest,
        producer: producer < 0 ? null : producer,
        consumers: [...new Set(consumers)],
      };
    });
    const full = blocks.map((block, at): Block => {
      const own = made.filter(({ producer }) => producer === at);
      const madeBytes = own.reduce((sum, { bytes }) => sum + bytes, 0);
      // The order is given, so who waits for whom plays no part here.
      return { ...block, nodes: [at], madeBytes, before: new Set(), after: new Set() };
    });
    return { blocks: full, values: made, constants };
  });

/** Straight from the definitions: what crosses a place, and what a stage takes. */
function measured(graph: BlockGraph, at: readonly number[]) {
  const edges = [0, ...at, BLOCKS];
  const alive = (place: number) =>
    graph.values.filter(({ producer, consumers, isModelOutput }) => {
      const exists = producer === null || producer < place;
      return exists && (isModelOutput || consumers.some((consumer) => consumer >= place));
    });
  const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
  const stages = edges.slice(1).map((end, stage) => {
    const places = Array.from({ length: end - edges[stage]! }, (_, i) => edges[stage]! + i);
    const blocks = places.map((place) => graph.blocks[place]!);
    const constants = [...new Set(blocks.flatMap((block) => block.constants))].map(
      (c) => graph.constants[c]!,
    );
    const inside = sum(blocks.map(({ storedBytes }) => storedBytes));
    const working = places.map(
      (place) => sum(alive(place).map(({ bytes }) => bytes)) + graph.blocks[place]!.madeBytes,
    );
    return {
      cost: sum(blocks.map(({ cost }) => cost)) + sum(constants.map(({ cost }) => cost)),
      stored: inside + sum(constants.map(({ storedBytes }) => storedBytes)),
      memory: inside + sum(constants.map(({ memoryBytes }) => memoryBytes)) + Math.max(...working),
    };
  });
  return {
    stages,
    allowed: at.every((place) => alive(place).every(({ canCross }) => canCross)),
    boundaryBytes: sum(at.map((place) => sum(alive(place).map(({ bytes }) => bytes)))),
  };
}

function everyCut(stages: number, from = 1): number[][] {
  if (stages === 1) return [[]];
  return Array.from({ length: BLOCKS - from }, (_, i) => from + i).flatMap((place) =>
    everyCut(stages - 1, place + 1).map((rest) => [place, ...rest]),
  );
}

test('the fewest boundary bytes under every ceiling, or none where there are none', () => {
  const ceilings: fc.Arbitrary<Ceilings> = fc.record({
    cost: fc.oneof(fc.constant(Infinity), fc.nat(120)),
    storedBytes: fc.oneof(fc.constant(Infinity), fc.nat(120)),
    memoryBytes: fc.oneof(fc.constant(Infinity), fc.nat(300)),
  });
  let found = 0;
  let none = 0;
  fc.assert(
    fc.property(anyGraph, ceilings, fc.integer({ min: 1, max: 4 }), (graph, limits, stages) => {
      const ordered = new OrderedBlocks(
        graph,
        graph.blocks.map((_, at) => at),
      );
      const possible = everyCut(stages)
        .map((at) => measured(graph, at))
        .filter(
          (cut) =>
            cut.allowed &&
            cut.stages.every(
              ({ cost, stored, memory }) =>
                cost <= limits.cost && stored <= limits.storedBytes && memory <= limits.memoryBytes,
            ),
        );
      const cuts = ordered.cheapest(stages, limits);
      if (possible.length === 0) {
        none += 1;
        expect(cuts).toBeNull();
        return;
      }
      found += 1;
      const least = Math.min(...possible.map(({ boundaryBytes }) => boundaryBytes));
      expect(cuts?.boundaryBytes).toBe(least);
      const taken = measured(graph, cuts!.at);
      expect(taken).toMatchObject({ allowed: true, boundaryBytes: least });
      expect(cuts!.bottleneck).toBe(Math.max(...taken.stages.map(({ cost }) => cost)));
      expect(cuts!.bottleneck).toBeLessThanOrEqual(limits.cost);
      for (const stage of taken.stages)
        expect(stage.memory).toBeLessThanOrEqual(limits.memoryBytes);
    }),
    { numRuns: 600 },
  );
  // Both answers were really asked for.
  expect(found).toBeGreaterThan(50);
  expect(none).toBeGreaterThan(50);
});

test('leastCeiling finds the edge, and says where there is none', () => {
  expect(leastCeiling(100, (x) => x >= 37.5)).toBeCloseTo(37.5, 9);
  expect(leastCeiling(100, () => true)).toBe(0);
  expect(leastCeiling(100, (x) => x > 100)).toBeNull();
});
