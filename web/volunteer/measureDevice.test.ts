/** The figure is what was computed by the time that it took; a device that cannot says so. */
import { expect, test } from 'vitest';
import { findKernel } from '../../kernels/catalog.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Compute, ComputeTask } from '../compute/api.ts';
import { measureDevice } from './measureDevice.ts';

const FLOPS = findKernel('montecarlo@1')!.manifest.flopsPerItem({
  dimensions: 3,
  samplesPerItem: 2 ** 18,
  seed: 1,
  stream: 0,
});

function deviceOf(msPerItem: number) {
  const counts: number[] = [];
  const compute = {
    load: () => Promise.resolve(ok(null)),
    run: ({ items }: ComputeTask) => {
      counts.push(items.length);
      const computeMs = msPerItem * items.length;
      return Promise.resolve(
        ok({ engine: 'cpu', reason: 'why', computeMs, outputs: {}, tree: new Uint8Array(0) }),
      );
    },
  } as unknown as Compute;
  return { compute, counts };
}

test('computes more until it has taken long enough, and divides by that', async () => {
  const { compute, counts } = deviceOf(10);
  const measured = await measureDevice(compute);
  expect(counts).toEqual([4, 16, 64]);
  expect(measured).toMatchObject({ ok: true, value: { engine: 'cpu', overMs: 640 } });
  expect(measured.ok && measured.value.flopsPerSecond).toBeCloseTo(FLOPS * 100, 0);
});

test('ends on a device that is faster than any', async () => {
  const { compute, counts } = deviceOf(0);
  const measured = await measureDevice(compute);
  expect(counts.at(-1)).toBe(1024);
  expect(measured.ok && Number.isFinite(measured.value.flopsPerSecond)).toBe(true);
});

test('what fails is told as it failed', async () => {
  const failure = fail({ kind: 'not-capable' as const, message: 'no engine' });
  const compute = { load: () => Promise.resolve(failure) } as unknown as Compute;
  expect(await measureDevice(compute)).toEqual(failure);
});
