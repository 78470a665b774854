/** montecarlo@1 beside its CPU reference. */
import type { BenchReport } from '../../shared/testing/bench.ts';
import { benchOnGpu, ourContenders } from '../testing/benchGpu.ts';
import { caseBatch } from '../testing/kernelCase.ts';
import { montecarlo as entry } from './gpu.ts';
import { montecarloParams } from './manifest.ts';

const CASES = [
  { dimensions: 2, samplesPerItem: 100_000, items: 16 },
  { dimensions: 8, samplesPerItem: 100_000, items: 8 },
];

export const bench = (): Promise<BenchReport> =>
  benchOnGpu('montecarlo', (kernels) =>
    CASES.map(({ items, ...shape }) => {
      const params = montecarloParams.parse({ ...shape, seed: 2026 });
      return {
        name: `${shape.dimensions} dimensions, ${shape.samplesPerItem} samples, ${items} items`,
        entry,
        params,
        batch: caseBatch(entry, params, items),
        contenders: ourContenders(kernels, entry, params),
      };
    }),
  );
