/**
 * fft@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on the CPU, `passes.ts`
 * and `shader.ts` on the GPU.
 */
import * as z from 'zod/mini';
import { MAX_ITEM_BYTES } from '../../shared/limits.ts';
import type { KernelManifest } from '../manifest.ts';
import type { KernelPass } from '../plan.ts';
import type { KernelVariant } from '../variants.ts';
import {
  buffersOf,
  entryPointOf,
  passesOf,
  tablePoints,
  workPoints,
  type FftPass,
} from './passes.ts';

const BYTES_PER_POINT = 8;
/** Points of one item: 8 MiB, so that it fits one assignment. */
export const MAX_FFT_POINTS = MAX_ITEM_BYTES / BYTES_PER_POINT;

const WORKGROUP_LANES = 64;

const extent = z.int().check(z.minimum(1), z.maximum(MAX_FFT_POINTS));

export const fftParams = z
  .strictObject({
    /** Points of a line. */
    width: extent,
    /** Lines, in two dimensions; where absent, the transform has one. */
    height: z.optional(extent),
    /** By exp(-i ...), unscaled; or by exp(+i ...), divided by the number of points: one undoes the other. */
    direction: z._default(z.enum(['forward', 'inverse']), 'forward'),
  })
  .check(
    z.refine(
      ({ width, height = 1 }) => width * height <= MAX_FFT_POINTS,
      `expected width x height of at most ${MAX_FFT_POINTS} points`,
    ),
  );

export type FftParams = z.infer<typeof fftParams>;

const variant = (radix: number): KernelVariant => ({
  name: `registers-${radix}`,
  family: 'registers',
  options: { radix },
});
/** What prices are made from: they must not depend on who computes. */
const PRICED_RADIX = 16;

const dims = ({ width, height }: FftParams): readonly number[] =>
  height === undefined ? [width, 2] : [height, width, 2];
const pointsOf = ({ width, height = 1 }: FftParams): number => width * height;

/** A radix-r butterfly has some 2.7 r log2(r) additions and products, r products with powers of a root, and a quarter as many roots. */
const flopsPerPoint = (radix: number): number => 5 * Math.log2(Math.max(radix, 2)) + 14;
const FLOPS_PER_CHIRP = 60;

const flopsOf = (pass: FftPass): number =>
  pass.kind === 'chirp'
    ? pass.length * FLOPS_PER_CHIRP
    : pass.length * pass.lines * flopsPerPoint(pass.radix);

export const fftManifest: KernelManifest<FftParams> = {
  name: 'fft',
  version: 1,
  explanation:
    'The discrete Fourier transform of complex f32 values (real, imaginary), of any length from 1 to 2^20, in one or two ' +
    'dimensions, one transform per item. Forward: X[k] = sum over j of x[j] exp(-2 pi i j k / n), unscaled. Inverse: the ' +
    'same with exp(+2 pi i j k / n), divided by the number of points, so that it undoes the forward one; in two dimensions ' +
    'both axes in turn. For filters, correlations, spectra and images. Lengths with prime factors up to 7 take passes of ' +
    'radices up to 16 in registers, ordered by themselves (Stockham); all others are a convolution with a chirp ' +
    '(Bluestein), about six times the work. Roots of unity come from exact integer phases and polynomials, not from the ' +
    'sine of the device, which WGSL allows to be off by 2^-11. Values below 1e-30 may count as zero.',
  source:
    'C. Van Loan, "Computational frameworks for the fast Fourier transform", SIAM 1992, section 1.7 (Stockham); L. Bluestein, ' +
    '"A linear filtering approach to the computation of discrete Fourier transform", IEEE Trans. AU-18 (1970)',
  params: fftParams,
  inputs: (params) => ({ signal: { dtype: 'F32', dims: dims(params) } }),
  outputs: (params) => ({ spectrum: { dtype: 'F32', dims: dims(params) } }),
  flopsPerItem: (params) =>
    Math.ceil(passesOf(params, PRICED_RADIX).reduce((sum, pass) => sum + flopsOf(pass), 0)),
  bytesPerItem: (params) => 2 * BYTES_PER_POINT * pointsOf(params),
  verification: 'sampled',
  /**
   * Measured on SwiftShader beside f64, over noise of 2^10 to 2^20 points in one and two dimensions: passes differ by 1.3e-7
   * to 2.2e-7, chirps by 2.7e-7 to 3.6e-7, single values by 2e-6 of the RMS at most; signals rounded to f16 by 2e-4. The
   * bounds lie a decade above the first.
   */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 4e-6,
    maxElementError: 2e-5,
    nonFinite: 'refuse',
  },
  /** Half the registers, for GPUs that have few, where that makes other passes. */
  variants: (params) => {
    const radices = (largest: number) => passesOf(params, largest).map(entryPointOf).join();
    return radices(16) === radices(8) ? [variant(16)] : [variant(16), variant(8)];
  },
  plan: (params, { rows, strides }, { options }) => {
    const passes = passesOf(params, options['radix'] ?? PRICED_RADIX);
    const work = workPoints(passes);
    const tables = tablePoints(passes);
    const points = pointsOf(params);
    const rowOf = (name: string): number => {
      if (name === 'signal') return strides['signal']! / 2;
      if (name === 'spectrum') return points;
      return name === 'response' ? 0 : work;
    };
    const names = buffersOf(passes);
    const scratch = {
      work: work * rows,
      other: work * rows,
      chirp: tables.chirpAt,
      response: tables.responseAt,
    };
    return {
      bindings: names.map((name) => ({
        name,
        access: name === 'signal' ? 'read' : 'read-write',
      })),
      scratchBytes: Object.fromEntries(
        Object.entries(scratch)
          .filter(([name]) => names.some((used) => used === name))
          .map(([name, count]) => [name, BYTES_PER_POINT * count]),
      ),
      passes: passes.map((pass) => dispatchOf(pass, rows, rowOf)),
    };
  },
};

function dispatchOf(pass: FftPass, rows: number, rowOf: (buffer: string) => number): KernelPass {
  const radix = pass.kind === 'chirp' ? 1 : pass.radix;
  const lines = pass.kind === 'chirp' ? 1 : pass.lines;
  const threads = (lines * pass.length) / radix;
  const workgroups = Math.ceil(threads / WORKGROUP_LANES);
  const shape = {
    entryPoint: entryPointOf(pass),
    workgroups: [workgroups, 1, pass.kind === 'chirp' || pass.isShared ? 1 : rows],
    flopsPerWorkgroup: flopsOf(pass) / workgroups,
  } as const;
  if (pass.kind === 'chirp') {
    const { kept, tables } = pass;
    const constants = { THREADS: threads, KEPT: kept, CHIRP_AT: tables.chirpAt };
    return { ...shape, constants: { ...constants, ...rootConstants(2 * kept) } };
  }
  const { length, kept, done, layout, source, target, load, store } = pass;
  const lineOf = (points: number): number => (layout === 'rows' ? points : 1);
  return {
    ...shape,
    constants: {
      THREADS: threads,
      LINES: lines,
      BUTTERFLIES: length / radix,
      DONE: done,
      KEPT: kept,
      STEP: layout === 'rows' ? 1 : lines,
      LINE_FROM: lineOf(load === 'chirp' ? kept : length),
      LINE_TO: lineOf(store === 'unchirp' ? kept : length),
      ROW_FROM: rowOf(source),
      ROW_TO: rowOf(target),
      CHIRP_AT: pass.tables.chirpAt,
      RESPONSE_AT: pass.tables.responseAt,
      SCALE: Math.fround(pass.scale),
      ...rootConstants(done * radix),
    },
  };
}

/** Of the roots of unity of this order; quotients in f64, rounded once. */
const rootConstants = (order: number) => ({
  ORDER: order,
  PER_ORDER: Math.fround(1 / order),
  QUARTER_STEP: Math.fround(Math.PI / 2 / order),
});
