/**
 * mandelbrot@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `shader.ts` on the GPU, equal bit for bit.
 *
 * Invariant: integers only. Fixed-point numbers are as long as the view is deep, so that every adapter draws the
 * same picture at any depth.
 */
import * as z from 'zod/mini';
import type { KernelManifest } from '../manifest.ts';
import { ITEMS_BINDING, type KernelPass } from '../plan.ts';
import { MAX_DIGITS, digitsFor, fixedView } from './arithmetic.ts';

export const MAX_PICTURE_PIXELS = 16_384;
export const MAX_TILE_PIXELS = 256;
export const MAX_ITERATIONS = 65_536;
/** Decimals of a centre: 2^-154, the last bit of the longest numbers, is 4e-47. */
const MAX_DECIMALS = 60;
/** One item takes the CPU referee about 3 s at most. */
export const MAX_FLOPS_PER_ITEM = 2 ** 29;
/**
 * The farthest part of a point's coordinate that a tile may show. Squares of the part below 8 + 2^2 keep within the
 * 32 bits of the escape test.
 */
const MAX_COORDINATE = 8;

const WORKGROUP_LANES = 64;
/** What one workgroup does in one pass: some milliseconds on a software adapter. */
const FLOPS_PER_WORKGROUP = 4e6;

/** Below 3 on either side of zero, in plain decimals. */
const coordinate = z.string().check(z.regex(new RegExp(`^-?[0-2](\\.\\d{1,${MAX_DECIMALS}})?$`)));
const pixels = (max: number) => z.int().check(z.minimum(1), z.maximum(max));

const fields = z.strictObject({
  /** The middle of the picture. Decimal strings: a JSON number ends after 17 digits. */
  centreReal: coordinate,
  centreImaginary: coordinate,
  /** From the left edge of the picture to the right one, in the plane of c. */
  viewWidth: z.number().check(z.minimum(1e-44), z.maximum(16)),
  widthPixels: pixels(MAX_PICTURE_PIXELS),
  heightPixels: pixels(MAX_PICTURE_PIXELS),
  /** The side of a tile, which is an item. Tiles lie in rows; those at the right and below may overhang. */
  tilePixels: pixels(MAX_TILE_PIXELS),
  maxIterations: z.int().check(z.minimum(1), z.maximum(MAX_ITERATIONS)),
});

export type MandelbrotParams = z.infer<typeof fields>;

const stepOf = ({ viewWidth, widthPixels }: MandelbrotParams): number => viewWidth / widthPixels;
const digitsOfParams = (params: MandelbrotParams): number => digitsFor(stepOf(params));

/** How far from zero the coordinates of a picture's tiles get. */
const reachOf = (params: MandelbrotParams): number => {
  const { centreReal, centreImaginary, widthPixels, heightPixels, tilePixels } = params;
  const centre = Math.max(Math.abs(Number(centreReal)), Math.abs(Number(centreImaginary)));
  return centre + stepOf(params) * (Math.max(widthPixels, heightPixels) / 2 + tilePixels);
};

/** Products that z^2 takes, those of columns below the guard digit left out; each is multiplied and added. */
export function flopsPerIteration(digits: number): number {
  const products = (digits * (digits + 1)) / 2 + digits - 1;
  return 4 * products + 10 * digits + 15;
}

const flopsOf = (params: MandelbrotParams): number =>
  params.tilePixels ** 2 * params.maxIterations * flopsPerIteration(digitsOfParams(params));

export const mandelbrotParams = fields
  .check(
    z.refine(
      (params) => digitsOfParams(params) <= MAX_DIGITS,
      'expected a viewWidth of at least about widthPixels x 3e-42: numbers are no longer than that',
    ),
  )
  .check(
    z.refine(
      (params) => reachOf(params) <= MAX_COORDINATE,
      `expected tiles whose coordinates lie between -${MAX_COORDINATE} and ${MAX_COORDINATE}`,
    ),
  )
  .check(
    z.refine(
      (params) => flopsOf(params) <= MAX_FLOPS_PER_ITEM,
      `expected at most ${MAX_FLOPS_PER_ITEM} operations in a tile whose pixels never escape: ask for smaller tiles`,
    ),
  );

/** Tiles of the picture along each axis. Items beyond the last tile begin with the first one again. */
export const tilesOf = ({ widthPixels, heightPixels, tilePixels }: MandelbrotParams) => ({
  across: Math.ceil(widthPixels / tilePixels),
  down: Math.ceil(heightPixels / tilePixels),
});

export const mandelbrotManifest: KernelManifest<MandelbrotParams> = {
  name: 'mandelbrot',
  version: 1,
  explanation:
    'Tiles of a picture of the Mandelbrot set, at any depth down to views 1e-38 wide: how often z^2 + c is taken ' +
    'from z = 0 before |z| exceeds 2, or maxIterations where it does not within them. Numbers are fixed-point, ' +
    'of 42 to 168 bits as the view asks, in signed digits of 14 bits whose products need no carries; every ' +
    'adapter draws the same picture to the bit. Item i is tile i, in rows from the upper left; its price is that ' +
    'of a tile in which nothing escapes.',
  source:
    'H.-O. Peitgen, P. Richter, "The Beauty of Fractals" (1986), pages 188-190; signed digits after ' +
    'A. Avizienis, "Signed-digit number representations for fast parallel arithmetic" (1961)',
  params: mandelbrotParams,
  inputs: () => ({}),
  outputs: ({ tilePixels }) => ({
    iterations: { dtype: 'U32', dims: [tilePixels, tilePixels] },
  }),
  flopsPerItem: flopsOf,
  bytesPerItem: ({ tilePixels }) => 4 + 4 * tilePixels ** 2,
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  plan: (params, { rows }) => {
    const { tilePixels, maxIterations } = params;
    const { digits, left, top, step } = fixedView(params);
    const { across, down } = tilesOf(params);
    const count = tilePixels ** 2;
    const lanes = Math.min(count, WORKGROUP_LANES);
    const flops = lanes * flopsPerIteration(digits);
    const perPass = Math.min(maxIterations, Math.max(1, Math.floor(FLOPS_PER_WORKGROUP / flops)));
    const named = (name: string, values: readonly number[]) =>
      values.map((value, i) => [`${name}_${i}`, value] as const);
    const pass = (
      entryPoint: string,
      flopsPerWorkgroup: number,
      constants: Readonly<Record<string, number>>,
    ): KernelPass => ({
      entryPoint,
      workgroups: [Math.ceil(count / WORKGROUP_LANES), 1, rows],
      constants: { PIXELS: count, ...constants },
      flopsPerWorkgroup,
    });
    const iterate = pass('iterate', perPass * flops, {
      TILE: tilePixels,
      TILES_ACROSS: across,
      TILES: across * down,
      ITERATIONS_PER_PASS: perPass,
      MAX_ITERATIONS: maxIterations,
      ...Object.fromEntries([...named('LEFT', left), ...named('TOP', top), ...named('STEP', step)]),
    });
    return {
      bindings: [
        { name: ITEMS_BINDING, access: 'read' },
        { name: 'orbits', access: 'read-write' },
        { name: 'iterations', access: 'read-write' },
      ],
      scratchBytes: { orbits: 4 * 2 * digits * count * rows },
      passes: [
        pass('begin', lanes * 2 * digits, {}),
        ...Array.from({ length: Math.ceil(maxIterations / perPass) }, () => iterate),
      ],
    };
  },
};
