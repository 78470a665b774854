/** Which way of treating rows a device is offered, and how rows of all items become workgroups. */
import { describe, expect, it } from 'vitest';
import { rowPlan, rowVariants } from './rows.ts';
import { LEAST_TRAITS } from './variants.ts';

const SOFTWARE = { ...LEAST_TRAITS, isSoftware: true };
const APPLE = { ...LEAST_TRAITS, vendor: 'apple', features: ['subgroups'] };
const DISCRETE = { ...LEAST_TRAITS, vendor: 'nvidia', features: ['subgroups'] };
const namesOf = (columns: number, traits = LEAST_TRAITS) =>
  rowVariants({ rows: 8, columns }, traits).map(({ name }) => name);

describe('rowVariants', () => {
  it('offers registers first on software and on Apple, lanes first on other GPUs', () => {
    expect(namesOf(1024, SOFTWARE)).toEqual(['registers-4', 'registers-32', 'tiled-64']);
    expect(namesOf(1024, APPLE)).toEqual([
      'registers-32',
      'registers-4',
      'subgroups-64',
      'tiled-64',
    ]);
    expect(namesOf(1024, DISCRETE)[0]).toBe('subgroups-64');
    expect(namesOf(8192, DISCRETE)[0]).toBe('subgroups-256');
    expect(namesOf(1024)[0]).toBe('tiled-64');
  });

  it('gives every lane a value, and short rows no workgroup of their own', () => {
    expect(namesOf(1, DISCRETE)).toEqual(['registers-1']);
    expect(namesOf(7, DISCRETE)).toEqual(['registers-4']);
    expect(namesOf(8, DISCRETE)).toEqual(['registers-2']);
    expect(namesOf(255, DISCRETE)).toEqual(['registers-32', 'registers-4']);
    expect(namesOf(256, DISCRETE)).toHaveLength(4);
  });

  it('stays within the limits of a device', () => {
    expect(namesOf(8192, { ...LEAST_TRAITS, maxWorkgroupThreads: 255 })[0]).toBe('tiled-64');
    expect(namesOf(8192, { ...LEAST_TRAITS, maxWorkgroupBytes: 2047 })[0]).toBe('registers-32');
  });
});

describe('rowPlan', () => {
  const shape = { rows: 3, strides: { x: 5 * 260, scale: 0 } };
  const planning = { inputs: ['x', 'scale'], constants: { EPSILON: 1 }, flopsPerValue: 4 };
  const planOf = (family: 'registers' | 'tiled', lanes: number) => {
    const variant = { name: 'any', family, options: { lanes } };
    return rowPlan({ rows: 5, columns: 260 }, shape, variant, planning);
  };

  it('measures the rows of all items lane by lane, combines, and writes', () => {
    const { passes, scratchBytes } = planOf('registers', 32);
    expect(passes.map(({ entryPoint, workgroups }) => [entryPoint, ...workgroups])).toEqual([
      ['measure', 8, 1, 1],
      ['combine', 1, 1, 1],
      ['finish', 8, 1, 1],
    ]);
    expect(scratchBytes).toEqual({ measures: 8 * 15 * 32 });
    // 260 values are 65 fours.
    expect(passes[0]!.constants).toEqual({ X_STRIDE: 5 * 65, SCALE_STRIDE: 0, EPSILON: 1 });
  });

  it('gives every row of every item a workgroup where its threads share memory', () => {
    const { passes, bindings, scratchBytes } = planOf('tiled', 64);
    expect(passes.map(({ workgroups }) => workgroups)).toEqual([[15, 1, 1]]);
    expect(bindings.map(({ name }) => name)).toEqual(['x', 'scale', 'y']);
    expect(scratchBytes).toEqual({});
  });
});
