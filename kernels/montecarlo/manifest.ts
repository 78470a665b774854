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

/** What is tallied; their numbers are those of the module. */
export const INTEGRANDS = ['ball', 'simplex', 'bump', 'walk'] as const;
/** A module that branched between them would do the work of all on software. */
const ENTRY_POINTS = {
  ball: 'count',
  simplex: 'countOthers',
  bump: 'countOthers',
  walk: 'countWalks',
} as const;
/** Of a walk. */
export const MAX_STEPS = 1024;
export const DEFAULT_STEPS = 8;
/** Steps of all walks of one item: half a second of the CPU referee. */
export const MAX_STEPS_PER_ITEM = 2 ** 25;

const WORKGROUP_LANES = 64;
/** Below this a lane is too short to pay for itself. */
const MIN_BLOCKS_PER_LANE = 32;
/** The second pass sums an item's lanes in one thread. */
const MAX_LANES_PER_ITEM = 4096;

const word = z.int().check(z.minimum(0), z.maximum(0xffffffff));

export const montecarloParams = z
  .strictObject({
    dimensions: z.int().check(z.minimum(2), z.maximum(MAX_DIMENSIONS)),
    samplesPerItem: z.int().check(z.minimum(1), z.maximum(MAX_SAMPLES_PER_ITEM)),
    /** The key of the generator; the item index is part of its counter. */
    seed: word,
    /** A second key word: streams of one seed are independent. */
    stream: z._default(word, 0),
    integrand: z._default(z.enum(INTEGRANDS), 'ball'),
    /** Of a walk, and of nothing else; DEFAULT_STEPS where absent. */
    steps: z.optional(z.int().check(z.minimum(1), z.maximum(MAX_STEPS))),
  })
  .check(
    z.refine(
      ({ integrand, steps }) => integrand === 'walk' || steps === undefined,
      'expected steps for the integrand "walk" only',
    ),
    z.refine(
      ({ integrand, dimensions }) => integrand !== 'bump' || dimensions < MAX_DIMENSIONS,
      `expected fewer than ${MAX_DIMENSIONS} dimensions of a bump: its height is one more`,
    ),
    z.refine(
      ({ samplesPerItem, steps = 0 }) => samplesPerItem * steps <= MAX_STEPS_PER_ITEM,
      `expected samplesPerItem x steps of at most ${MAX_STEPS_PER_ITEM}`,
    ),
  );

export type MontecarloParams = z.infer<typeof montecarloParams>;

type Shape = Pick<MontecarloParams, 'dimensions' | 'integrand' | 'steps'>;

/** Random numbers of 16 bits that a sample takes from one block, where it is no walk. */
export const halvesPerSample = ({ dimensions, integrand }: Shape): number =>
  integrand === 'bump' ? dimensions + 1 : dimensions;

/** Samples that one Philox block gives: its halves are shared out, the rest is dropped. A walk has blocks of its own. */
export const samplesPerBlock = (shape: Shape): number =>
  shape.integrand === 'walk' ? 1 : Math.floor(HALVES_PER_BLOCK / halvesPerSample(shape));

/** Turns of the module's loop: a block of samples, or a walk. */
const turnsOf = (params: MontecarloParams): number =>
  Math.ceil(params.samplesPerItem / samplesPerBlock(params));

/** Ten rounds of two low and two high products, four exclusive ors and two key steps. */
const FLOPS_PER_BLOCK = 100;
/** Per coordinate: two to extract, two for x(x+1), one to sum; then a comparison and a tally. */
const flopsPerSample = (dimensions: number): number => 5 * dimensions + 2;
const FLOPS_PER_STEP = 20;

const flopsPerTurn = (params: MontecarloParams): number => {
  const { dimensions, integrand, steps = DEFAULT_STEPS } = params;
  if (integrand === 'walk') {
    return Math.ceil(steps / HALVES_PER_BLOCK) * FLOPS_PER_BLOCK + steps * FLOPS_PER_STEP;
  }
  return FLOPS_PER_BLOCK + samplesPerBlock(params) * flopsPerSample(dimensions);
};

export const montecarloManifest: KernelManifest<MontecarloParams> = {
  name: 'montecarlo',
  version: 1,
  explanation:
    "Monte Carlo volumes and chances in 2 to 8 dimensions, as a tally of an item's random samples: p = hits / samples " +
    'with a standard error of sqrt(p (1 - p) / samples). Of points of the unit cube, `ball` tallies those in the unit ball ' +
    '(2^dimensions p is its volume, 4 p is pi in two dimensions) and `simplex` those whose coordinates sum to less than 1 ' +
    '(1 / dimensions!); `bump` those below the product of 4 x (1 - x), with one random number more as their height ' +
    '((2/3)^dimensions, to 2^-14); `walk` tallies walks on the square lattice that come back to where they began within ' +
    '`steps` steps (in three dimensions 0.3405 for endless ones: Polya). Points are the centres of a 2^14 grid, drawn by the ' +
    'counter-based generator Philox4x32-10 with counter (block, item, 0, 0), of walks (sample, item, block, 0), and key ' +
    '(seed, stream), so every item is independent and any item can be recomputed alone. All arithmetic is in integers: ' +
    'results are bit-exact.',
  source:
    'J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; G. Polya, "Ueber eine Aufgabe der ' +
    'Wahrscheinlichkeitsrechnung betreffend die Irrfahrt im Strassennetz", Mathematische Annalen 84 (1921)',
  params: montecarloParams,
  inputs: () => ({}),
  outputs: () => ({ hits: { dtype: 'U32', dims: [] } }),
  flopsPerItem: (params) =>
    params.integrand === 'walk'
      ? params.samplesPerItem * flopsPerTurn(params)
      : turnsOf(params) * FLOPS_PER_BLOCK +
        params.samplesPerItem * flopsPerSample(params.dimensions),
  /** An item index is read, a tally is written. */
  bytesPerItem: () => 8,
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  plan: (params, { rows }) => {
    const blocks = turnsOf(params);
    const flopsPerBlock = flopsPerTurn(params);
    // A long walk is as much as many blocks.
    const least = params.integrand === 'walk' ? 4 : MIN_BLOCKS_PER_LANE;
    const blocksPerLane = Math.max(least, Math.ceil(blocks / MAX_LANES_PER_ITEM));
    const lanes = Math.ceil(blocks / blocksPerLane);
    const constants = {
      DIMENSIONS: params.dimensions,
      SAMPLES: params.samplesPerItem,
      SAMPLES_PER_BLOCK: samplesPerBlock(params),
      BLOCKS: blocks,
      BLOCKS_PER_LANE: blocksPerLane,
      LANES: lanes,
      SEED: params.seed,
      STREAM: params.stream,
      INTEGRAND: INTEGRANDS.indexOf(params.integrand),
      STEPS: params.steps ?? DEFAULT_STEPS,
    };
    return {
      bindings: [
        { name: ITEMS_BINDING, access: 'read' },
        { name: 'laneHits', access: 'read-write' },
        { name: 'hits', access: 'read-write' },
      ],
      scratchBytes: { laneHits: 4 * lanes * rows },
      passes: [
        {
          entryPoint: ENTRY_POINTS[params.integrand],
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
