/**
 * scan@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on the CPU and
 * `scan.wgsl` on the GPU, equal bit for bit.
 *
 * Invariant: integers only, which wrap as WGSL says; both dtypes are the same additions of words.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';

/** Words of one item. */
export const MAX_SCAN_LENGTH = MAX_ITEM_BYTES / 4;
export const SCAN_DTYPES = ['U32', 'I32'] as const;

const WORKGROUP_LANES = 64;
/** Below this a chunk is too short to pay for its sum. */
const MIN_VALUES_PER_CHUNK = 64;
/** One thread goes through the sums of a row's chunks. */
const MAX_CHUNKS_PER_ITEM = 1024;

export const scanParams = z.strictObject({
  length: z.int().check(z.minimum(1), z.maximum(MAX_SCAN_LENGTH)),
  dtype: z._default(z.enum(SCAN_DTYPES), 'U32'),
  /** A value counts in its own sum; otherwise each sum is of what comes before, and the first is 0. */
  inclusive: z._default(z.boolean(), true),
});

export type ScanParams = z.infer<typeof scanParams>;

export const scanManifest: KernelManifest<ScanParams> = {
  name: 'scan',
  version: 1,
  explanation:
    'Prefix sums of integers: each result is the sum of the values up to its own, or of those before it. For ' +
    'places in packed outputs, running totals and cumulative histograms. Sums wrap at 32 bits, so results are ' +
    'equal bit for bit on every device. A lane adds up a chunk of the item, one thread sums the chunks, and each ' +
    'lane goes through its chunk again from where the others end.',
  source: 'G. Blelloch, "Prefix sums and their applications", CMU-CS-90-190 (1990)',
  params: scanParams,
  inputs: ({ length, dtype }) => ({ x: { dtype, dims: [length] } }),
  outputs: ({ length, dtype }) => ({ sums: { dtype, dims: [length] } }),
  /** Each value is added twice. */
  flopsPerItem: ({ length }) => 2 * length,
  bytesPerItem: ({ length }) => 8 * length,
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  plan: ({ length, inclusive }, { rows, strides }) => {
    const most = Math.min(Math.ceil(length / MIN_VALUES_PER_CHUNK), MAX_CHUNKS_PER_ITEM);
    const perChunk = Math.ceil(length / most);
    const chunks = Math.ceil(length / perChunk);
    const shape = { LENGTH: length, STRIDE: strides['x']!, CHUNKS: chunks, PER_CHUNK: perChunk };
    const overChunks = {
      workgroups: [Math.ceil(chunks / WORKGROUP_LANES), 1, rows],
      flopsPerWorkgroup: Math.min(chunks, WORKGROUP_LANES) * perChunk,
    } as const;
    return {
      bindings: [
        { name: 'x', access: 'read' },
        { name: 'chunkSums', access: 'read-write' },
        { name: 'sums', access: 'read-write' },
      ],
      scratchBytes: { chunkSums: 4 * chunks * rows },
      passes: [
        { entryPoint: 'addUp', constants: shape, ...overChunks },
        {
          entryPoint: 'offsets',
          workgroups: [Math.ceil(rows / WORKGROUP_LANES), 1, 1],
          constants: { LENGTH: length, CHUNKS: chunks },
          flopsPerWorkgroup: Math.min(rows, WORKGROUP_LANES) * chunks,
        },
        {
          entryPoint: 'scan',
          constants: { ...shape, IS_INCLUSIVE: Number(inclusive) },
          ...overChunks,
        },
      ],
    };
  },
};
