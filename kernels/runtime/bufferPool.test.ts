/** The pool on a device whose memory the test measures out: what no real one does on request. */
import { describe, expect, it } from 'vitest';
import { align4, BufferPool } from './bufferPool.ts';

/** Only as many bytes at once. */
function deviceOf(room: number): GPUDevice {
  let used = 0;
  const errors: (Error | null)[] = [];
  const device = {
    limits: { maxBufferSize: 1000 },
    pushErrorScope: () => errors.push(null),
    popErrorScope: () => Promise.resolve(errors.pop()),
    createBuffer: ({ size, usage }: GPUBufferDescriptor) => {
      if (Number.isNaN(size)) throw new TypeError('expected a size');
      const hasRoom = used + size <= room;
      if (hasRoom) used += size;
      else errors[errors.length - 1] = new Error('full');
      return { size, usage, destroy: () => (used -= hasRoom ? size : 0) };
    },
    scopes: errors,
  };
  return device as unknown as GPUDevice;
}

describe('BufferPool', () => {
  it('makes room of what nobody holds, and says when there is none', async () => {
    const pool = new BufferPool(deviceOf(100));
    const idle = await pool.acquire(60, 1);
    if (!idle.ok) throw new Error(idle.error.kind);
    pool.release(idle.value);
    const held = await pool.acquire(80, 1);
    expect(held.ok).toBe(true);
    expect(pool.counts).toEqual({ created: 3, destroyed: 2 });
    expect(await pool.acquire(40, 1)).toMatchObject({
      ok: false,
      error: { kind: 'out-of-memory', expectedBytes: 40 },
    });
    expect(pool.counts).toEqual({ created: 4, destroyed: 3 });
  });

  it('leaves no error scope open where a buffer cannot be asked for', async () => {
    const device = deviceOf(100);
    await expect(new BufferPool(device).acquire(NaN, 1)).rejects.toThrow(TypeError);
    expect((device as unknown as { scopes: unknown[] }).scopes).toEqual([]);
  });
});

it('align4 keeps what is beyond 31 bits', () => {
  expect([0, 1, 4, 2 ** 31 - 3, 2 ** 31 + 1].map(align4)).toEqual([0, 4, 4, 2 ** 31, 2 ** 31 + 4]);
});
