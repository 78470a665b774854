/** The fingerprint of the device at hand: the same each time, and within what WGSL allows. */
import { afterAll, describe, expect, it } from 'vitest';
import { nodeGpu } from '../testing/gpu.ts';
import { arithmeticOf } from './arithmeticOf.ts';
import { exactResult, ulpsBetween, valueOf } from './ieee.ts';
import { PROBES } from './probes.ts';

const found = await nodeGpu();
const skipped = found.kind === 'none' ? ` (skipped: ${found.reason})` : '';

describe.skipIf(found.kind === 'none')(`arithmeticOf${skipped}`, async () => {
  const device =
    found.kind === 'found' ? await (await found.gpu.requestAdapter())!.requestDevice() : null!;
  afterAll(() => device.destroy());
  const arithmetic = device === null ? null! : await arithmeticOf(device);
  const read = new Map(arithmetic?.probes.map((probe) => [probe.name, probe]));

  it('gives the same bits again', async () => {
    expect(await arithmeticOf(device)).toEqual(arithmetic);
    expect(arithmetic.probes.map(({ name }) => name)).toEqual(PROBES.map(({ name }) => name));
  });

  it('computes exact results exactly', () => {
    for (const name of ['addExact', 'multiplyExact', 'divideExact'])
      expect(read.get(name)).toMatchObject({ reading: 'as IEEE 754' });
  });

  it('rounds sums, differences, products and integers to one of their neighbours', () => {
    for (const { name, operation } of PROBES) {
      if (!['add', 'subtract', 'multiply', 'fromInteger'].includes(operation)) continue;
      const { bits, expectedBits } = read.get(name)!;
      if (!name.startsWith('subnormal'))
        expect(ulpsBetween(bits, expectedBits), name).toBeLessThanOrEqual(1);
    }
  });

  // The accuracies of WGSL 15.7.4, in units in the last place and in absolute terms.
  it('keeps within the accuracy of WGSL', () => {
    const allowed: Readonly<Record<string, (x: number) => number>> = {
      divide: () => 2.5,
      sqrt: () => 4,
      inverseSqrt: () => 2,
      exp: (x) => 3 + 2 * Math.abs(x),
      exp2: (x) => 3 + 2 * Math.abs(x),
    };
    for (const probe of PROBES) {
      const { bits, expectedBits } = read.get(probe.name)!;
      const [x] = probe.operands as [number];
      const ulps = allowed[probe.operation]?.(x);
      if (ulps !== undefined && !probe.name.startsWith('subnormal'))
        expect(ulpsBetween(bits, expectedBits), probe.name).toBeLessThanOrEqual(Math.ceil(ulps));
      const isTrigonometric = probe.operation === 'sin' || probe.operation === 'cos';
      if (isTrigonometric && Math.abs(x) <= Math.PI)
        expect(Math.abs(valueOf(bits) - exactResult(probe)), probe.name).toBeLessThan(2 ** -11);
    }
  });

  it('fuses, regroups and flushes by all or nothing', () => {
    const nothingOr = (name: string, value: number) =>
      expect([0, value], name).toContain(Math.abs(valueOf(read.get(name)!.bits)));
    nothingOr('multiplyAdd', 2 ** -24);
    nothingOr('fma', 2 ** -24);
    nothingOr('regroup', 2 ** -30);
    nothingOr('subnormalProductOut', 2 ** -130);
    nothingOr('subnormalSumInOut', 2 ** -129);
    nothingOr('subnormalProductIn', 2 ** -100);
  });
});
