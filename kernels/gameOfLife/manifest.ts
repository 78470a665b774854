/**
 * gameOfLife@1: what it is, what it costs, and its dispatches. Not the rule: that is `reference.ts` on the CPU and
 * `gameOfLife.wgsl` on the GPU, equal bit for bit.
 *
 * Invariant of the plan: a step reads one grid and writes the other, and the last one writes the output.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import type { KernelPass } from '../plan.ts';

/** Cells of one u32: bit b of word w is the cell in column 32 w + b. */
export const CELLS_PER_WORD = 32;
export const MAX_SIDE = 16_384;
/** Each is a dispatch; a longer life continues as the next job. */
export const MAX_GENERATIONS = 4096;
/** Words times generations of one item: the CPU referee takes some 3 s for them. */
export const MAX_WORD_STEPS = 2 ** 25;
/** One bit for each number of neighbours, 0 to 8. */
const MAX_RULE = 0x1ff;
/** Conway's: born with three neighbours, alive with two or three. */
const BORN_WITH_3 = 1 << 3;
const STAYS_WITH_2_OR_3 = (1 << 2) | (1 << 3);

const WORKGROUP_LANES = 64;
/** A thread walks down so many rows of one column of words: sums of a row serve three of them. */
const ROWS_PER_THREAD = 8;
/** Shifts, sums of nine cells in bit planes, and the rule by nine counts; for 32 cells at once. */
const FLOPS_PER_WORD = 90;
const MIN_WORDS_PER_LANE = 32;
/** The last pass sums an item's lanes in one thread. */
const MAX_LANES_PER_ITEM = 4096;

const rule = z.int().check(z.minimum(0), z.maximum(MAX_RULE));

export const gameOfLifeParams = z
  .strictObject({
    /** Cells from left to right, in whole words. */
    width: z
      .int()
      .check(z.minimum(CELLS_PER_WORD), z.maximum(MAX_SIDE), z.multipleOf(CELLS_PER_WORD)),
    height: z.int().check(z.minimum(1), z.maximum(MAX_SIDE)),
    generations: z.int().check(z.minimum(1), z.maximum(MAX_GENERATIONS)),
    /** Bit n: a dead cell with n living neighbours is born. */
    birthMask: z._default(rule, BORN_WITH_3),
    /** Bit n: a living cell with n living neighbours stays alive. */
    survivalMask: z._default(rule, STAYS_WITH_2_OR_3),
  })
  .check(
    z.refine(
      (params) => 4 * wordsOf(params) <= MAX_ITEM_BYTES,
      `expected at most ${MAX_ITEM_BYTES * 8} cells`,
    ),
  )
  .check(
    z.refine(
      (params) => wordsOf(params) * params.generations <= MAX_WORD_STEPS,
      `expected width / 32 x height x generations of at most ${MAX_WORD_STEPS}; live on as the next job`,
    ),
  );

export type GameOfLifeParams = z.infer<typeof gameOfLifeParams>;

function wordsOf({ width, height }: { readonly width: number; readonly height: number }): number {
  return (width / CELLS_PER_WORD) * height;
}

export const gameOfLifeManifest: KernelManifest<GameOfLifeParams> = {
  name: 'gameOfLife',
  version: 1,
  explanation:
    "Conway's Game of Life, or any other life-like automaton on the eight neighbours of a cell, on a torus: the " +
    'cells after so many generations, and how many of them live. Cells are bits, 32 to a word, and a thread ' +
    'computes the neighbours of 32 cells at once by additions in bit planes. All arithmetic is in integers: ' +
    'results are bit-exact.',
  source:
    'M. Gardner, "Mathematical Games: the fantastic combinations of John Conway\'s new solitaire game life", ' +
    'Scientific American 223 (1970); bit planes after R. W. Gosper et al. in HAKMEM, AI Memo 239 (1972)',
  params: gameOfLifeParams,
  inputs: ({ width, height }) => ({
    /** Row by row from the top; the lowest bit of a word is its leftmost cell. */
    cells: { dtype: 'U32', dims: [height, width / CELLS_PER_WORD] },
  }),
  outputs: ({ width, height }) => ({
    finalCells: { dtype: 'U32', dims: [height, width / CELLS_PER_WORD] },
    /** Living cells among them. */
    population: { dtype: 'U32', dims: [] },
  }),
  flopsPerItem: (params) => wordsOf(params) * (params.generations * FLOPS_PER_WORD + 2),
  bytesPerItem: (params) => 4 + 8 * wordsOf(params) * params.generations,
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  plan: (params, { rows, strides }) => {
    const { width, height, generations } = params;
    const words = wordsOf(params);
    const across = width / CELLS_PER_WORD;
    const walks = across * Math.ceil(height / ROWS_PER_THREAD);
    const perLane = Math.max(MIN_WORDS_PER_LANE, Math.ceil(words / MAX_LANES_PER_ITEM));
    const lanes = Math.ceil(words / perLane);
    const step = (isFirst: boolean, toOutput: boolean): KernelPass => ({
      entryPoint: 'advance',
      workgroups: [Math.ceil(walks / WORKGROUP_LANES), 1, rows],
      constants: {
        ACROSS: across,
        HEIGHT: height,
        ROWS_PER_THREAD,
        CELLS_STRIDE: strides['cells']!,
        FROM_INPUT: Number(isFirst),
        TO_OUTPUT: Number(toOutput),
        BIRTH: params.birthMask,
        SURVIVAL: params.survivalMask,
      },
      flopsPerWorkgroup:
        Math.min(walks, WORKGROUP_LANES) * Math.min(height, ROWS_PER_THREAD) * FLOPS_PER_WORD,
    });
    const later = { even: step(false, true), odd: step(false, false) };
    // Counted from the end: the last generation goes to the output.
    const steps = Array.from({ length: generations }, (_, i) => {
      const toOutput = (generations - i) % 2 === 1;
      if (i === 0) return step(true, toOutput);
      return toOutput ? later.even : later.odd;
    });
    const tally = { ACROSS: across, HEIGHT: height, LANES: lanes, WORDS_PER_LANE: perLane };
    return {
      bindings: [
        { name: 'cells', access: 'read' },
        { name: 'grid', access: 'read-write' },
        { name: 'laneTallies', access: 'read-write' },
        { name: 'finalCells', access: 'read-write' },
        { name: 'population', access: 'read-write' },
      ],
      scratchBytes: { grid: 4 * words * rows, laneTallies: 4 * lanes * rows },
      passes: [
        ...steps,
        {
          entryPoint: 'tally',
          workgroups: [Math.ceil(lanes / WORKGROUP_LANES), 1, rows],
          constants: tally,
          flopsPerWorkgroup: Math.min(lanes, WORKGROUP_LANES) * perLane * 2,
        },
        {
          entryPoint: 'total',
          workgroups: [Math.ceil(rows / WORKGROUP_LANES), 1, 1],
          constants: tally,
          flopsPerWorkgroup: Math.min(rows, WORKGROUP_LANES) * lanes,
        },
      ],
    };
  },
};
