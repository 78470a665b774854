/** Which devices are offered what, and the text that comes of it: no GPU. */
import { describe, expect, it } from 'vitest';
import { LEAST_TRAITS, type DeviceTraits } from '../variants.ts';
import type { ProductModule } from './elements.ts';
import { allowsVectors, packedVariants, productText, productVariants } from './plan.ts';
import { scalarProduct } from './registers.ts';
import { sharedBytes } from './tiled.ts';

const SIDES = { m: 64, k: 64, n: 64, transposeA: false, transposeB: false };
const MODULE: ProductModule = {
  title: 'a test',
  element: 'f32',
  transposeA: false,
  transposeB: false,
  epilogue: (value) => value,
};
const names = (traits: Partial<DeviceTraits>, sides = SIDES) =>
  productVariants(sides, { ...LEAST_TRAITS, ...traits }).map(({ name }) => name);

describe('productVariants', () => {
  it('shares nothing on software, shares last where caches do it, and first elsewhere', () => {
    expect(names({ isSoftware: true })).toEqual(['vectors-8x8', 'vectors-4x8']);
    const large = { ...SIDES, m: 256, n: 512 };
    expect(names({ isSoftware: true }, large)[0]).toBe('vectors-16x16');
    expect(names({ vendor: 'apple' })[0]).toBe('vectors-8x8');
    expect(names({ vendor: 'apple' }).at(-1)).toMatch(/^tiled/);
    expect(names({ vendor: 'nvidia' })[0]).toBe('tiled-4x4-by-16');
    expect(names({ vendor: 'nvidia' }).at(-1)).toMatch(/^vectors/);
  });

  it('reads single values where a side is no multiple of four', () => {
    for (const odd of [{ k: 63 }, { n: 62 }, { m: 61, transposeA: true }]) {
      expect(allowsVectors({ ...SIDES, ...odd })).toBe(false);
      expect(names({ isSoftware: true }, { ...SIDES, ...odd })).toEqual(['scalars-8x8']);
    }
    expect(allowsVectors({ ...SIDES, m: 61 })).toBe(true);
  });

  it.each([16_384, 8_192, 4_096, 0])('keeps to %i bytes and few threads', (maxWorkgroupBytes) => {
    for (const maxWorkgroupThreads of [256, 128, 32]) {
      const offered = productVariants(SIDES, {
        ...LEAST_TRAITS,
        maxWorkgroupBytes,
        maxWorkgroupThreads,
      });
      expect(offered.length).toBeGreaterThan(0);
      for (const { family, options } of offered.filter((it) => it.family === 'tiled')) {
        const { threads, rows, columns, depth } = options as Record<string, number>;
        const tile = { threads: threads!, rows: rows!, columns: columns!, depth: depth! };
        expect(family).toBe('tiled');
        expect(sharedBytes(tile)).toBeLessThanOrEqual(maxWorkgroupBytes);
        expect(tile.threads ** 2).toBeLessThanOrEqual(maxWorkgroupThreads);
      }
    }
  });
});

describe('productText', () => {
  const all = productVariants(SIDES, { ...LEAST_TRAITS, vendor: 'nvidia' });

  it.each(all)('is a module of one entry point: $name', (variant) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const text = productText({ ...MODULE, transposeA, transposeB }, variant);
        expect(text.split('@compute')).toHaveLength(2);
        expect(text).not.toContain('undefined');
        expect(text.includes('workgroupBarrier')).toBe(variant.family === 'tiled');
      }
    }
  });

  it('unpacks what is packed, and sums bytes in integers', () => {
    const [first] = packedVariants;
    const half = productText({ ...MODULE, element: 'f16' }, first!);
    expect(half).toContain('unpack2x16float');
    expect(half).toContain('var c0_0 = vec4f();');
    const byte = productText({ ...MODULE, element: 'i8' }, first!);
    expect(byte).toContain('var<storage, read_write> c: array<vec4i>;');
    expect(byte).not.toMatch(/f32|vec4f/);
  });

  it('is short for a small tile', () => {
    expect(scalarProduct(MODULE, { threads: 8, rows: 1, columns: 4 })).toMatchSnapshot();
  });
});
