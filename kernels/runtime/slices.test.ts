/** Every workgroup once, within the limits, however the plan is cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KernelPass, Workgroups } from '../plan.ts';
import { Calibration } from './calibration.ts';
import { slicesOf, type Slice } from './slices.ts';

const pass = (
  workgroups: Workgroups,
  flopsPerWorkgroup: number,
  entryPoint = 'main',
): KernelPass => ({
  entryPoint,
  workgroups,
  constants: {},
  flopsPerWorkgroup,
});

/** Calibrated to one millisecond per flop. */
function calibrated(...entryPoints: string[]): Calibration {
  const calibration = new Calibration();
  for (const entryPoint of entryPoints) {
    for (let i = 0; i < 40; i++) calibration.record([{ entryPoint, flops: 1 }], 1);
  }
  return calibration;
}

function covered(slices: readonly Slice[]): Map<KernelPass, string[]> {
  const cells = new Map<KernelPass, string[]>();
  for (const { dispatches } of slices) {
    for (const { pass: of, base, count } of dispatches) {
      const list = cells.get(of) ?? [];
      for (let z = 0; z < count[2]; z++) {
        for (let y = 0; y < count[1]; y++) {
          for (let x = 0; x < count[0]; x++) {
            list.push([base[0] + x, base[1] + y, base[2] + z].join());
          }
        }
      }
      cells.set(of, list);
    }
  }
  return cells;
}

describe('slicesOf', () => {
  const size = fc.integer({ min: 1, max: 7 });
  const box = fc.tuple(size, size, size) as fc.Arbitrary<Workgroups>;
  const cost = fc.integer({ min: 1, max: 40 });

  it('covers each workgroup of each pass exactly once, in the passes order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(box, cost), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 8 }),
        (shapes, budgetMs, perDimension) => {
          const passes = shapes.map(([groups, flops]) => pass(groups, flops));
          const slices = [...slicesOf(passes, calibrated('main'), () => budgetMs, perDimension)];
          const order = slices.flatMap(({ dispatches }) => dispatches.map((d) => d.pass));
          expect([...new Set(order)]).toEqual(passes);
          const places = order.map((of) => passes.indexOf(of));
          expect(places).toEqual([...places].sort((a, b) => a - b));
          const cells = covered(slices);
          for (const of of passes) {
            const list = cells.get(of)!;
            const [x, y, z] = of.workgroups;
            expect(list).toHaveLength(x * y * z);
            expect(new Set(list).size).toBe(x * y * z);
          }
          for (const { dispatches } of slices) {
            for (const { count } of dispatches) {
              expect(Math.max(...count)).toBeLessThanOrEqual(perDimension);
              expect(Math.min(...count)).toBeGreaterThanOrEqual(1);
            }
          }
        },
      ),
    );
  });

  it('keeps each slice within its budget unless one workgroup alone exceeds it', () => {
    const calibration = calibrated('main');
    for (const { dispatches, work } of slicesOf([pass([5, 4, 3], 3)], calibration, () => 10, 100)) {
      const flops = work.reduce((sum, part) => sum + part.flops, 0);
      expect(flops).toBeLessThanOrEqual(10);
      expect(dispatches.length).toBeGreaterThan(0);
    }
    const single = [...slicesOf([pass([3, 1, 1], 50)], calibration, () => 10, 100)];
    expect(single.map(({ work }) => work[0]!.flops)).toEqual([50, 50, 50]);
  });

  it('asks for the budget at every slice', () => {
    const budgets = [4, 1, 1, 1, 1];
    const slices = slicesOf([pass([8, 1, 1], 1)], calibrated('main'), () => budgets.shift()!, 100);
    expect([...slices].map(({ work }) => work[0]!.flops)).toEqual([4, 1, 1, 1, 1]);
  });

  it('puts many small passes into one slice, up to 512 dispatches', () => {
    const small = pass([1, 1, 1], 1e-6);
    const passes = Array.from({ length: 1200 }, () => small);
    const slices = [...slicesOf(passes, calibrated('main'), () => 50, 100)];
    expect(slices.map(({ dispatches }) => dispatches.length)).toEqual([512, 512, 176]);
  });
});

describe('Calibration', () => {
  it('settles on the measured rate, from either side', () => {
    const calibration = new Calibration();
    const work = [{ entryPoint: 'main', flops: 1e9 }];
    for (let i = 0; i < 40; i++) calibration.record(work, 1);
    expect(calibration.estimateMs(work[0]!)).toBeCloseTo(1, 3);
    for (let i = 0; i < 40; i++) calibration.record(work, 5000);
    expect(calibration.estimateMs(work[0]!)).toBeCloseTo(5000, 3);
  });

  it('believes no single slice by more than eightfold', () => {
    const calibration = calibrated('main');
    calibration.record([{ entryPoint: 'main', flops: 1 }], 1e6);
    expect(calibration.estimateMs({ entryPoint: 'main', flops: 1 })).toBeCloseTo(8, 6);
  });

  it('keeps a usable rate whatever it is told', () => {
    const calibration = calibrated('main');
    const work = [{ entryPoint: 'main', flops: 1 }];
    for (const durationMs of [0, NaN, Infinity, -5]) calibration.record(work, durationMs);
    const ms = calibration.estimateMs(work[0]!);
    expect(ms).toBeGreaterThan(0);
    expect(Number.isFinite(ms)).toBe(true);
  });
});
