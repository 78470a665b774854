/** The reference by hand, and what the manifest says of itself. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { ONLY_VARIANT } from '../variants.ts';
import { MAX_SORT_LENGTH, sortManifest, sortParams } from './manifest.ts';
import { sortReference } from './reference.ts';

const sorted = (given: object, keys: readonly number[], values?: readonly number[]): number[][] => {
  const params = sortParams.parse({ length: keys.length, ...given });
  const words = (them: readonly number[]) => tensorOf('U32', [them.length], Uint32Array.from(them));
  const inputs = { keys: words(keys), ...(values === undefined ? {} : { values: words(values) }) };
  const made = Object.values(sortReference(params, 0, inputs));
  return made.map((it) => [...(valuesOf(it) as Uint32Array)]);
};

describe('sortReference', () => {
  it('sorts unsigned keys both ways', () => {
    expect(sorted({}, [3, 0xffffffff, 0, 2 ** 31, 3])).toEqual([[0, 3, 3, 2 ** 31, 0xffffffff]]);
    expect(sorted({ descending: true }, [3, 0xffffffff, 0])).toEqual([[0xffffffff, 3, 0]]);
  });

  it('keeps the order of equal keys both ways, with what travels along', () => {
    const keys = [2, 1, 2, 1];
    expect(sorted({ values: 'places' }, keys)).toEqual([
      [1, 1, 2, 2],
      [1, 3, 0, 2],
    ]);
    const given = { values: 'given', descending: true };
    expect(sorted(given, keys, [10, 11, 12, 13])).toEqual([
      [2, 2, 1, 1],
      [10, 12, 11, 13],
    ]);
  });

  it('orders by the lower bits alone where it is told to', () => {
    expect(sorted({ keyBits: 8 }, [0x1ff, 0x201, 0x300])).toEqual([[0x300, 0x201, 0x1ff]]);
  });
});

describe('sortManifest', () => {
  it('takes parameters up to each limit and refuses them beyond', () => {
    const accepts = (change: object) => sortParams.safeParse({ length: 5, ...change }).success;
    expect([1, MAX_SORT_LENGTH].map((length) => accepts({ length }))).toEqual([true, true]);
    expect([0, MAX_SORT_LENGTH + 1].map((length) => accepts({ length }))).toEqual([false, false]);
    expect(accepts({ keyBits: 24 })).toBe(true);
    expect(accepts({ keyBits: 12 })).toBe(false);
    expect(accepts({ values: 'all' })).toBe(false);
  });

  it.each(['none', 'given', 'places'] as const)(
    'plans 2 dispatches and 4 for each digit: %s',
    (values) => {
      for (const keyBits of [8, 16, 24, 32] as const) {
        const params = sortParams.parse({ length: 70_000, keyBits, values });
        const strides = { keys: 70_000, values: 70_000 };
        const { passes } = sortManifest.plan(params, { rows: 2, strides }, ONLY_VARIANT);
        expect(passes).toHaveLength(2 + (4 * keyBits) / 8);
        // Eight pipelines, however many digits: each takes a software adapter 10 to 100 ms.
        const pipelines = passes.map(({ entryPoint, constants }) =>
          JSON.stringify([entryPoint, constants]),
        );
        expect(new Set(pipelines).size).toBeLessThanOrEqual(8);
      }
    },
  );

  it('plans lanes that cover the keys, none of them empty', () => {
    for (const length of [1, 1024, 1025, 2049, 70_000, MAX_SORT_LENGTH - 1, MAX_SORT_LENGTH]) {
      const params = sortParams.parse({ length });
      const shape = { rows: 1, strides: { keys: 0 } };
      const { LANES, PER_LANE } = sortManifest.plan(params, shape, ONLY_VARIANT).passes[1]!
        .constants;
      expect(LANES! * PER_LANE!).toBeGreaterThanOrEqual(length);
      expect((LANES! - 1) * PER_LANE!).toBeLessThan(length);
      expect(LANES).toBeLessThanOrEqual(1024);
    }
  });
});
