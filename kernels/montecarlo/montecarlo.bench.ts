/** montecarlo@1 beside its CPU reference. */
import type { BenchReport } from '../../shared/testing/bench.ts';
import { catalogueEntry } from '../manifest.ts';
import { benchOnGpu, ourContenders } from '../testing/benchGpu.ts';
import { caseBatch } from '../testing/kernelCase.ts';
import { montecarloManifest, montecarloParams } from './manifest.ts';
import { montecarloReference } from './reference.ts';

const entry = catalogueEntry(montecarloManifest, montecarloReference);

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
