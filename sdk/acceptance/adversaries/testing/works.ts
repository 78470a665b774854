/**
 * Work that is cheap to compute and whose right results are known: the jobs that adversaries attack.
 *
 * Every seed is given: what is posted is the same in every run.
 */
import { findKernel } from '../../../../kernels/catalog.ts';
import { referenceRunner } from '../../../../kernels/referenceRunner.ts';
import type { Acceptance } from '../../../../shared/acceptance.ts';
import { buildModel, node, value } from '../../../../shared/onnx/modelBuilder.ts';
import { runBatch } from '../../../../shared/program.ts';
import { assert } from '../../../../shared/result.ts';
import { tensorOf, type NamedTensors, type Tensor } from '../../../../shared/tensor.ts';
import type { SubmitOptions } from '../../../client.ts';
import { loadDigits, pickDigits, runDirectly } from '../../../demo/digits.ts';
import { seeded } from '../../../demo/random.ts';
import { directRun } from '../../testing/directRun.ts';

export interface Work {
  readonly options: SubmitOptions;
  /** Computed here, by nobody but the test. */
  truth(): Promise<NamedTensors>;
  /** By which a final output is the truth: closer than any of the adversaries comes. */
  readonly same: Acceptance;
}

export interface WorkOptions {
  readonly items: number;
  readonly itemsPerShard: number;
  readonly seed?: number;
  readonly verification?: SubmitOptions['verification'];
  readonly acceptance?: SubmitOptions['acceptance'];
}

const SAMPLED = { kind: 'sampled' } as const;
const EXACT: Acceptance = { kind: 'exact', nonFinite: 'refuse' };
/** Two engines, or two orders of summation, of the same small model. */
const CLOSE: Acceptance = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-5,
  maxElementError: 1e-4,
  nonFinite: 'refuse',
};

/** Handwritten digits by the demo's model: floats, about 0.4 ms an item. */
export async function digitsWork({ seed = 1, ...options }: WorkOptions): Promise<Work> {
  const digits = await loadDigits();
  const { images } = pickDigits(digits, options.items, seed);
  return {
    options: {
      name: `digits, seed ${seed}`,
      program: { onnx: digits.model },
      inputs: { stacked: { image: images } },
      itemsPerShard: options.itemsPerShard,
      verification: options.verification ?? SAMPLED,
      acceptance: options.acceptance,
    },
    truth: () => runDirectly(digits.model, images),
    same: CLOSE,
  };
}

export interface BallsOptions extends WorkOptions {
  readonly samplesPerItem?: number;
}

/** Volume of a ball by random points: integers, about 10 us an item. */
export function ballsWork({ seed = 1, samplesPerItem = 64, ...options }: BallsOptions): Work {
  const entry = findKernel('montecarlo@1');
  assert(entry !== undefined, 'no kernel montecarlo@1');
  const params = { dimensions: 3, samplesPerItem, seed };
  const specs = { hits: { dtype: 'U32', dims: [] } } as const;
  const items = Array.from({ length: options.items }, (_, i) => i);
  return {
    options: {
      name: `balls, seed ${seed}`,
      program: { kernel: 'montecarlo@1', params },
      items: options.items,
      itemsPerShard: options.itemsPerShard,
      verification: options.verification ?? SAMPLED,
      acceptance: options.acceptance,
    },
    truth: () =>
      runBatch(
        referenceRunner(entry, entry.manifest.params.parse(params)),
        { items, stacked: {}, constants: {} },
        specs,
      ),
    same: EXACT,
  };
}

const FEATURES = 8;
export const SCORES = 6;

/** `features` [N,8] in, `scores` [N,6] out: one layer, whose two best scores often lie close together. */
function scoresModel(): Uint8Array {
  const random = seeded(7);
  const weights = Float32Array.from({ length: FEATURES * SCORES }, () => random.normal());
  return buildModel({
    name: 'scores',
    opset: 17,
    irVersion: 8,
    producer: 'idlewave',
    inputs: [value('features', 'F32', ['N', FEATURES])],
    outputs: [value('scores', 'F32', ['N', SCORES])],
    nodes: [node('MatMul', ['features', 'weights'], ['scores'])],
    initializers: { weights: tensorOf('F32', [FEATURES, SCORES], weights) },
  });
}

/** Scores of six classes by a model of one layer: floats, about 50 us an item. */
export function scoresWork({ seed = 1, ...options }: WorkOptions): Work {
  const model = scoresModel();
  const features = normals([options.items, FEATURES], seed);
  return {
    options: {
      name: `scores, seed ${seed}`,
      program: { onnx: model },
      inputs: { stacked: { features } },
      itemsPerShard: options.itemsPerShard,
      verification: options.verification ?? SAMPLED,
      acceptance: options.acceptance,
    },
    truth: () => directRun(model, { features }, { features: [1, FEATURES] }),
    same: CLOSE,
  };
}

/** Products of [ROWS, SIDE] and [SIDE, SIDE]. */
export const ROWS = 16;
export const SIDE = 256;

/** Products of matrices, every output of every report checked by Freivalds' projections: about 3 ms an item. */
export function productsWork({ seed = 1, ...options }: WorkOptions): Work {
  const entry = findKernel('matmul@1');
  assert(entry !== undefined, 'no kernel matmul@1');
  const params = { m: ROWS, k: SIDE, n: SIDE };
  const a = normals([options.items, ROWS, SIDE], seed);
  // The first row of every a is nothing, so that every product has outputs that are exactly 0.
  const itemBytes = 4 * ROWS * SIDE;
  for (let at = 0; at < a.bytes.length; at += itemBytes) a.bytes.fill(0, at, at + 4 * SIDE);
  const stacked = { a };
  const constants = { b: normals([SIDE, SIDE], seed + 1) };
  const items = Array.from({ length: options.items }, (_, i) => i);
  const specs = { c: { dtype: 'F32', dims: [ROWS, SIDE] } } as const;
  return {
    options: {
      name: `products, seed ${seed}`,
      program: { kernel: 'matmul@1', params },
      inputs: { stacked, constant: constants },
      itemsPerShard: options.itemsPerShard,
      verification: options.verification ?? { kind: 'algebraic' },
    },
    truth: () => {
      const runner = referenceRunner(entry, entry.manifest.params.parse(params));
      return runBatch(runner, { items, stacked, constants }, specs);
    },
    same: CLOSE,
  };
}

function normals(dims: readonly number[], seed: number): Tensor {
  const random = seeded(seed);
  const length = dims.reduce((product, dim) => product * dim, 1);
  return tensorOf(
    'F32',
    dims,
    Float32Array.from({ length }, () => random.normal()),
  );
}
