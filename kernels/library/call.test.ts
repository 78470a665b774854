/** What a call means, from shapes alone. */
import { describe, expect, it } from 'vitest';
import { findKernel } from '../catalog.ts';
import { KernelCallError, resolveCall, type ArraySpec } from './call.ts';

const matmul = findKernel('matmul@1')!.manifest;
const PARAMS = { m: 2, k: 3, n: 4 };
const f32 = (...shape: number[]): ArraySpec => ({ dtype: 'F32', shape });
const resolve = (a: ArraySpec, b: ArraySpec) => resolveCall(matmul, PARAMS, { a, b });

describe('resolveCall', () => {
  it('is one item where no array has further axes', () => {
    const { items, outputs } = resolve(f32(2, 3), f32(3, 4));
    expect(items).toEqual([0]);
    expect(outputs).toEqual({ c: f32(2, 4) });
  });

  it('takes axes before those of an item for items, and arrays without them for shared', () => {
    const { items, constants, outputs } = resolve(f32(5, 7, 2, 3), f32(3, 4));
    expect(items).toHaveLength(35);
    expect([...constants]).toEqual(['b']);
    expect(outputs).toEqual({ c: f32(5, 7, 2, 4) });
    expect([...resolve(f32(2, 2, 3), f32(2, 3, 4)).constants]).toEqual([]);
  });

  it('takes indices of items for kernels without inputs', () => {
    const { manifest } = findKernel('montecarlo@1')!;
    const params = { dimensions: 2, samplesPerItem: 4, seed: 1 };
    expect(resolveCall(manifest, params, {}, [7, 9])).toMatchObject({
      items: [7, 9],
      outputs: { hits: { dtype: 'U32', shape: [2] } },
    });
    expect(resolveCall(manifest, params, {}).items).toEqual([0]);
    const inputs = { a: f32(3, 2, 3), b: f32(3, 4) };
    expect(resolveCall(matmul, PARAMS, inputs, [4, 5, 6]).items).toEqual([4, 5, 6]);
    expect(() => resolveCall(matmul, PARAMS, inputs, [4])).toThrow(
      'expected 3 item indices, came 1',
    );
  });

  it.each([
    [
      'another dtype',
      () => resolve({ dtype: 'U32', shape: [2, 3] }, f32(3, 4)),
      /"a" as F32\[2,3\].*came U32\[2,3\]/,
    ],
    ['another shape', () => resolve(f32(3, 2), f32(3, 4)), /"a" as F32\[2,3\].*came F32\[3,2\]/],
    ['an array that is no item', () => resolve(f32(3), f32(3, 4)), /came F32\[3\]/],
    [
      'items that differ',
      () => resolve(f32(2, 2, 3), f32(3, 3, 4)),
      /expected \[2\] items of "b".*came \[3\]/,
    ],
    ['no items', () => resolve(f32(0, 2, 3), f32(3, 4)), /at least one item/],
    [
      'an input too few',
      () => resolveCall(matmul, PARAMS, { a: f32(2, 3) }),
      /"b" as .*came nothing/,
    ],
    [
      'an input too many',
      () => resolveCall(matmul, PARAMS, { x: f32(2, 3) }),
      /inputs a, b, came "x"/,
    ],
    [
      'other parameters',
      () => resolveCall(matmul, { ...PARAMS, m: 0 }, {}),
      /matmul@1: m: .*came \{"m":0/,
    ],
  ])('refuses %s, and says what it takes', (_, call, text) => {
    expect(call).toThrow(KernelCallError);
    expect(call).toThrow(text);
  });
});
