/** The reference by hand, and what the manifest says of itself. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { ONLY_VARIANT } from '../variants.ts';
import { MAX_SCAN_LENGTH, scanManifest, scanParams } from './manifest.ts';
import { scanReference } from './reference.ts';

const scanned = (given: object, ...values: number[]): number[] => {
  const params = scanParams.parse({ length: values.length, ...given });
  const data = params.dtype === 'U32' ? Uint32Array.from(values) : Int32Array.from(values);
  const x = tensorOf(params.dtype, [values.length], data);
  return [...(valuesOf(scanReference(params, 0, { x })['sums']!) as Uint32Array)];
};

describe('scanReference', () => {
  it('gives the published example, with and without the value itself', () => {
    // Blelloch (1990), section 1.
    expect(scanned({}, 3, 1, 7, 0, 4, 1, 6, 3)).toEqual([3, 4, 11, 11, 15, 16, 22, 25]);
    expect(scanned({ inclusive: false }, 3, 1, 7, 0, 4, 1, 6, 3)).toEqual([
      0, 3, 4, 11, 11, 15, 16, 22,
    ]);
  });

  it('wraps at 32 bits', () => {
    expect(scanned({}, 0xffffffff, 2, 0xffffffff)).toEqual([0xffffffff, 1, 0]);
    expect(scanned({ dtype: 'I32' }, 0x7fffffff, 1, -5)).toEqual([
      0x7fffffff,
      -(2 ** 31),
      2147483643,
    ]);
  });
});

describe('scanManifest', () => {
  it('takes lengths up to the limit and refuses them beyond', () => {
    const accepts = (length: number) => scanParams.safeParse({ length }).success;
    expect([1, MAX_SCAN_LENGTH].map(accepts)).toEqual([true, true]);
    expect([0, 1.5, MAX_SCAN_LENGTH + 1].map(accepts)).toEqual([false, false, false]);
    expect(scanParams.safeParse({ length: 5, dtype: 'F32' }).success).toBe(false);
  });

  it('plans chunks that cover an item, none of them empty', () => {
    for (const length of [1, 64, 65, 65_537, 65_601, MAX_SCAN_LENGTH - 1, MAX_SCAN_LENGTH]) {
      const params = scanParams.parse({ length });
      const shape = { rows: 2, strides: { x: length } };
      const [first] = scanManifest.plan(params, shape, ONLY_VARIANT).passes;
      const { CHUNKS, PER_CHUNK } = first!.constants;
      expect(CHUNKS! * PER_CHUNK!).toBeGreaterThanOrEqual(length);
      expect((CHUNKS! - 1) * PER_CHUNK!).toBeLessThan(length);
      expect(CHUNKS).toBeLessThanOrEqual(1024);
      expect(first!.workgroups[0] * 64).toBeGreaterThanOrEqual(CHUNKS!);
    }
  });
});
