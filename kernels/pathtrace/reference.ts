/**
 * pathtrace@1 on the CPU, step by step as in `pathtrace.wgsl`: 32-bit integers that wrap.
 *
 * Vectors leave functions through a `Vec` that the caller owns: an object per vector would take three times as long.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import {
  ballSurface,
  fixed,
  FAR,
  LIFT,
  NEAR,
  ONE,
  random,
  root,
  shifted,
  unit,
  WORLD,
  type Vec,
} from './arithmetic.ts';
import { cameraOf, OBJECT_VALUES, skyOf, tilesOf, type PathtraceParams } from './manifest.ts';

const SPHERE = 0;
const PLANE = 1;
const DIFFUSE = 0;
const MIRROR = 1;
const EMISSIVE = 3;

/** In fixed point, by the names of the manifest's explanation. */
interface SceneObject {
  readonly kind: number;
  readonly place: Vec;
  readonly size: number;
  readonly half: Vec;
  readonly material: number;
  readonly colour: Vec;
  readonly roughness: number;
  readonly index: number;
}

const vec = (x = 0, y = 0, z = 0): Vec => ({ x, y, z });
const set = (v: Vec, x: number, y: number, z: number): void => {
  v.x = x;
  v.y = y;
  v.z = z;
};
const { imul, abs, min, max } = Math;
const dot = (a: Vec, b: Vec): number => (imul(a.x, b.x) + imul(a.y, b.y) + imul(a.z, b.z)) | 0;

/** `scene` F32 [objects,16] to `radiance` U32 [tile,tile,4]: red, green and blue in units of 2^-12, and the number of paths. */
export function pathtraceReference(
  params: PathtraceParams,
  item: number,
  inputs: NamedTensors,
): NamedTensors {
  const { width, height, tile, samplesPerItem } = params;
  const words = new Uint32Array((valuesOf(inputs['scene']!) as Float32Array).slice().buffer);
  // Spheres first, then planes, then boxes: of two at one distance the first is hit.
  const objects = Array.from({ length: params.objects }, (_, i) =>
    objectOf(words.subarray(i * OBJECT_VALUES, (i + 1) * OBJECT_VALUES)),
  ).sort((a, b) => a.kind - b.kind);
  const lightOf = tracer(params, objects);
  const { across, tiles } = tilesOf(params);
  const left = ((item % tiles) % across) * tile;
  const top = Math.floor((item % tiles) / across) * tile;
  const firstSample = imul(Math.floor(item / tiles), samplesPerItem);
  const radiance = new Uint32Array(4 * tile * tile);
  const light = vec();
  for (let pixel = 0; pixel < tile * tile; pixel++) {
    const x = left + (pixel % tile);
    const y = top + Math.floor(pixel / tile);
    if (x >= width || y >= height) continue;
    for (let sample = 0; sample < samplesPerItem; sample++) {
      lightOf(x, y, firstSample + sample, light);
      radiance[4 * pixel]! += light.x;
      radiance[4 * pixel + 1]! += light.y;
      radiance[4 * pixel + 2]! += light.z;
      radiance[4 * pixel + 3]! += 1;
    }
  }
  return { radiance: tensorOf('U32', [tile, tile, 4], radiance) };
}

function objectOf(words: Uint32Array): SceneObject {
  const value = (i: number, bits: number, low: number, high: number) =>
    fixed(words[i]!, bits, low, high);
  const kind = value(0, 0, 0, 2);
  const material = value(8, 0, 0, 3);
  const place = vec(
    ...([1, 2, 3].map((i) => value(i, 12, -WORLD, WORLD)) as [number, number, number]),
  );
  if (kind === PLANE) unit(place.x, place.y, place.z, place);
  const isLight = material === EMISSIVE;
  const colour = [9, 10, 11].map((i) => value(i, isLight ? 12 : 15, 0, isLight ? 65_536 : 32_768));
  return {
    kind,
    place,
    size: kind === PLANE ? value(4, 12, -57_344, 57_344) : value(4, 12, 0, WORLD),
    half: vec(value(5, 12, 0, WORLD), value(6, 12, 0, WORLD), value(7, 12, 0, WORLD)),
    material,
    colour: vec(...(colour as [number, number, number])),
    roughness: value(12, 14, 0, ONE),
    index: value(13, 14, ONE, 40_960),
  };
}

/** A function that writes what one path from the eye brings back. */
function tracer(params: PathtraceParams, objects: readonly SceneObject[]) {
  const { width, bounces, seed } = params;
  const { eye, corner, right, down } = cameraOf(params);
  const sky = vec(...skyOf(params));
  const dice = new Uint32Array(4);
  const [origin, direction, place, normal] = [vec(), vec(), vec(), vec()];
  const [scatter, mirrored, share] = [vec(), vec(), vec()];
  const carry = (light: Vec, by: Vec): void =>
    set(light, imul(share.x, by.x) >>> 15, imul(share.y, by.y) >>> 15, imul(share.z, by.z) >>> 15);

  return (x: number, y: number, sample: number, light: Vec): void => {
    const pixel = y * width + x;
    random(dice, pixel, sample, 0, seed);
    const a = x * 256 + (dice[0]! >>> 24);
    const b = y * 256 + (dice[1]! >>> 24);
    const axis = (i: 0 | 1 | 2) => ((corner[i] + imul(a, right[i]) + imul(b, down[i])) | 0) >> 14;
    unit(axis(0), axis(1), axis(2), direction);
    set(origin, ...eye);
    set(share, 32_768, 32_768, 32_768);
    for (let bounce = 1; bounce <= bounces; bounce++) {
      let nearest = FAR;
      let hit = objects[0]!;
      for (const object of objects) {
        const distance = distanceTo(object, origin, direction);
        if (distance >= nearest) continue;
        nearest = distance;
        hit = object;
      }
      set(
        place,
        (origin.x + shifted(imul(direction.x, nearest))) | 0,
        (origin.y + shifted(imul(direction.y, nearest))) | 0,
        (origin.z + shifted(imul(direction.z, nearest))) | 0,
      );
      const farthest = max(abs(place.x), abs(place.y), abs(place.z));
      if (nearest === FAR || farthest > WORLD) return carry(light, sky);
      if (hit.material === EMISSIVE) return carry(light, hit.colour);
      normalOf(hit, place, normal);
      const isInside = dot(normal, direction) > 0;
      if (isInside) set(normal, -normal.x, -normal.y, -normal.z);
      random(dice, pixel, sample, bounce, seed);
      ballSurface(dice[0]!, dice[1]!, scatter);
      const facing = min(max(-(dot(normal, direction) >> 14), 0), ONE);
      set(
        mirrored,
        direction.x + shifted(imul(2 * facing, normal.x)),
        direction.y + shifted(imul(2 * facing, normal.y)),
        direction.z + shifted(imul(2 * facing, normal.z)),
      );
      let side = 1;
      if (hit.material === DIFFUSE) {
        unit(normal.x + scatter.x, normal.y + scatter.y, normal.z + scatter.z, direction);
      } else if (hit.material === MIRROR) {
        unit(
          mirrored.x + shifted(imul(hit.roughness, scatter.x)),
          mirrored.y + shifted(imul(hit.roughness, scatter.y)),
          mirrored.z + shifted(imul(hit.roughness, scatter.z)),
          direction,
        );
        if (dot(direction, normal) <= 0) return set(light, 0, 0, 0);
      } else {
        side = throughGlass(hit.index, isInside, facing, dice[2]!);
      }
      carry(share, hit.colour);
      set(
        origin,
        place.x + shifted(LIFT * side * normal.x),
        place.y + shifted(LIFT * side * normal.y),
        place.z + shifted(LIFT * side * normal.z),
      );
    }
    set(light, 0, 0, 0);
  };

  /** Turns `direction`; returns on which side of the surface it goes on. */
  function throughGlass(index: number, isInside: boolean, facing: number, die: number): 1 | -1 {
    const ratio = isInside ? index : Math.floor(0x10000000 / index);
    const crossing = imul(imul(ratio, ratio) >> 14, ONE - (imul(facing, facing) >> 14));
    const left = ONE - (crossing >> 14);
    if (left > 0) {
      const onward = root(left << 14);
      const straight = Math.floor(((index - ONE) << 14) / (index + ONE));
      const least = imul(straight, straight) >> 14;
      const flat = ONE - (isInside ? onward : facing);
      const flat2 = imul(flat, flat) >> 14;
      const flat5 = imul(imul(flat2, flat2) >> 14, flat) >> 14;
      const reflected = least + (imul(ONE - least, flat5) >> 14);
      if (die >>> 18 >= reflected) {
        const bend = (imul(ratio, facing) >> 14) - onward;
        unit(
          shifted(imul(ratio, direction.x)) + shifted(imul(bend, normal.x)),
          shifted(imul(ratio, direction.y)) + shifted(imul(bend, normal.y)),
          shifted(imul(ratio, direction.z)) + shifted(imul(bend, normal.z)),
          direction,
        );
        return -1;
      }
    }
    unit(mirrored.x, mirrored.y, mirrored.z, direction);
    return 1;
  }
}

/** To an object along a ray; FAR or more where it misses. */
function distanceTo(object: SceneObject, origin: Vec, direction: Vec): number {
  const { kind, place, size } = object;
  if (kind === SPHERE) {
    const ax = place.x - origin.x;
    const ay = place.y - origin.y;
    const az = place.z - origin.z;
    const product = imul(ax, direction.x) + imul(ay, direction.y) + imul(az, direction.z);
    const along = ((product + 8192) | 0) >> 14;
    // From the middle to the nearest point of the line; an error of `along` is along the line and does little.
    const ox = abs(shifted((ax << 14) - imul(along, direction.x)));
    const oy = abs(shifted((ay << 14) - imul(along, direction.y)));
    const oz = abs(shifted((az << 14) - imul(along, direction.z)));
    if (ox > size || oy > size || oz > size) return FAR;
    const left = size * size - (ox * ox + oy * oy + oz * oz);
    if (left < 0) return FAR;
    const half = root(left);
    if (along - half >= NEAR) return along - half;
    return along + half >= NEAR ? along + half : FAR;
  }
  if (kind === PLANE) {
    const towards = dot(place, direction) >> 14;
    if (towards === 0) return FAR;
    const apart = ((size << 14) - dot(place, origin)) | 0;
    const distance = Math.floor(apart / towards);
    return distance >= NEAR ? distance : FAR;
  }
  const { half } = object;
  const x = sides(place.x - origin.x, half.x, direction.x);
  const y = sides(place.y - origin.y, half.y, direction.y);
  const z = sides(place.z - origin.z, half.z, direction.z);
  const enter = max(x.enter, y.enter, z.enter);
  const leave = min(x.leave, y.leave, z.leave);
  if (enter > leave || leave < NEAR) return FAR;
  return enter >= NEAR ? enter : leave;
}

/** Where a ray passes the two planes of a box across one axis. */
function sides(apart: number, half: number, step: number) {
  const steps = max(abs(step), 1);
  const ahead = step < 0 ? -apart : apart;
  return {
    enter: Math.floor(((ahead - half) << 14) / steps),
    leave: Math.floor(((ahead + half) << 14) / steps),
  };
}

/** Outwards, at a point of the surface. */
function normalOf({ kind, place, half }: SceneObject, at: Vec, normal: Vec): void {
  if (kind === PLANE) return set(normal, place.x, place.y, place.z);
  const x = at.x - place.x;
  const y = at.y - place.y;
  const z = at.z - place.z;
  if (kind === SPHERE) return unit(x, y, z, normal);
  const beyondX = abs(x) - half.x;
  const beyondY = abs(y) - half.y;
  const beyondZ = abs(z) - half.z;
  const sign = (value: number): number => (value < 0 ? -ONE : ONE);
  if (beyondX >= beyondY && beyondX >= beyondZ) return set(normal, sign(x), 0, 0);
  if (beyondY >= beyondZ) return set(normal, 0, sign(y), 0);
  set(normal, 0, 0, sign(z));
}
