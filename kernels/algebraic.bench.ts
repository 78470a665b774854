/**
 * `npm run bench -- algebraic`: what it costs the coordinator's core to check a product, beside computing it: again in
 * the referee, on this machine's GPU, on a GPU of 1 TFLOP/s; and beside sending its result over a volunteer's line.
 */
import { matmul as ENTRY } from './matmul/gpu.ts';
import { denseView } from './products.ts';
import { referenceRunner } from './referenceRunner.ts';
import { describeAdapter } from './runtime/adapterDescription.ts';
import { gpuKernelRunner } from './runtime/gpuKernelRunner.ts';
import { KernelDevice } from './runtime/kernelDevice.ts';
import { dropNodeGpu, nodeGpu } from './testing/gpu.ts';
import { runBatch, type ItemBatch, type ItemRunner } from '../shared/program.ts';
import { assert } from '../shared/result.ts';
import { tensorOf, type NamedTensors } from '../shared/tensor.ts';
import { medianOf, type BenchReport, type BenchRow } from '../shared/testing/bench.ts';
import { ZERO_MEAN, factorsOf, wordsOf, type Sides } from '../coordinator/core/testing/products.ts';
import { checkProducts } from '../coordinator/check/checkProducts.ts';
import { VECTORS, faultOfProduct, vectorsOf } from '../coordinator/core/freivalds.ts';

/** Rounds after the first, which warms up and does not count. */
const BLOCKS = 5;
const SHARING = 4;
/** The reference's assumptions: a volunteer's GPU and a volunteer's line. */
const GPU_FLOPS_PER_S = 1e12;
const UPLOAD_BITS_PER_S = 20e6;

const square = (n: number): Sides => ({ m: n, k: n, n });
/** 1,448 is the largest square that an assignment holds, 512 x 4,096 x 512 the most arithmetic. */
const SIZES: readonly Sides[] = [
  square(256),
  square(512),
  square(1024),
  square(1448),
  { m: 512, k: 4096, n: 512 },
];
/** Beyond what the kernel takes: the check alone, on a product whose result is known without computing it. */
const BEYOND = [2048, 4096];

const NOTES = [
  'checkMs: one report of one item, all of it (vectors, b r, a (b r), c r, comparison); sharedMs: an item of a report of four that share a constant b',
  'cpuPerGpu: check over the time of the product at 1 TFLOP/s; cpuPerUpload: check over the time the result takes at 20 Mbit/s',
  'the last two sizes are beyond the kernel’s limits: the check alone, on a product that is known without computing it',
  'refereeMs: the CPU reference; wgslMs: our kernel on this machine’s adapter, result read back',
];

export async function bench(): Promise<BenchReport> {
  const found = await nodeGpu();
  const adapter = found.kind === 'found' ? await found.gpu.requestAdapter() : null;
  const device = (await adapter?.requestDevice()) ?? null;
  const kernels = device === null ? null : new KernelDevice(device);
  try {
    const rows: BenchRow[] = [];
    for (const sides of SIZES) rows.push(await measure(sides, kernels));
    for (const n of BEYOND) rows.push(await measureBeyond(n));
    const name = adapter === null ? null : describeAdapter(adapter);
    const facts = { adapter: name && `${name.vendor} ${name.architecture}`, blocks: BLOCKS };
    return { name: 'algebraic', notes: NOTES, facts, rows };
  } finally {
    kernels?.dispose();
    device?.destroy();
    dropNodeGpu();
  }
}

async function measure(sides: Sides, kernels: KernelDevice | null): Promise<BenchRow> {
  const { m, k, n } = sides;
  const outputs = ENTRY.manifest.outputs(sides);
  const one = batchOf(sides, 1, []);
  const shared = batchOf(sides, SHARING, ['b']);
  const reference = referenceRunner(ENTRY, sides);
  const gpu = kernels && gpuKernelRunner(kernels, ENTRY, sides);
  const right = await runBatch(reference, one, outputs);
  const sharedRight = await runBatch(reference, shared, outputs);
  const computing = (runner: ItemRunner) => () => runBatch(runner, one, outputs);
  const contenders: Record<string, () => unknown> = {
    check: () => check(sides, one, right),
    shared: () => check(sides, shared, sharedRight),
    referee: computing(reference),
    ...(gpu && { wgsl: computing(gpu) }),
  };
  const times = await inTurns(contenders);
  const ms = (name: string) => medianOf(times[name] ?? []);
  return {
    'm x k x n': `${m} x ${k} x ${n}`,
    checkMs: ms('check'),
    sharedMs: ms('shared') / SHARING,
    ...ratiosOf(sides, ms('check')),
    refereeMs: ms('referee'),
    checkOverReferee: ms('check') / ms('referee'),
    wgslMs: gpu === null ? null : ms('wgsl'),
    checkOverWgsl: gpu === null ? null : ms('check') / ms('wgsl'),
    checkBlocksMs: times['check']!,
  };
}

/** Of the check's milliseconds, over those of the product on the assumed GPU and of its result on the assumed line. */
function ratiosOf({ m, k, n }: Sides, checkMs: number) {
  const gpuMs = ((2 * m * k * n) / GPU_FLOPS_PER_S) * 1e3;
  const uploadMs = ((32 * m * n) / UPLOAD_BITS_PER_S) * 1e3;
  return { cpuPerGpu: checkMs / gpuMs, cpuPerUpload: checkMs / uploadMs };
}

/** b has one power of two in each column, so every element of c is one of a, scaled: exact. */
async function measureBeyond(n: number): Promise<BenchRow> {
  const sides = square(n);
  const { a } = factorsOf(sides, ZERO_MEAN);
  const [b, c] = [new Float32Array(n * n), new Float32Array(n * n)];
  for (let j = 0; j < n; j++) {
    const from = (j * 5 + 3) % n;
    const scale = 2 ** ((j % 5) - 2);
    b[from * n + j] = scale;
    for (let i = 0; i < n; i++) c[i * n + j] = a[i * n + from]! * scale;
  }
  const { rows, columns } = denseView('', n, n);
  const matrix = (values: Float32Array) => ({ values, rows, columns });
  const product = { left: matrix(a), right: matrix(b), output: matrix(c) };
  const check = () => {
    const vectors = vectorsOf(wordsOf(n * VECTORS, (seed += 1)));
    assert(faultOfProduct(product, vectors) === null, 'the product is right');
  };
  const checkBlocksMs = (await inTurns({ check }))['check']!;
  const checkMs = medianOf(checkBlocksMs);
  const unknown = { refereeMs: null, checkOverReferee: null, wgslMs: null, checkOverWgsl: null };
  return {
    'm x k x n': `${n} x ${n} x ${n}`,
    checkMs,
    sharedMs: null,
    ...ratiosOf(sides, checkMs),
    ...unknown,
    checkBlocksMs,
  };
}

/** Milliseconds of every contender, block by block. */
async function inTurns(contenders: Record<string, () => unknown>) {
  const times: Record<string, number[]> = {};
  for (let block = 0; block <= BLOCKS; block++) {
    for (const [name, run] of Object.entries(contenders)) {
      const startMs = performance.now();
      await run();
      if (block > 0) (times[name] ??= []).push(performance.now() - startMs);
    }
  }
  return times;
}

let seed = 1;
function check(params: Sides, batch: ItemBatch, outputs: NamedTensors): void {
  const program = { kind: 'kernel', kernel: 'matmul@1', params: { ...params } } as const;
  const fault = checkProducts({ program, batch, outputs }, (count) => wordsOf(count, (seed += 1)));
  assert(fault.ok && fault.value === null, 'the reference is right');
}

function batchOf(sides: Sides, count: number, constant: readonly string[]): ItemBatch {
  const { a, b } = factorsOf(sides, ZERO_MEAN);
  const items = Array.from({ length: count }, (_, i) => i);
  const stacked: Record<string, NamedTensors[string]> = {};
  const constants: typeof stacked = {};
  for (const [name, values, [rows, columns]] of [
    ['a', a, [sides.m, sides.k]],
    ['b', b, [sides.k, sides.n]],
  ] as const) {
    if (constant.includes(name)) constants[name] = tensorOf('F32', [rows, columns], values);
    else {
      const all = new Float32Array(count * values.length);
      for (const item of items) all.set(values, item * values.length);
      stacked[name] = tensorOf('F32', [count, rows, columns], all);
    }
  }
  return { items, stacked, constants };
}
