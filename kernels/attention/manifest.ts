/**
 * attention@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `shader.ts` on the GPU.
 *
 * Invariant of the plan: `attend` writes one chunk of keys of one query, `merge` one query; neither reads what another
 * workgroup of its pass writes.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import type { DispatchPlan, KernelPass } from '../plan.ts';
import { attentionVariants } from './variants.ts';

export const MAX_ATTENTION_HEADS = 256;
export const MAX_ATTENTION_LENGTH = 16_384;
/** A thread keeps the sums of one query's values in registers. */
export const MAX_ATTENTION_DIMENSION = 128;
/** f32 values of one tensor of an item: 8 MiB, so that it fits one assignment. */
export const MAX_ATTENTION_ELEMENTS = MAX_ITEM_BYTES / 4;
/** Heads times queries times keys times dimension: the CPU referee takes some 2 s for them. */
export const MAX_ATTENTION_PRODUCTS = 2 ** 29;

/** A score's exponential (as 4), comparison, scaling and sum, beside its products. */
const FLOPS_PER_SCORE = 8;
const MERGE_THREADS = 64;

const length = z.int().check(z.minimum(1), z.maximum(MAX_ATTENTION_LENGTH));

export const attentionParams = z
  .strictObject({
    heads: z.int().check(z.minimum(1), z.maximum(MAX_ATTENTION_HEADS)),
    queries: length,
    keys: length,
    /** Values of one query, key and value: four are one load. */
    dimension: z.int().check(z.minimum(4), z.maximum(MAX_ATTENTION_DIMENSION), z.multipleOf(4)),
    /** A query sees no key after its own; the last query's own is the last key. */
    causal: z._default(z.boolean(), false),
    /** Of q k; one over the root of the dimension where absent. */
    scale: z.optional(z.number().check(z.minimum(1e-6), z.maximum(1e3))),
  })
  .check(
    z.refine(
      ({ causal, queries, keys }) => !causal || queries <= keys,
      'expected at least as many keys as queries where causal: the first query would see none',
    ),
    z.refine(
      ({ heads, queries, keys, dimension }) =>
        heads * Math.max(queries, keys) * dimension <= MAX_ATTENTION_ELEMENTS,
      `expected at most ${MAX_ATTENTION_ELEMENTS} values in each of q, k and v`,
    ),
    z.refine(
      ({ heads, queries, keys, dimension }) =>
        heads * queries * keys * dimension <= MAX_ATTENTION_PRODUCTS,
      `expected heads x queries x keys x dimension of at most ${MAX_ATTENTION_PRODUCTS}`,
    ),
  );

export type AttentionParams = z.infer<typeof attentionParams>;

/** As both sides use it: rounded once to f32. */
export const scaleOf = ({ scale, dimension }: AttentionParams): number =>
  Math.fround(scale ?? 1 / Math.sqrt(dimension));

/** Pairs of a query and a key that it sees, of one head. */
const pairsOf = ({ queries, keys, causal }: AttentionParams): number =>
  causal ? queries * (keys - queries) + (queries * (queries + 1)) / 2 : queries * keys;

export const attentionManifest: KernelManifest<AttentionParams> = {
  name: 'attention',
  version: 1,
  explanation:
    'Scaled dot-product attention: for every query of every head, the mean of the values weighted by softmax of ' +
    'its products with the keys, causal if asked for. For transformer layers and soft look-ups; one item is one ' +
    'sequence. Scores are never stored: the largest so far, their sum and the weighted values are kept while the ' +
    'keys go by.',
  source:
    'T. Dao, D. Fu, S. Ermon, A. Rudra, C. Re, "FlashAttention: fast and memory-efficient exact attention with ' +
    'IO-awareness", NeurIPS 2022, arXiv:2205.14135',
  params: attentionParams,
  inputs: ({ heads, queries, keys, dimension }) => ({
    q: { dtype: 'F32', dims: [heads, queries, dimension] },
    k: { dtype: 'F32', dims: [heads, keys, dimension] },
    v: { dtype: 'F32', dims: [heads, keys, dimension] },
  }),
  outputs: ({ heads, queries, dimension }) => ({
    y: { dtype: 'F32', dims: [heads, queries, dimension] },
  }),
  flopsPerItem: (params) =>
    params.heads * pairsOf(params) * (4 * params.dimension + FLOPS_PER_SCORE),
  bytesPerItem: ({ heads, queries, keys, dimension }) => 8 * heads * (queries + keys) * dimension,
  verification: 'sampled',
  /**
   * Measured over the cases, 1e-7 to 9e-7 against f64. Inputs rounded to f16 move it by 2e-4
   * and more. Scores of thousands, of which one is a hair above the rest, are beyond this rule (and beyond f32).
   */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 2e-5,
    maxElementError: 2e-4,
    nonFinite: 'refuse',
  },
  variants: attentionVariants,
  plan: (params, { rows, strides }, { family, options }): DispatchPlan => {
    const { heads, queries, keys, dimension } = params;
    const { threads = 64, together = 1, chunks = 1 } = options;
    const blocks = Math.ceil(queries / together);
    const constants = {
      SCALE: scaleOf(params),
      Q_STRIDE: strides['q']! / 4,
      K_STRIDE: strides['k']! / 4,
      V_STRIDE: strides['v']! / 4,
    };
    const perQuery = Math.ceil(keys / chunks) * (4 * dimension + FLOPS_PER_SCORE);
    const attend: KernelPass = {
      entryPoint: 'attend',
      workgroups:
        family === 'tiled'
          ? [Math.ceil(queries / threads), heads * chunks, rows]
          : [Math.ceil((heads * blocks) / threads), chunks, rows],
      constants,
      flopsPerWorkgroup:
        perQuery *
        (family === 'tiled'
          ? Math.min(queries, threads)
          : Math.min(heads * blocks, threads) * together),
    };
    const bindings = [
      { name: 'q', access: 'read' },
      { name: 'k', access: 'read' },
      { name: 'v', access: 'read' },
      { name: 'y', access: 'read-write' },
    ] as const;
    if (chunks === 1) return { bindings, scratchBytes: {}, passes: [attend] };
    const all = rows * heads * queries;
    const merge: KernelPass = {
      entryPoint: 'merge',
      workgroups: [Math.ceil((all * dimension) / 4 / MERGE_THREADS), 1, 1],
      constants: {},
      flopsPerWorkgroup: MERGE_THREADS * chunks * 2 * FLOPS_PER_SCORE,
    };
    return {
      bindings: [
        ...bindings,
        { name: 'sums', access: 'read-write' },
        { name: 'measures', access: 'read-write' },
      ],
      scratchBytes: { sums: 4 * chunks * all * dimension, measures: 8 * chunks * all },
      passes: [attend, merge],
    };
  },
};
