/** nbody@1 beside its CPU reference. */
import type { BenchReport } from '../../shared/testing/bench.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { benchOnGpu, ourContenders } from '../testing/benchGpu.ts';
import { cluster } from '../testing/cluster.ts';
import { nbody as entry } from './gpu.ts';
import { nbodyParams } from './manifest.ts';

const CASES = [
  { bodies: 64, steps: 50 },
  { bodies: 1024, steps: 5 },
];

export const bench = (): Promise<BenchReport> =>
  benchOnGpu('nbody', (kernels) =>
    CASES.map(({ bodies, steps }) => {
      const params = nbodyParams.parse({ bodies, steps, dtSeconds: 0.01, softeningMetres: 0.05 });
      const { positions, velocities } = cluster(bodies, 1);
      const stacked = {
        positions: tensorOf('F32', [1, bodies, 4], positions),
        velocities: tensorOf('F32', [1, bodies, 4], velocities),
      };
      return {
        name: `${bodies} bodies, ${steps} steps`,
        entry,
        params,
        batch: { items: [0], stacked, constants: {} },
        contenders: ourContenders(kernels, entry, params),
      };
    }),
  );
