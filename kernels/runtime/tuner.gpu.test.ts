/** The tuner on a device that says it is a real one: what it takes, what it refuses, what it remembers. */
import * as z from 'zod/mini';
import { afterAll, describe, expect, it } from 'vitest';
import type { KernelManifest } from '../manifest.ts';
import { nodeGpu } from '../testing/gpu.ts';
import type { DeviceTraits, KernelVariant } from '../variants.ts';
import { GpuRunError } from './failure.ts';
import type { RunnableKernel } from './gpuKernelRunner.ts';
import { KernelDevice } from './kernelDevice.ts';
import { tunedVariant, tuningKey, type TuningMemory } from './tuner.ts';

const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

/** Slow enough that no budget ends on a busy machine before all variants were timed. */
const nowMs = () => performance.now() / 100;

const LENGTH = 4096;
const variant = (name: string, options: Readonly<Record<string, number>>): KernelVariant => ({
  name,
  family: 'registers',
  options,
});
const SLOW = variant('slow', { rounds: 20_000 });
const FAST = variant('fast', { rounds: 1 });
const WRONG = variant('wrong', { rounds: 0, factor: 3 });
const BROKEN = variant('broken', { rounds: 0, isBroken: 1 });

/** y = 2 x, in as many rounds as the variant says. */
const kernelOf = (...offered: KernelVariant[]): RunnableKernel => {
  const manifest: KernelManifest = {
    name: 'twice',
    version: 1,
    explanation: '',
    source: '',
    params: z.unknown(),
    inputs: () => ({ x: { dtype: 'F32', dims: [LENGTH] } }),
    outputs: () => ({ y: { dtype: 'F32', dims: [LENGTH] } }),
    flopsPerItem: () => LENGTH * 1e4,
    bytesPerItem: () => 8 * LENGTH,
    verification: 'sampled',
    acceptance: {
      kind: 'relative-l2',
      maxRelativeL2: 1e-5,
      maxElementError: 1e-4,
      nonFinite: 'refuse',
    },
    variants: () => offered,
    plan: (_, { rows, strides }) => ({
      bindings: [
        { name: 'x', access: 'read' },
        { name: 'y', access: 'read-write' },
      ],
      scratchBytes: {},
      passes: [
        {
          entryPoint: 'main',
          workgroups: [LENGTH / 64, 1, rows],
          constants: { STRIDE: strides['x']! },
          flopsPerWorkgroup: 64e4,
        },
      ],
    }),
  };
  return {
    manifest,
    shader: (_, { options }) => `
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
override STRIDE: u32;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let at = (group.x + base.x) * 64u + thread.x;
  let row = group.z + base.z;
  var value = x[row * STRIDE + at];
  for (var i = 0u; i < ${options['rounds']}u; i++) { value = value + f32(i & 1u) - f32(i & 1u); }
  y[row * ${LENGTH}u + at] = value * ${options['factor'] ?? 2}.0${options['isBroken'] === 1 ? ' + nothing' : ''};
}`,
  };
};

function remembering(): TuningMemory & { readonly answers: Map<string, string> } {
  const answers = new Map<string, string>();
  return {
    answers,
    get: (key) => Promise.resolve(answers.get(key)),
    set: async (key, name) => void answers.set(key, name),
  };
}

describe.skipIf(found.kind === 'none')(`tunedVariant${skipped}`, async () => {
  const newGpu = async (changes: Partial<DeviceTraits> = {}): Promise<KernelDevice> => {
    if (found.kind === 'none') return null!;
    const gpu = new KernelDevice(await (await found.gpu.requestAdapter())!.requestDevice());
    const traits = { ...gpu.traits, isSoftware: false, ...changes };
    return Object.defineProperty(gpu, 'traits', { value: traits });
  };
  const gpu = await newGpu();
  afterAll(() => gpu.device.destroy());

  it('takes the fastest, wherever it stands, and remembers it', async () => {
    const memory = remembering();
    const kernel = kernelOf(SLOW, FAST);
    expect(await tunedVariant(gpu, kernel, {}, { memory, nowMs })).toBe(FAST);
    expect([...memory.answers]).toEqual([[tuningKey(gpu.traits, kernel, {}), 'fast']]);
    // Asked again, it does not compute: what is remembered counts, were it wrong.
    memory.answers.set(tuningKey(gpu.traits, kernel, {}), 'slow');
    expect(await tunedVariant(gpu, kernel, {}, { memory })).toBe(SLOW);
    // Other parameters are another question; a name that nobody offers is no answer.
    expect(await tunedVariant(gpu, kernel, { other: 1 }, { memory, nowMs })).toBe(FAST);
    memory.answers.set(tuningKey(gpu.traits, kernel, {}), 'gone');
    expect(await tunedVariant(gpu, kernel, {}, { memory, nowMs })).toBe(FAST);
  });

  it('refuses a variant that computes something else, or nothing', async () => {
    expect(await tunedVariant(gpu, kernelOf(SLOW, WRONG), {}, { nowMs })).toBe(SLOW);
    expect(await tunedVariant(gpu, kernelOf(SLOW, BROKEN), {}, { nowMs })).toBe(SLOW);
    await expect(tunedVariant(gpu, kernelOf(BROKEN, FAST), {})).rejects.toThrow(GpuRunError);
  });

  it('times nothing on software, nor where there is one way', async () => {
    const software = await newGpu({ isSoftware: true });
    expect(await tunedVariant(software, kernelOf(SLOW, FAST), {})).toBe(SLOW);
    expect(await tunedVariant(gpu, kernelOf(BROKEN), {})).toBe(BROKEN);
    software.device.destroy();
  });

  it('times no item that is large, and none again that took its time', async () => {
    const large = kernelOf(SLOW, FAST);
    const manifest = { ...large.manifest, flopsPerItem: () => 1e11 };
    expect(await tunedVariant(gpu, { ...large, manifest }, {})).toBe(SLOW);
    // By this clock the first run takes longer than all first runs may.
    let clockMs = 0;
    const memory = remembering();
    const slowClock = { memory, nowMs: () => (clockMs += 2000) };
    expect(await tunedVariant(gpu, large, {}, slowClock)).toBe(SLOW);
    // That says nothing of the other: it is looked at again.
    expect(await tunedVariant(gpu, large, {}, { memory, nowMs })).toBe(FAST);
  });

  it('tries twice where it takes the device along, and then no more', async () => {
    const memory = remembering();
    const kernel = kernelOf(SLOW, FAST);
    const dies = async (): Promise<void> => {
      const doomed = await newGpu();
      let slices = 0;
      const betweenSlices = () => {
        slices += 1;
        if (slices > 3) doomed.device.destroy();
      };
      const tuning = tunedVariant(doomed, kernel, {}, { memory, nowMs, betweenSlices });
      await expect(tuning).rejects.toThrow(GpuRunError);
    };
    await dies();
    // A tab that was closed in the middle looks the same: once is no proof.
    expect(await tunedVariant(gpu, kernel, {}, { memory, nowMs })).toBe(FAST);
    memory.answers.clear();
    await dies();
    await dies();
    expect(await tunedVariant(gpu, kernel, {}, { memory, nowMs })).toBe(SLOW);
  });

  it('takes no variant that fails when it is timed', async () => {
    const memory = remembering();
    const kernel = kernelOf(SLOW, FAST);
    let planned = 0;
    const failing: RunnableKernel = {
      ...kernel,
      manifest: {
        ...kernel.manifest,
        plan: (params, shape, chosen) => {
          // For its runner, for its first run, and for the first that is timed.
          if (chosen === FAST && ++planned > 2) throw new Error('no more');
          return kernel.manifest.plan(params, shape, chosen);
        },
      },
    };
    expect(await tunedVariant(gpu, failing, {}, { memory, nowMs })).toBe(SLOW);
    expect(planned).toBe(3);
  });

  it('ends where it is called off, and is done anew then', async () => {
    const memory = remembering();
    const kernel = kernelOf(SLOW, FAST);
    let slices = 0;
    const betweenSlices = () => {
      slices += 1;
      if (slices > 3) throw new Error('called off');
    };
    const tuning = tunedVariant(gpu, kernel, {}, { memory, nowMs, betweenSlices });
    await expect(tuning).rejects.toThrow('called off');
    const calledOff = AbortSignal.abort(new Error('closed'));
    await expect(tunedVariant(gpu, kernel, {}, { memory, signal: calledOff })).rejects.toThrow(
      'closed',
    );
    expect(await tunedVariant(gpu, kernel, {}, { memory, nowMs })).toBe(FAST);
  });

  it('does without a memory that fails', async () => {
    const refused = () => Promise.reject(new Error('storage is forbidden'));
    const memory = { get: refused, set: refused };
    expect(await tunedVariant(gpu, kernelOf(SLOW, FAST), {}, { memory, nowMs })).toBe(FAST);
  });

  it('gives its buffers back, and says that the device was lost', async () => {
    const other = await newGpu();
    const heldAfter = async (): Promise<number> => {
      await tunedVariant(other, kernelOf(SLOW, FAST), {}, { nowMs });
      other.pool.trim();
      return other.pool.counts.created - other.pool.counts.destroyed;
    };
    // The readback ring keeps what it has.
    const held = await heldAfter();
    expect(await heldAfter()).toBe(held);
    const pending = tunedVariant(other, kernelOf(SLOW, FAST), { again: 1 }, { nowMs });
    other.device.destroy();
    await expect(pending).rejects.toThrow(GpuRunError);
  });
});
