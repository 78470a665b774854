/**
 * The runner on a real implementation of WebGPU: buffers, slices, cancellation, lack of memory, device loss.
 * Whether the kernels compute rightly is tested in their folders.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { runBatch, type ItemBatch } from '../../shared/program.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { loadKernel } from '../loadKernel.ts';
import { KernelInputError } from '../batchInputs.ts';
import { referenceRunner } from '../referenceRunner.ts';
import { EXAMPLE_PARAMS } from '../testing/examples.ts';
import { nodeGpu } from '../testing/gpu.ts';
import { caseBatch } from '../testing/kernelCase.ts';
import { countCalls, withMemoryLimit } from '../testing/watchedDevice.ts';
import { GpuRunError } from './failure.ts';
import { gpuKernelRunner, type GpuRunnerOptions } from './gpuKernelRunner.ts';
import { KernelDevice } from './kernelDevice.ts';
import { READBACK_SLOTS } from './readbackRing.ts';

const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`gpuKernelRunner${skipped}`, () => {
  const devices: GPUDevice[] = [];
  afterEach(() => {
    for (const device of devices.splice(0)) device.destroy();
  });
  const freshDevice = async (): Promise<GPUDevice> => {
    if (found.kind === 'none') throw new Error(found.reason);
    const device = await (await found.gpu.requestAdapter())!.requestDevice();
    devices.push(device);
    return device;
  };

  async function setUp(
    id: string,
    device: GPUDevice,
    { shader, ...options }: GpuRunnerOptions & { shader?: string } = {},
    params?: object,
  ) {
    const entry = (await loadKernel(id))!;
    const parsed = entry.manifest.params.parse(params ?? EXAMPLE_PARAMS[entry.manifest.name]);
    const kernels = new KernelDevice(device);
    const runner = gpuKernelRunner(
      kernels,
      shader === undefined ? entry : { ...entry, shader },
      parsed,
      options,
    );
    const outputs = entry.manifest.outputs(parsed);
    const agree = async (batch: ItemBatch) => {
      const [gpu, cpu] = [
        await runBatch(runner, batch, outputs),
        await runBatch(referenceRunner(entry, parsed), batch, outputs),
      ];
      return compareOutputs(gpu, cpu, batch.items.length, entry.manifest.acceptance).kind;
    };
    return { entry, params: parsed, kernels, runner, outputs, agree };
  }

  it.each(['matmul@1', 'montecarlo@1', 'nbody@1'])(
    '%s creates no GPU buffer once warm, and destroys all it created',
    async (id) => {
      const device = await freshDevice();
      const calls = countCalls(device, ['createBuffer']);
      // A clock that stands still: the calibration cannot change the buffers' sizes half-way.
      const { entry, params, kernels, runner, agree } = await setUp(id, device, { now: () => 0 });
      const batch = (seed: number) =>
        caseBatch(entry, params, 9, { items: Array.from({ length: 9 }, (_, i) => seed + i) });
      await agree(batch(0));
      await agree(batch(100));
      const warm = calls.createBuffer;
      expect(warm).toBeGreaterThan(0);
      for (let run = 0; run < 5; run++) expect(await agree(batch(run))).toBe('agree');
      expect(calls.createBuffer).toBe(warm);
      await runner.dispose();
      // A second runner takes over the buffers of the first.
      const next = gpuKernelRunner(kernels, entry, params);
      await next.run(batch(0), 0, 9);
      await next.dispose();
      expect(calls.createBuffer).toBe(warm);
      kernels.dispose();
      expect(kernels.pool.counts).toEqual({ created: warm, destroyed: warm });
    },
  );

  it('uploads a constant once, and again when it is another tensor', async () => {
    const device = await freshDevice();
    const { entry, params, runner, agree } = await setUp('matmul@1', device);
    const batch = caseBatch(entry, params, 4, { constant: ['b'] });
    expect(await agree(batch)).toBe('agree');
    const constantBytes = batch.constants['b']!.bytes.byteLength;
    const written: number[] = [];
    const write = device.queue.writeBuffer.bind(device.queue);
    device.queue.writeBuffer = (buffer, offset, data, ...rest) => {
      written.push(data.byteLength);
      write(buffer, offset, data, ...rest);
    };
    expect(await agree(batch)).toBe('agree');
    expect(written.length).toBeGreaterThan(0);
    expect(written).not.toContain(constantBytes);
    const other = tensorOf(
      'F32',
      [7, 3],
      Float32Array.from({ length: 21 }, (_, i) => i),
    );
    expect(await agree({ ...batch, constants: { b: other } })).toBe('agree');
    expect(written).toContain(constantBytes);
    await runner.dispose();
  });

  /** A clock by which every slice takes 5 s, so that the runner comes to cut as finely as it can. */
  function slowClock(): () => number {
    let clockMs = 0;
    return () => (clockMs += 5000);
  }
  const long = { bodies: 200, steps: 20, dtSeconds: 0.01, softeningMetres: 0.1 };
  const longValues = (i: number) => (i % 4 === 3 ? 0.01 : Math.sin(i));

  it('cuts a run whose work exceeds a slice, and tells the caller between slices', async () => {
    let slices = 0;
    const options = { now: slowClock(), betweenSlices: () => void (slices += 1) };
    const { entry, params, runner, agree } = await setUp(
      'nbody@1',
      await freshDevice(),
      options,
      long,
    );
    const batch = caseBatch(entry, params, 1, { values: longValues });
    for (let run = 0; run < 3; run++) await runner.run(batch, 0, 1);
    slices = 0;
    expect(await agree(batch)).toBe('agree');
    // 21 kicks of 4 workgroups each, every workgroup in a slice of its own.
    expect(slices).toBeGreaterThanOrEqual(84);
    expect(runner.itemsPerRun).toBe(1);
  });

  it('stops between two slices when cancelled, and runs again afterwards', async () => {
    const abort = new AbortController();
    const options: GpuRunnerOptions = {
      signal: abort.signal,
      betweenSlices: () => abort.abort(new Error('the visitor paused')),
    };
    const device = await freshDevice();
    const { entry, params, kernels, runner } = await setUp('nbody@1', device, options);
    const batch = caseBatch(entry, params, 2);
    await expect(runner.run(batch, 0, 2)).rejects.toThrow('the visitor paused');
    await runner.dispose();
    const again = gpuKernelRunner(kernels, entry, params);
    expect((await again.run(batch, 0, 2))['finalPositions']!.dims).toEqual([2, 6, 4]);
  });

  it('takes more rows per run as it learns how fast the GPU is', async () => {
    const device = await freshDevice();
    let clockMs = 0;
    const options = { now: () => (clockMs += 0.5) };
    const { entry, params, runner } = await setUp('matmul@1', device, options, {
      m: 256,
      k: 256,
      n: 256,
    });
    expect(runner.msPerItem).toBeUndefined();
    const before = runner.itemsPerRun;
    const batch = caseBatch(entry, params, 2);
    for (let i = 0; i < 4; i++) await runner.run(batch, 0, 2);
    expect(runner.itemsPerRun).toBeGreaterThan(before);
    expect(Math.log2(runner.itemsPerRun) % 1).toBe(0);
    expect(runner.msPerItem).toBeGreaterThan(0);
  });

  it('answers runs that were asked for at once, each with its own rows', async () => {
    const { entry, params, runner, outputs } = await setUp('montecarlo@1', await freshDevice());
    const items = Array.from({ length: 3 * READBACK_SLOTS }, (_, i) => 50 + i);
    const batch = caseBatch(entry, params, items.length, { items });
    const expected = await runBatch(referenceRunner(entry, params), batch, outputs);
    const all = await Promise.all(items.map((_, row) => runner.run(batch, row, row + 1)));
    all.forEach(({ hits }, row) =>
      expect(hits!.bytes).toEqual(expected['hits']!.bytes.subarray(4 * row, 4 * row + 4)),
    );
  });

  it('halves its rows when the GPU has no memory for them, and stays there', async () => {
    const device = withMemoryLimit(await freshDevice(), 20_000);
    const { entry, params, runner, agree } = await setUp(
      'matmul@1',
      device,
      {},
      { m: 20, k: 20, n: 20 },
    );
    expect(await agree(caseBatch(entry, params, 32))).toBe('agree');
    expect(runner.itemsPerRun).toBeLessThanOrEqual(8);
  });

  it('rejects with out-of-memory where one row alone is too much', async () => {
    const device = withMemoryLimit(await freshDevice(), 1_000);
    const { entry, params, kernels, runner } = await setUp(
      'matmul@1',
      device,
      {},
      { m: 20, k: 20, n: 20 },
    );
    const failing = runner.run(caseBatch(entry, params, 2), 0, 2);
    await expect(failing).rejects.toMatchObject({ failure: { kind: 'out-of-memory' } });
    await runner.dispose();
    kernels.dispose();
    const { created, destroyed } = kernels.pool.counts;
    expect(destroyed).toBe(created);
  });

  it('rejects what no driver would compile, with the line', async () => {
    const options = { shader: 'fn tile8() { this is not WGSL }' };
    const { entry, params, runner } = await setUp('matmul@1', await freshDevice(), options);
    const failing = runner.run(caseBatch(entry, params, 1), 0, 1);
    await expect(failing).rejects.toMatchObject({ failure: { kind: 'compile' } });
    await expect(failing).rejects.toThrow(/line 1:/);
  });

  it('rejects a batch that lacks an input, and survives it', async () => {
    const { entry, params, runner } = await setUp('matmul@1', await freshDevice());
    const batch = caseBatch(entry, params, 1);
    await expect(runner.run({ ...batch, stacked: {} }, 0, 1)).rejects.toThrow(KernelInputError);
    expect((await runner.run(batch, 0, 1))['c']!.dims).toEqual([1, 5, 3]);
  });

  it('rejects with device-lost when the device goes in the middle of a run, and ever after', async () => {
    const device = await freshDevice();
    let slicesLeft = Infinity;
    const options: GpuRunnerOptions = {
      now: slowClock(),
      betweenSlices: () => {
        slicesLeft -= 1;
        if (slicesLeft === 0) device.destroy();
      },
    };
    const { entry, params, kernels, runner } = await setUp('nbody@1', device, options, long);
    const batch = caseBatch(entry, params, 1, { values: longValues });
    for (let run = 0; run < 2; run++) await runner.run(batch, 0, 1);
    slicesLeft = 3;
    const failing = runner.run(batch, 0, 1);
    await expect(failing).rejects.toBeInstanceOf(GpuRunError);
    await expect(failing).rejects.toMatchObject({ failure: { kind: 'device-lost' } });
    await expect(runner.run(batch, 0, 1)).rejects.toMatchObject({
      failure: { kind: 'device-lost' },
    });
    expect(kernels.loss).toMatchObject({ kind: 'device-lost', reason: 'destroyed' });
    await runner.dispose();
    kernels.dispose();
    expect(kernels.pool.counts.destroyed).toBe(kernels.pool.counts.created);
  });
});
