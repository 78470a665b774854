/** The pool, the ring and the pipeline cache on a real implementation of WebGPU. */
import { afterAll, describe, expect, it } from 'vitest';
import montecarloText from '../montecarlo/montecarlo.wgsl?raw';
import { nodeGpu } from '../testing/gpu.ts';
import { countCalls } from '../testing/watchedDevice.ts';
import { BufferPool } from './bufferPool.ts';
import { PipelineCache } from './pipelineCache.ts';
import { READBACK_SLOTS, ReadbackRing, type ReadbackSlot } from './readbackRing.ts';

const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';
const MiB = 1024 * 1024;

describe.skipIf(found.kind === 'none')(`GPU resources${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());
  const usage = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;

  async function acquired(pool: BufferPool, sizeBytes: number, flags = usage()) {
    const made = await pool.acquire(sizeBytes, flags);
    if (!made.ok) throw new Error(made.error.kind);
    return made.value;
  }

  it('lends a returned buffer again for the same size and usage only', async () => {
    const pool = new BufferPool(device);
    const first = await acquired(pool, 64);
    expect(await acquired(pool, 64)).not.toBe(first);
    pool.release(first);
    expect(await acquired(pool, 68)).not.toBe(first);
    expect(await acquired(pool, 64, GPUBufferUsage.STORAGE)).not.toBe(first);
    expect(await acquired(pool, 64)).toBe(first);
    expect(pool.counts).toEqual({ created: 4, destroyed: 0 });
    pool.dispose();
    expect(pool.counts).toEqual({ created: 4, destroyed: 4 });
  });

  it('refuses a release of what it did not lend, twice included', async () => {
    const pool = new BufferPool(device);
    const buffer = await acquired(pool, 64);
    pool.release(buffer);
    expect(() => pool.release(buffer)).toThrow('not lent');
    pool.dispose();
    await expect(pool.acquire(64, usage())).rejects.toThrow('after dispose');
  });

  it('keeps at most 256 MiB idle, the longest idle destroyed first', async () => {
    const pool = new BufferPool(device);
    const buffers = [];
    for (const size of [100, 101, 102]) buffers.push(await acquired(pool, size * MiB));
    for (const buffer of buffers) pool.release(buffer);
    expect(pool.counts.destroyed).toBe(1);
    expect(await acquired(pool, 102 * MiB)).toBe(buffers[2]);
    expect(await acquired(pool, 101 * MiB)).toBe(buffers[1]);
    pool.trim();
    pool.dispose();
    expect(pool.counts).toEqual({ created: 3, destroyed: 3 });
  });

  it('says that a buffer beyond the limit is too large, without asking the driver', async () => {
    const pool = new BufferPool(device);
    const max = device.limits.maxBufferSize;
    const made = await pool.acquire(max + 4, usage());
    expect(made).toMatchObject({ ok: false, error: { kind: 'too-large', max, came: max + 4 } });
    expect(pool.counts.created).toBe(0);
  });

  it('reads several results at once, and makes the next taker wait for a slot', async () => {
    const pool = new BufferPool(device);
    const ring = new ReadbackRing(pool);
    const source = await acquired(pool, 16);
    const slots: ReadbackSlot[] = [];
    for (let i = 0; i < READBACK_SLOTS; i++) {
      const slot = await ring.take(16);
      if (!slot.ok) throw new Error(slot.error.kind);
      device.queue.writeBuffer(source, 0, Uint32Array.of(i, i, i, 7));
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(source, 0, slot.value.buffer, 0, 16);
      device.queue.submit([encoder.finish()]);
      slots.push(slot.value);
    }
    let isFourthGiven = false;
    const fourth = ring.take(16).then((slot) => {
      isFourthGiven = true;
      return slot;
    });
    await device.queue.onSubmittedWorkDone();
    expect(isFourthGiven).toBe(false);
    const read = await Promise.all(slots.map((slot) => slot.read(16)));
    expect(read.map((bytes) => [...new Uint32Array(bytes.buffer)])).toEqual([
      [0, 0, 0, 7],
      [1, 1, 1, 7],
      [2, 2, 2, 7],
    ]);
    const given = await fourth;
    expect(given.ok && slots.some(({ buffer }) => buffer === given.value.buffer)).toBe(true);
    pool.dispose();
    expect(pool.counts).toEqual({ created: 1 + READBACK_SLOTS, destroyed: 1 + READBACK_SLOTS });
  });

  it('compiles a pipeline once, again for other constants, and forgets the least used of many', async () => {
    const cache = new PipelineCache(device);
    const calls = countCalls(device, ['createComputePipelineAsync']);
    const bindings = ['a', 'b', 'c'].map((name) => ({ name, access: 'read-write' as const }));
    const text = `
      @group(0) @binding(0) var<uniform> base: vec4u;
      @group(0) @binding(3) var<storage, read_write> c: array<u32>;
      override VALUE: u32;
      @compute @workgroup_size(1) fn main() { c[base.x] = VALUE; }`;
    const kernel = cache.kernel('constant', text, bindings);
    const first = await kernel.pipeline('main', { VALUE: 0 });
    expect(first.ok).toBe(true);
    expect(await kernel.pipeline('main', { VALUE: 0 })).toBe(first);
    expect(calls.createComputePipelineAsync).toBe(1);
    for (let value = 1; value <= 64; value++) await kernel.pipeline('main', { VALUE: value });
    expect(calls.createComputePipelineAsync).toBe(65);
    await kernel.pipeline('main', { VALUE: 64 });
    expect(calls.createComputePipelineAsync).toBe(65);
    await kernel.pipeline('main', { VALUE: 0 });
    expect(calls.createComputePipelineAsync).toBe(66);
    expect(cache.compiled).toBe(66);
    const other = cache.kernel('other', montecarloText, bindings);
    expect(await other.pipeline('absent', {})).toMatchObject({
      ok: false,
      error: { kind: 'compile', entryPoint: 'absent' },
    });
  });
});
