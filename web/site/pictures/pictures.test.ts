/** Pictures of what is known, and none of what only looks like it. */
import { describe, expect, it } from 'vitest';
import type { BlobDigest } from '../../../shared/ids.ts';
import type { Program } from '../../../shared/protocol/program.ts';
import { elementCount, tensorOf, type NamedTensors, type Tensor } from '../../../shared/tensor.ts';
import { DIGIT_MODELS } from './digits.ts';
import type { Pen, Picture } from './picture.ts';
import { pictureOf } from './pictures.ts';
import { pixelsOf } from './pixels.ts';
import { ballVolume } from './volume.ts';

const onnx = (model: string): Program => ({
  kind: 'onnx',
  model: model as BlobDigest,
  itemsPerRun: 1,
});
const kernel = (name: string, params: Record<string, number | string>): Program => ({
  kind: 'kernel',
  kernel: name,
  params,
});
const of = (program: Program, inputs: NamedTensors, outputs: NamedTensors) =>
  pictureOf({ job: 'job_1', jobName: 'a job', program, item: 0, inputs, outputs });
const f32 = (dims: number[], value: (i: number) => number = (i) => i): Tensor =>
  tensorOf(
    'F32',
    dims,
    Float32Array.from({ length: elementCount(dims) }, (_, i) => value(i)),
  );

const PALETTE = { accent: 'a', ink: 'i', soft: 's', ground: 'g' };

/** Every call of the pen, so that a picture that draws nothing, or beyond its edges, is seen. */
function drawn(picture: Picture): { name: string; args: number[] }[] {
  const calls: { name: string; args: number[] }[] = [];
  const pen = new Proxy({} as Pen, {
    get:
      (_, name: string) =>
      (...args: number[]) =>
        calls.push({ name, args }),
    set: () => true,
  });
  picture.draw(pen, 200, 100, PALETTE);
  for (const { args } of calls) expect(args.every(Number.isFinite)).toBe(true);
  return calls;
}

describe('digits', () => {
  const image = f32([1, 28, 28]);
  const scores = f32([10], (i) => (i === 7 ? 9 : i / 10));

  it('a digit is said of a known model only; of another, which output is the largest', () => {
    const known = of(onnx(DIGIT_MODELS[0]!), { image }, { logits: scores })!;
    expect(known.caption).toEqual({ kind: 'digit', digit: 7 });
    expect(known.pixels).toMatchObject({ width: 28, height: 28 });
    expect(drawn(known).filter(({ name }) => name === 'fillRect')).toHaveLength(10);
    const other = of(onnx('ff'), { image }, { logits: scores })!;
    expect(other.caption).toEqual({ kind: 'class', output: 7, of: 10 });
  });

  it.each<[string, NamedTensors, NamedTensors]>([
    ['another size', { image: f32([1, 32, 32]) }, { scores }],
    ['two inputs', { image, more: image }, { scores }],
    ['two outputs', { image }, { scores, more: scores }],
    ['eleven classes', { image }, { scores: f32([11]) }],
    ['equal scores', { image }, { scores: f32([10], () => 1) }],
    ['scores that are no numbers', { image }, { scores: f32([10], () => NaN) }],
    ['an image of one grey', { image: f32([1, 28, 28], () => 3) }, { scores }],
    ['whole numbers', { image: tensorOf('I64', [28, 28], new BigInt64Array(784)) }, { scores }],
  ])('none of %s', (_, inputs, outputs) => {
    expect(of(onnx(DIGIT_MODELS[0]!), inputs, outputs)).toBeNull();
  });
});

describe('faces', () => {
  const image = f32([3, 24, 32]);
  const scoresOf = (...is: number[]) =>
    f32([is.length, 2], (i) => (i % 2 === 0 ? 1 - is[i >> 1]! : is[i >> 1]!));
  const boxesOf = (...boxes: number[][]) => f32([boxes.length, 4], (i) => boxes[i >> 2]![i % 4]!);
  const faces = (scores: Tensor, boxes: Tensor, picture = image) =>
    of(onnx('ff'), { input: picture }, { scores, boxes });
  const [a, nearA, b] = [
    [0.1, 0.1, 0.4, 0.5],
    [0.11, 0.1, 0.41, 0.5],
    [0.6, 0.2, 0.9, 0.6],
  ] as const;

  it('boxes what is sure, each face once', () => {
    const picture = faces(
      scoresOf(0.9, 0.95, 0.8, 0.2),
      boxesOf([...a], [...nearA], [...b], [...a]),
    )!;
    expect(picture.caption).toEqual({ kind: 'faces', count: 2 });
    expect(picture.aspect).toBeCloseTo(32 / 24);
    const boxes = drawn(picture).map(({ args }) => args.map(Math.round));
    expect(boxes).toEqual([
      [22, 10, 60, 40],
      [120, 20, 60, 40],
    ]);
  });

  it('says none where there is none', () => {
    expect(faces(scoresOf(0.1), boxesOf([...a]))!.caption).toEqual({ kind: 'faces', count: 0 });
  });

  it('makes none of boxes in pixels, other scores, or inputs that are no image', () => {
    expect(faces(scoresOf(0.9), boxesOf([10, 10, 40, 50]))).toBeNull();
    expect(faces(scoresOf(0.9), boxesOf([0.4, 0.1, 0.1, 0.5]))).toBeNull();
    expect(
      faces(
        f32([1, 2], () => 5),
        boxesOf([...a]),
      ),
    ).toBeNull();
    expect(faces(scoresOf(0.9, 0.9), boxesOf([...a]))).toBeNull();
    expect(faces(scoresOf(0.9), boxesOf([...a]), f32([4, 24, 32]))).toBeNull();
  });
});

describe('volumes', () => {
  const hits = (count: number): NamedTensors => ({
    hits: tensorOf('U32', [], Uint32Array.of(count)),
  });
  const params = { dimensions: 2, samplesPerItem: 1000, seed: 1 };

  it('an item’s estimate beside the truth', () => {
    const picture = of(kernel('montecarlo@1', params), {}, hits(785))!;
    expect(picture.caption).toEqual({
      kind: 'volume',
      dimensions: 2,
      estimate: 3.14,
      exact: Math.PI,
    });
    expect(drawn(picture).some(({ name }) => name === 'arc')).toBe(true);
  });

  it('the truth is that of geometry', () => {
    expect(ballVolume(3)).toBeCloseTo((4 * Math.PI) / 3, 12);
    expect(ballVolume(4)).toBeCloseTo(Math.PI ** 2 / 2, 12);
  });

  it('an estimate that is far off is drawn at the edge, and no other kernel is taken for it', () => {
    const far = of(kernel('montecarlo@1', params), {}, hits(0))!;
    const [x] = drawn(far).find(({ name }) => name === 'arc')!.args;
    expect(x).toBeGreaterThanOrEqual(0);
    expect(of(kernel('montecarlo@2', params), {}, hits(785))).toBeNull();
    expect(of(kernel('montecarlo@1', {}), {}, hits(785))).toBeNull();
    const other = { ...params, integrand: 'simplex' };
    expect(of(kernel('montecarlo@1', other), {}, hits(785))).toBeNull();
  });
});

describe('bodies', () => {
  const params = { bodies: 3, steps: 16 };
  const positions = f32([3, 4], (i) => (i % 4 === 3 ? 1 : i));
  const finalPositions = f32([3, 4], (i) => (i % 4 === 3 ? 1 : i + 1));

  it('every body from where it came to where it is', () => {
    const picture = of(kernel('nbody@1', params), { positions }, { finalPositions })!;
    expect(picture.caption).toEqual({ kind: 'bodies', bodies: 3, steps: 16 });
    const calls = drawn(picture);
    expect(calls.filter(({ name }) => name === 'arc')).toHaveLength(3);
    expect(calls.filter(({ name }) => name === 'lineTo')).toHaveLength(3);
  });

  it('none of bodies that are nowhere, or all in one place', () => {
    const program = kernel('nbody@1', params);
    expect(of(program, { positions }, { finalPositions: f32([3, 4], () => NaN) })).toBeNull();
    const still = f32([3, 4], () => 1);
    expect(of(program, { positions: still }, { finalPositions: still })).toBeNull();
    expect(of(program, {}, { finalPositions })).toBeNull();
  });
});

it('pixels are stretched from black to white, thinned where there are too many, and only of planes', () => {
  expect([...pixelsOf(f32([1, 2], (i) => i - 5))!.rgba]).toEqual([
    0, 0, 0, 255, 255, 255, 255, 255,
  ]);
  expect(pixelsOf(f32([3, 1500, 600]))).toMatchObject({ width: 200, height: 500 });
  expect(pixelsOf(f32([2, 8, 8]))).toBeNull();
  expect(pixelsOf(f32([64]))).toBeNull();
});
