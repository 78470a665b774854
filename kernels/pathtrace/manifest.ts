/**
 * pathtrace@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on the CPU and
 * `pathtrace.wgsl` on the GPU, equal bit for bit.
 *
 * Invariant: integers only; the one square root of floats is a guess that integers correct.
 */
import * as z from 'zod/mini';
import type { KernelManifest } from '../manifest.ts';
import { ITEMS_BINDING } from '../plan.ts';

export const MAX_PICTURE_SIDE = 4096;
export const MAX_TILE_SIDE = 128;
export const MAX_OBJECTS = 32;
export const MAX_BOUNCES = 16;
/** A pixel's sum of light of at most 16 per sample, in units of 2^-12, then stays below 2^28. */
export const MAX_SAMPLES_PER_ITEM = 4096;
/** Rays and objects of one item, at the most bounces: the CPU referee takes some 2 s for them. */
export const MAX_MEETINGS = 2 ** 24;
/** f32 values of one object of a scene. */
export const OBJECT_VALUES = 16;
/** Half the side of the world, in units of length. */
export const WORLD_REACH = 8;

const WORKGROUP_LANES = 64;
/** Integer operations of one ray and one object, and of what follows a hit. */
const FLOPS_PER_MEETING = 50;
const FLOPS_PER_BOUNCE = 250;
/** Some milliseconds of a software adapter. */
const FLOPS_PER_WORKGROUP = 4e6;

const place = z.number().check(z.minimum(-WORLD_REACH), z.maximum(WORLD_REACH));
const point = z.tuple([place, place, place]);
const light = z.number().check(z.minimum(0), z.maximum(16));

export const pathtraceParams = z
  .strictObject({
    width: z.int().check(z.minimum(1), z.maximum(MAX_PICTURE_SIDE)),
    height: z.int().check(z.minimum(1), z.maximum(MAX_PICTURE_SIDE)),
    /** Side of an item's square of pixels. */
    tile: z.int().check(z.minimum(1), z.maximum(MAX_TILE_SIDE)),
    samplesPerItem: z.int().check(z.minimum(1), z.maximum(MAX_SAMPLES_PER_ITEM)),
    /** Surfaces that a path meets at most. */
    bounces: z.int().check(z.minimum(1), z.maximum(MAX_BOUNCES)),
    objects: z.int().check(z.minimum(1), z.maximum(MAX_OBJECTS)),
    seed: z._default(z.int().check(z.minimum(0), z.maximum(0xffffffff)), 0),
    eye: point,
    /** What the middle of the picture shows. */
    target: point,
    /** Height of the picture at distance 1 from the eye: twice the tangent of half the angle. */
    viewHeight: z._default(z.number().check(z.minimum(0.01), z.maximum(2)), 1),
    /** Red, green and blue of what is behind everything. */
    sky: z._default(z.tuple([light, light, light]), [0, 0, 0]),
  })
  .check(
    z.refine(
      ({ tile, samplesPerItem, bounces, objects }) =>
        tile * tile * samplesPerItem * bounces * objects <= MAX_MEETINGS,
      `expected tile^2 x samplesPerItem x bounces x objects of at most ${MAX_MEETINGS}`,
    ),
    z.refine(
      ({ width, height }) => width <= 2 * height,
      'expected a picture of at most twice its height in width',
    ),
    z.refine(
      ({ eye, target }) => Math.abs(eye[0] - target[0]) + Math.abs(eye[2] - target[2]) >= 1e-3,
      'expected a target that is neither above nor below the eye: y is up',
    ),
  );

export type PathtraceParams = z.infer<typeof pathtraceParams>;

/** Tiles across, and in all; item number i is tile i % tiles of pass floor(i / tiles). */
export const tilesOf = ({ width, height, tile }: PathtraceParams) => {
  const across = Math.ceil(width / tile);
  return { across, tiles: across * Math.ceil(height / tile) };
};

type Vector = readonly [x: number, y: number, z: number];

const cross = ([a, b, c]: Vector, [d, e, f]: Vector): Vector => [
  b * f - c * e,
  c * d - a * f,
  a * e - b * d,
];
const scaled = ([x, y, z]: Vector, by: number): Vector => [x * by, y * by, z * by];
const unit = (v: Vector): Vector =>
  scaled(v, 1 / Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]));
const rounded = (v: Vector, unitsPerOne: number) =>
  v.map((value) => Math.round(value * unitsPerOne) + 0) as [number, number, number];

/**
 * The eye in units of 2^-12, and in units of 2^-28 the way to the picture's upper left corner and over a 256th of a pixel.
 * Products, sums, quotients and square roots only: these are the same in every JavaScript.
 */
export function cameraOf({ width, height, eye, target, viewHeight }: PathtraceParams) {
  const ahead = unit([target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]]);
  const right = unit(cross(ahead, [0, 1, 0]));
  const down = cross(ahead, right);
  const viewWidth = (viewHeight * width) / height;
  const corner = ahead.map(
    (value, i) => value - (right[i]! * viewWidth) / 2 - (down[i]! * viewHeight) / 2,
  ) as unknown as Vector;
  return {
    eye: rounded(eye, 2 ** 12),
    corner: rounded(corner, 2 ** 28),
    right: rounded(scaled(right, viewWidth / width), 2 ** 20),
    down: rounded(scaled(down, viewHeight / height), 2 ** 20),
  };
}

/** In units of 2^-12. */
export const skyOf = ({ sky }: PathtraceParams) => rounded(sky, 2 ** 12);

const raysOf = ({ tile, samplesPerItem, bounces }: PathtraceParams): number =>
  tile * tile * samplesPerItem * bounces;
const flopsPerRay = ({ objects }: PathtraceParams): number =>
  objects * FLOPS_PER_MEETING + FLOPS_PER_BOUNCE;

export const pathtraceManifest: KernelManifest<PathtraceParams> = {
  name: 'pathtrace',
  version: 1,
  explanation:
    'Light in a scene of up to 32 spheres, planes and boxes that scatter, mirror, refract or shine, by path tracing: an item ' +
    'is one tile of the picture and so many more random paths through each of its pixels; item i is tile i mod tiles of pass ' +
    'i / tiles, so that passes add up to an ever clearer picture. `radiance` holds per pixel the sums of red, green and blue ' +
    'in units of 2^-12, and the number of paths; sums of several passes are added and divided by their number. An object is ' +
    '16 f32 values: kind (0 sphere, 1 plane, 2 box), centre x y z (or a plane’s normal), radius (or a plane’s distance from ' +
    'the origin along its normal), half the sides x y z of a box, material (0 diffuse, 1 mirror, 2 glass, 3 emissive), red ' +
    'green blue (0 to 1, of emissive ones to 16), roughness of a mirror, refractive index of glass (1 to 2.5), 0, 0. The world ' +
    'is a cube of 8 units to each side of the origin, what leaves it sees the sky. Everything is computed in fixed point ' +
    '(lengths to 2^-12), numbers come from the hash pcg4d of (pixel, sample, bounce, seed): results are bit-exact.',
  source:
    'J. Kajiya, "The rendering equation", SIGGRAPH 1986; M. Jarzynski, M. Olano, "Hash functions for GPU rendering", JCGT 9 ' +
    '(2020); C. Schlick, "An inexpensive BRDF model for physically-based rendering", Computer Graphics Forum 13 (1994)',
  params: pathtraceParams,
  inputs: ({ objects }) => ({ scene: { dtype: 'F32', dims: [objects, OBJECT_VALUES] } }),
  outputs: ({ tile }) => ({ radiance: { dtype: 'U32', dims: [tile, tile, 4] } }),
  /** As if every path met as many surfaces as it may. */
  flopsPerItem: (params) => raysOf(params) * flopsPerRay(params),
  bytesPerItem: ({ tile, objects }) => 16 * tile * tile + 4 * OBJECT_VALUES * objects + 4,
  /**
   * In f32 a path is chaotic: a direction that differs in its last bit hits another object some bounces later, and a bound
   * that forgives a few such paths forgives a host that leaves out as many. In integers of 32 bits, with no product wider,
   * every path is held to its last bit. Measured on a room of 7 objects, 128 x 128 pixels, 16 paths of up to 8 bounces:
   * SwiftShader and the reference are equal in all bits, for 2.6 s of processor time and 1.0 s.
   */
  verification: 'exact',
  acceptance: { kind: 'exact', nonFinite: 'refuse' },
  plan: (params, { rows, strides }) => {
    const { width, height, tile, samplesPerItem, bounces, objects, seed } = params;
    const flopsPerSample = bounces * flopsPerRay(params);
    const affordable = Math.floor(FLOPS_PER_WORKGROUP / (WORKGROUP_LANES * flopsPerSample));
    const perRun = Math.min(Math.max(affordable, 1), samplesPerItem);
    const runs = Math.ceil(samplesPerItem / perRun);
    const { across, tiles } = tilesOf(params);
    const camera = cameraOf(params);
    const sky = skyOf(params);
    const axes = (name: string, vector: Vector) => ({
      [`${name}_X`]: vector[0],
      [`${name}_Y`]: vector[1],
      [`${name}_Z`]: vector[2],
    });
    const constants: Record<string, number> = {
      OBJECTS: objects,
      WIDTH: width,
      HEIGHT: height,
      TILE: tile,
      TILES_ACROSS: across,
      TILES: tiles,
      SAMPLES: samplesPerItem,
      SAMPLES_PER_RUN: perRun,
      RUNS: runs,
      BOUNCES: bounces,
      SEED: seed,
      ...axes('EYE', camera.eye),
      ...axes('CORNER', camera.corner),
      ...axes('RIGHT', camera.right),
      ...axes('DOWN', camera.down),
      SKY_RED: sky[0],
      SKY_GREEN: sky[1],
      SKY_BLUE: sky[2],
    };
    const pixelGroups = Math.ceil((tile * tile) / WORKGROUP_LANES);
    const lanes = Math.min(tile * tile, WORKGROUP_LANES);
    return {
      bindings: [
        { name: ITEMS_BINDING, access: 'read' },
        { name: 'scene', access: 'read' },
        { name: 'objects', access: 'read-write' },
        { name: 'sums', access: 'read-write' },
        { name: 'radiance', access: 'read-write' },
      ],
      scratchBytes: { objects: 64 * objects * rows, sums: 16 * tile * tile * runs * rows },
      passes: [
        {
          entryPoint: 'prepare',
          workgroups: [1, 1, rows],
          constants: { OBJECTS: objects, SCENE_STRIDE: strides['scene']! },
          flopsPerWorkgroup: objects * 200,
        },
        {
          entryPoint: 'trace',
          workgroups: [pixelGroups, runs, rows],
          constants,
          flopsPerWorkgroup: lanes * perRun * flopsPerSample,
        },
        {
          entryPoint: 'total',
          workgroups: [pixelGroups, 1, rows],
          constants: { OBJECTS: objects, TILE: tile, RUNS: runs },
          flopsPerWorkgroup: lanes * runs * 4,
        },
      ],
    };
  },
};
