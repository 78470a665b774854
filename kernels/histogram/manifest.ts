/**
 * histogram@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on the CPU and
 * `histogram.wgsl` on the GPU, equal bit for bit.
 *
 * Invariant: integers only, and no atomics: each lane counts in its own part of the scratch, so a value that all share
 * is no slower than any other.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import type { DispatchPlan } from '../plan.ts';

/** U32 values of one item. */
export const MAX_HISTOGRAM_LENGTH = MAX_ITEM_BYTES / 4;
/** With those outside, 16 KiB of counters for each lane: 4 MiB for an item. */
export const MAX_BINS = 4096;

const WORKGROUP_LANES = 64;
const MAX_LANES_PER_ITEM = 256;
const MIN_VALUES_PER_LANE = 64;
/** A lane's counters are set to zero and added up: its values should be some part of as many. */
const COUNTERS_PER_VALUE = 4;
/** Difference, quotient, comparisons, a counter read and written. */
const FLOPS_PER_VALUE = 8;

const word = z.int().check(z.minimum(0), z.maximum(0xffffffff));

export const histogramParams = z.strictObject({
  length: z.int().check(z.minimum(1), z.maximum(MAX_HISTOGRAM_LENGTH)),
  bins: z.int().check(z.minimum(1), z.maximum(MAX_BINS)),
  /** The least value of the first bin. */
  low: z._default(word, 0),
  /** Values from one bin to the next. */
  binWidth: z._default(z.int().check(z.minimum(1), z.maximum(0xffffffff)), 1),
});

export type HistogramParams = z.infer<typeof histogramParams>;

export const histogramManifest: KernelManifest<HistogramParams> = {
  name: 'histogram',
  version: 1,
  explanation:
    'How many of an item’s unsigned integers lie in each of up to 4096 bins of equal width: bin i counts values v ' +
    'with floor((v - low) / binWidth) = i; `outside` counts those below the first bin and those above the last. ' +
    'Floats are counted by what they are rounded to beforehand, so that no value lies on an edge by chance. Each ' +
    'lane counts a share of the item by itself, then one thread adds up each bin. Counts are equal bit for bit on ' +
    'every device.',
  source: 'V. Podlozhnyuk, "Histogram calculation in CUDA", NVIDIA (2007): private sub-histograms',
  params: histogramParams,
  inputs: ({ length }) => ({ x: { dtype: 'U32', dims: [length] } }),
  outputs: ({ bins }) => ({
    counts: { dtype: 'U32', dims: [bins] },
    /** Values below the first bin, values above the last. */
    outside: { dtype: 'U32', dims: [2] },
  }),
  flopsPerItem: ({ length }) => FLOPS_PER_VALUE * length,
  bytesPerItem: ({ length, bins }) => 4 * (length + bins + 2),
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  plan: ({ length, bins, low, binWidth }, { rows, strides }): DispatchPlan => {
    const slots = bins + 2;
    const worthwhile = Math.max(MIN_VALUES_PER_LANE, slots / COUNTERS_PER_VALUE);
    const lanes = Math.min(Math.ceil(length / worthwhile), MAX_LANES_PER_ITEM);
    const flopsPerLane = Math.ceil(length / lanes) * FLOPS_PER_VALUE + slots;
    return {
      bindings: [
        { name: 'x', access: 'read' },
        { name: 'laneCounts', access: 'read-write' },
        { name: 'counts', access: 'read-write' },
        { name: 'outside', access: 'read-write' },
      ],
      scratchBytes: { laneCounts: 4 * slots * lanes * rows },
      passes: [
        {
          entryPoint: 'count',
          workgroups: [Math.ceil(lanes / WORKGROUP_LANES), 1, rows],
          constants: {
            LENGTH: length,
            STRIDE: strides['x']!,
            LANES: lanes,
            BINS: bins,
            LOW: low,
            BIN_WIDTH: binWidth,
          },
          flopsPerWorkgroup: Math.min(lanes, WORKGROUP_LANES) * flopsPerLane,
        },
        {
          entryPoint: 'total',
          workgroups: [Math.ceil(slots / WORKGROUP_LANES), 1, rows],
          constants: { LANES: lanes, BINS: bins },
          flopsPerWorkgroup: Math.min(slots, WORKGROUP_LANES) * lanes,
        },
      ],
    };
  },
};
