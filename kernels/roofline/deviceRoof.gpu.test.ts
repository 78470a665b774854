import { afterAll, describe, expect, it } from 'vitest';
import { KernelDevice } from '../runtime/kernelDevice.ts';
import { nodeGpu, wholeDevice } from '../testing/gpu.ts';
import { copying, measureRoof, peaking, STEPS_PER_ROUND, submitted } from './deviceRoof.ts';

const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`the roofs of a device${skipped}`, async () => {
  const device = found.kind === 'found' ? await wholeDevice(found.gpu) : null!;
  afterAll(() => device.destroy());

  const usage = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;

  async function taken(gpu: KernelDevice, sizeBytes: number): Promise<GPUBuffer> {
    const made = await gpu.pool.acquire(sizeBytes, usage());
    if (!made.ok) throw new Error(made.error.kind);
    return made.value;
  }

  async function read(gpu: KernelDevice, buffer: GPUBuffer): Promise<Float32Array> {
    const slot = await gpu.readback.take(buffer.size);
    if (!slot.ok) throw new Error(slot.error.kind);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, slot.value.buffer, 0, buffer.size);
    device.queue.submit([encoder.finish()]);
    return new Float32Array((await slot.value.read(buffer.size)).buffer);
  }

  it('copies all of a buffer, also where it is no multiple of the threads', async () => {
    const gpu = new KernelDevice(device);
    // Once around all threads, and 3 values more.
    const values = Float32Array.from({ length: 4 * (65_536 + 3) }, (_, i) => i % 8191);
    const [from, to] = [await taken(gpu, values.byteLength), await taken(gpu, values.byteLength)];
    device.queue.writeBuffer(from, 0, values);
    await submitted(gpu, await copying(gpu, from, to), 1);
    expect(await read(gpu, to)).toEqual(values);
    gpu.dispose();
  });

  it.each([1, 2, 64])('does the multiply-adds that it counts, in %i rounds', async (rounds) => {
    const gpu = new KernelDevice(device);
    const threads = 300;
    const [factors, sums] = [await taken(gpu, 32), await taken(gpu, 16 * threads)];
    device.queue.writeBuffer(factors, 0, new Float32Array(8).fill(0.5));
    await submitted(gpu, await peaking(gpu, factors, sums, rounds), 1);
    // Every step halves the way to 1.
    const left = 2 ** -(STEPS_PER_ROUND * rounds);
    const chains = [0, 2, 4, 6, 8, 10, 12, 14];
    const sum = (start: number) =>
      chains.reduce((all, chain) => all + 1 + (start + chain - 1) * left, 0);
    const values = await read(gpu, sums);
    for (let thread = 0; thread < threads; thread++)
      for (let lane = 0; lane < 4; lane++)
        expect(values[4 * thread + lane]).toBeCloseTo(sum(thread % 2), 4);
    gpu.dispose();
  });

  it('measures both, and gives its buffers back', async () => {
    const gpu = new KernelDevice(device);
    const roof = await measureRoof(gpu, { measureMs: 60 });
    expect(roof).toMatchObject({ ok: true });
    if (!roof.ok) return;
    expect(roof.value.bytesPerSecond).toBeGreaterThan(1e7);
    expect(roof.value.flopsPerSecond).toBeGreaterThan(1e7);
    console.log(
      `copy ${(roof.value.bytesPerSecond / 1e9).toFixed(2)} GB/s, peak ${(roof.value.flopsPerSecond / 1e9).toFixed(2)} GFLOP/s`,
    );
    gpu.pool.trim();
    const { created, destroyed } = gpu.pool.counts;
    expect(destroyed).toBe(created);
    gpu.dispose();
  });

  it('says that the device was lost', async () => {
    const lost = await wholeDevice((found as { gpu: GPU }).gpu);
    const gpu = new KernelDevice(lost);
    const measuring = measureRoof(gpu, { measureMs: 5_000 });
    setTimeout(() => lost.destroy(), 100);
    expect(await measuring).toMatchObject({ ok: false, error: { kind: 'device-lost' } });
    gpu.dispose();
  });
});
