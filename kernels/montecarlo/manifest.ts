/**
 * montecarlo@1: what it is, what it costs, and its dispatches. Not the generator: that is `reference.ts`
 * on the CPU and `montecarlo.wgsl` on the GPU, equal bit for bit.
 *
 * Invariant: integers only. WGSL fixes u32 arithmetic exactly, so every adapter gives the same tallies.
 */
import * as z from 'zod/mini';
import type { KernelManifest } from '../manifest.ts';
import { ITEMS_BINDING } from '../plan.ts';

/** One item takes the CPU referee about 2 s at most, and its tally fits 32 bits with room. */
export const MAX_SAMPLES_PER_ITEM = 2 ** 24;
/** One Philox block gives eight 16-bit halves: the coordinates of at least one sample. */
const HALVES_PER_BLOCK = 8;
export const MAX_DIMENSIONS = HALVES_PER_BLOCK;

const WORKGROUP_LANES = 64;
/** Below this a lane is too short to pay for itself. */
const MIN_BLOCKS_PER_LANE = 32;
/** The second pass sums an item's lanes in one thread. */
const MAX_LANES_PER_ITEM = 4096;

const word = z.int().check(z.minimum(0), z.maximum(0xffffffff));

export const montecarloParams = z.strictObject({
  dimensions: z.int().check(z.minimum(2), z.maximum(MAX_DIMENSIONS)),
  samplesPerItem: z.int().check(z.minimum(1), z.maximum(MAX_SAMPLES_PER_ITEM)),
  /** The key of the generator; the item index is part of its counter. */
  seed: word,
  /** A second key word: streams of one seed are independent. */
  stream: z._default(word, 0),
});

export type MontecarloParams = z.infer<typeof montecarloParams>;

/** Samples that one Philox block gives: its halves are shared out, the rest is dropped. */
export const samplesPerBlock = (dimensions: number): number =>
  Math.floor(HALVES_PER_BLOCK / dimensions);

const blocksOf = ({ samplesPerItem, dimensions }: MontecarloParams): number =>
  Math.ceil(samplesPerItem / samplesPerBlock(dimensions));

/** Ten rounds of two low and two high products, four exclusive ors and two key steps. */
const FLOPS_PER_BLOCK = 100;
/** Per coordinate: two to extract, two for x(x+1), one to sum; then a comparison and a tally. */
const flopsPerSample = (dimensions: number): number => 5 * dimensions + 2;

export const montecarloManifest: KernelManifest<MontecarloParams> = {
  name: 'montecarlo',
  version: 1,
  explanation:
    "Monte Carlo volume of the unit ball in 2 to 8 dimensions: how many of an item's random points of " +
    'the positive unit cube lie in the ball; 2^dimensions hits / samples estimates its volume (pi in two ' +
    'dimensions). Points are the centres of a 2^14 grid, drawn by the counter-based generator ' +
    'Philox4x32-10 with counter (block, item, 0, 0) and key (seed, stream), so every item is independent ' +
    'and any item can be recomputed alone. All arithmetic is in integers: results are bit-exact.',
  source: 'J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011',
  params: montecarloParams,
  inputs: () => ({}),
  outputs: () => ({ hits: { dtype: 'U32', dims: [] } }),
  flopsPerItem: (params) =>
    blocksOf(params) * FLOPS_PER_BLOCK + params.samplesPerItem * flopsPerSample(params.dimensions),
  /** An item index is read, a tally is written. */
  bytesPerItem: () => 8,
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  plan: (params, { rows }) => {
    const blocks = blocksOf(params);
    const blocksPerLane = Math.max(MIN_BLOCKS_PER_LANE, Math.ceil(blocks / MAX_LANES_PER_ITEM));
    const lanes = Math.ceil(blocks / blocksPerLane);
    const constants = {
      DIMENSIONS: params.dimensions,
      SAMPLES: params.samplesPerItem,
      SAMPLES_PER_BLOCK: samplesPerBlock(params.dimensions),
      BLOCKS: blocks,
      BLOCKS_PER_LANE: blocksPerLane,
      LANES: lanes,
      SEED: params.seed,
      STREAM: params.stream,
    };
    const flopsPerBlock =
      FLOPS_PER_BLOCK + samplesPerBlock(params.dimensions) * flopsPerSample(params.dimensions);
    return {
      bindings: [
        { name: ITEMS_BINDING, access: 'read' },
        { name: 'laneHits', access: 'read-write' },
        { name: 'hits', access: 'read-write' },
      ],
      scratchBytes: { laneHits: 4 * lanes * rows },
      passes: [
        {
          entryPoint: 'count',
          workgroups: [Math.ceil(lanes / WORKGROUP_LANES), 1, rows],
          constants,
          flopsPerWorkgroup: Math.min(lanes, WORKGROUP_LANES) * blocksPerLane * flopsPerBlock,
        },
        {
          entryPoint: 'total',
          workgroups: [Math.ceil(rows / WORKGROUP_LANES), 1, 1],
          constants,
          flopsPerWorkgroup: Math.min(rows, WORKGROUP_LANES) * lanes,
        },
      ],
    };
  },
};
