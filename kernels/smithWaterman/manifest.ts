/**
 * smithWaterman@1: what it is, what it costs, and its dispatches. Not the recurrence: that is `reference.ts` on the
 * CPU and `shader.ts` on the GPU, equal bit for bit.
 *
 * Invariant of the plan: in turn t a thread computes the block of its row of blocks in column t - row, from edges that
 * earlier turns wrote. All turns are the same pass, or each would be a pipeline: threads count their turns themselves.
 */
import * as z from 'zod/mini';
import type { KernelManifest } from '../manifest.ts';
import type { KernelPass } from '../plan.ts';
import { BLOCK_COLUMNS } from './shader.ts';

/** Lengths come in so many symbols: a block is so wide. What is left over is filled with a symbol that scores badly. */
export const LENGTH_STEP = BLOCK_COLUMNS;
export const MAX_LENGTH = 16_384;
/** The CPU referee takes some 2 s for them. */
export const MAX_CELLS = 2 ** 26;
/** 20 amino acids and the usual ambiguity codes are 24. */
export const MAX_SYMBOLS = 32;
/** Far above the scores of any table in use, and 16,384 of them fit 32 bits. */
export const MAX_GAP_SCORE = 32_767;

const WORKGROUP_LANES = 64;
/** A thread's turn is some 7,000 operations: long enough to pay for its 64 loads and stores of edges. */
const BLOCK_ROWS = 32;
/** Two gaps of two differences and a maximum each, the pair's score and sum, three maxima, and one for the best. */
const FLOPS_PER_CELL = 12;

const length = z
  .int()
  .check(z.minimum(LENGTH_STEP), z.maximum(MAX_LENGTH), z.multipleOf(LENGTH_STEP));
const gap = z.int().check(z.minimum(0), z.maximum(MAX_GAP_SCORE));

export const smithWatermanParams = z
  .strictObject({
    queryLength: length,
    subjectLength: length,
    /** Codes are 0 to symbols - 1; greater ones count as the last, which may be the one to fill up with. */
    symbols: z.int().check(z.minimum(2), z.maximum(MAX_SYMBOLS)),
    /** What the first symbol of a gap costs, and each further one. */
    gapOpen: gap,
    gapExtend: gap,
  })
  .check(
    z.refine(
      ({ queryLength, subjectLength }) => queryLength * subjectLength <= MAX_CELLS,
      `expected queryLength x subjectLength of at most ${MAX_CELLS}; cut the subject into overlapping items`,
    ),
  );

export type SmithWatermanParams = z.infer<typeof smithWatermanParams>;

export const smithWatermanManifest: KernelManifest<SmithWatermanParams> = {
  name: 'smithWaterman',
  version: 1,
  explanation:
    'The best local alignment of two sequences, with any substitution table and affine gaps: its score, and where in ' +
    'both sequences it ends (of equal scores, the one that ends first in the query, then in the subject). For ' +
    'searching a database, with the query and the table as constants and a subject per item; shorter sequences are ' +
    'filled up with a symbol that scores badly against all. Blocks of the table of scores are computed along its ' +
    'anti-diagonals, one per thread, their columns in registers. All arithmetic is in integers: results are ' +
    'bit-exact.',
  source:
    'T. Smith, M. Waterman, "Identification of common molecular subsequences", J. Mol. Biol. 147 (1981); ' +
    'O. Gotoh, "An improved algorithm for matching biological sequences", J. Mol. Biol. 162 (1982)',
  params: smithWatermanParams,
  inputs: ({ queryLength, subjectLength, symbols }) => ({
    query: { dtype: 'U8', dims: [queryLength] },
    subject: { dtype: 'U8', dims: [subjectLength] },
    /** Row: the query's symbol, column: the subject's. */
    substitution: { dtype: 'I32', dims: [symbols, symbols] },
  }),
  outputs: () => ({
    score: { dtype: 'I32', dims: [] },
    /** Symbols of query and subject up to the end of the alignment; zeros where the score is 0. */
    end: { dtype: 'U32', dims: [2] },
  }),
  flopsPerItem: ({ queryLength, subjectLength }) => queryLength * subjectLength * FLOPS_PER_CELL,
  bytesPerItem: ({ queryLength, subjectLength, symbols }) =>
    queryLength + subjectLength + 4 * symbols ** 2 + 12,
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  plan: (params, { rows, strides }) => {
    const { queryLength, subjectLength, symbols, gapOpen, gapExtend } = params;
    const down = Math.ceil(queryLength / BLOCK_ROWS);
    const across = subjectLength / BLOCK_COLUMNS;
    // What the block to the right and the one below go on from, and corners by the diagonal of blocks.
    const edges = queryLength + subjectLength + down + across;
    const shape = { QUERY: queryLength, SUBJECT: subjectLength, DOWN: down, ACROSS: across };
    const pass = (
      entryPoint: string,
      threads: number,
      flopsPerThread: number,
      constants: Readonly<Record<string, number>>,
    ): KernelPass => ({
      entryPoint,
      workgroups: [Math.ceil(threads / WORKGROUP_LANES), 1, 1],
      constants: { ...shape, ...constants },
      flopsPerWorkgroup: Math.min(threads, WORKGROUP_LANES) * flopsPerThread,
    });
    const blockCells = Math.min(queryLength, BLOCK_ROWS) * BLOCK_COLUMNS;
    const turn = pass('align', rows * down, blockCells * FLOPS_PER_CELL, {
      BLOCK_ROWS,
      SYMBOLS: symbols,
      GAP_OPEN: gapOpen,
      GAP_EXTEND: gapExtend,
      // Strides count bytes; the module reads codes out of words by their byte.
      QUERY_STRIDE: strides['query']!,
      SUBJECT_STRIDE: strides['subject']!,
      SUBSTITUTION_STRIDE: strides['substitution']!,
    });
    return {
      bindings: [
        { name: 'query', access: 'read' },
        { name: 'subject', access: 'read' },
        { name: 'substitution', access: 'read' },
        { name: 'edges', access: 'read-write' },
        { name: 'rowsOfBlocks', access: 'read-write' },
        { name: 'score', access: 'read-write' },
        { name: 'end', access: 'read-write' },
      ],
      scratchBytes: { edges: 8 * edges * rows, rowsOfBlocks: 16 * down * rows },
      passes: [
        pass('begin', rows * edges, 2, {}),
        ...Array.from({ length: down + across - 1 }, () => turn),
        pass('conclude', rows, 4 * down, {}),
      ],
    };
  },
};
