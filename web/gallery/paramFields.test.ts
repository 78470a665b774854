import * as z from 'zod/mini';
import { describe, expect, it } from 'vitest';
import { matmulManifest } from '../../kernels/matmul/manifest.ts';
import { montecarloManifest } from '../../kernels/montecarlo/manifest.ts';
import { sortManifest } from '../../kernels/sort/manifest.ts';
import type { KernelManifest } from '../../kernels/manifest.ts';
import { MAX_ITEM_FLOPS, fieldsOf, paramsOf, typedOf } from './paramFields.ts';

const matmul = matmulManifest as KernelManifest;
const sort = sortManifest as KernelManifest;
const montecarlo = montecarloManifest as KernelManifest;

describe('fieldsOf', () => {
  it('has the limits of numbers', () => {
    const side = { kind: 'number', least: 1, most: 4096, isWhole: true, isOptional: false };
    expect(fieldsOf(matmul).slice(0, 3)).toEqual(
      ['m', 'k', 'n'].map((name) => ({ ...side, name })),
    );
  });

  it('has a field of each kind', () => {
    const params = z.strictObject({
      scale: z.number(),
      mode: z.enum(['fast', 'exact']),
      bits: z.literal([8, 16]),
      causal: z._default(z.boolean(), false),
      dims: z.array(z.int()),
      centre: z.string(),
      steps: z.optional(z.int().check(z.minimum(1))),
    });
    const [isOptional, most] = [false, null];
    expect(fieldsOf({ params })).toEqual([
      { kind: 'number', name: 'scale', least: null, most, isWhole: false, isOptional },
      { kind: 'choice', name: 'mode', options: ['fast', 'exact'], isOptional },
      { kind: 'choice', name: 'bits', options: [8, 16], isOptional },
      { kind: 'switch', name: 'causal', isOptional },
      { kind: 'json', name: 'dims', isOptional },
      { kind: 'text', name: 'centre', isOptional },
      expect.objectContaining({ kind: 'number', name: 'steps', least: 1, isOptional: true }),
    ]);
  });
});

describe('paramsOf', () => {
  const typed = typedOf(montecarlo, { dimensions: 2, samplesPerItem: 64, seed: 5 });

  it('gives back what a form was filled with, defaults among it', () => {
    const given = { dimensions: '2', samplesPerItem: '64', seed: '5' };
    // What has no default stays empty, and absent.
    expect(typed).toEqual({ ...given, stream: '0', integrand: 'ball', steps: '' });
    const value = { dimensions: 2, samplesPerItem: 64, seed: 5, stream: 0, integrand: 'ball' };
    expect(paramsOf(montecarlo, typed, 3)).toEqual({ ok: true, value });
    expect(paramsOf(montecarlo, { ...typed, stream: '' }, 3)).toEqual({ ok: true, value });
  });

  it('takes choices as they are typed, texts and numbers', () => {
    const walks = { ...typed, integrand: 'walk', steps: '20' };
    const value = { integrand: 'walk', steps: 20 };
    expect(paramsOf(montecarlo, walks, 3)).toMatchObject({ ok: true, value });
    const keys = typedOf(sort, { length: 10, keyBits: 16, descending: true });
    expect(keys).toMatchObject({ keyBits: '16', descending: 'true' });
    expect(paramsOf(sort, keys, 1)).toMatchObject({ value: { keyBits: 16, descending: true } });
    const refused = { kind: 'refused', field: 'keyBits' };
    expect(paramsOf(sort, { ...keys, keyBits: '12' }, 1)).toMatchObject({ error: refused });
  });

  it.each(['9', '1.5', 'two', '"2"', '{}', 'null', ''])('refuses %j dimensions', (dimensions) => {
    const refused = { kind: 'refused', field: 'dimensions' };
    expect(paramsOf(montecarlo, { ...typed, dimensions }, 3)).toMatchObject({ error: refused });
  });

  it.each([0, -1, 1.5, NaN, 1e9])('refuses %d items', (items) => {
    expect(paramsOf(montecarlo, typed, items)).toMatchObject({ error: { kind: 'items' } });
  });

  it('refuses an item that the reference would take long for, and a run of too many', () => {
    const long = { m: '1200', k: '1024', n: '1024' };
    const error = { kind: 'too-much-work', most: MAX_ITEM_FLOPS };
    expect(paramsOf(matmul, long, 1)).toMatchObject({ error });
    const whole = { m: '512', k: '512', n: '512' };
    expect(paramsOf(matmul, whole, 1)).toMatchObject({ ok: true });
    expect(paramsOf(matmul, whole, 4096)).toMatchObject({ error: { kind: 'too-much-work' } });
  });

  it('refuses more data than a run has', () => {
    const wide = { m: '512', k: '1', n: '512' };
    expect(paramsOf(matmul, wide, 64)).toMatchObject({ ok: true });
    expect(paramsOf(matmul, wide, 128)).toMatchObject({ error: { kind: 'too-much-data' } });
  });
});
