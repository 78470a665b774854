/**
 * matmul@1 beside the textbook kernel (one thread per output, same runtime) and its CPU reference.
 */
import type { BenchReport } from '../../shared/testing/bench.ts';
import { gpuKernel, type KernelManifest } from '../manifest.ts';
import { gpuKernelRunner } from '../runtime/gpuKernelRunner.ts';
import { benchOnGpu, ourContenders } from '../testing/benchGpu.ts';
import { caseBatch } from '../testing/kernelCase.ts';
import naiveText from '../testing/naiveMatmul.wgsl?raw';
import { matmul as entry } from './gpu.ts';
import { matmulManifest, type MatmulParams } from './manifest.ts';
import { matmulReference } from './reference.ts';

const naiveManifest: KernelManifest<MatmulParams> = {
  ...matmulManifest,
  name: 'matmul-naive',
  plan: (params, shape, variant) => {
    const plan = matmulManifest.plan(params, shape, variant);
    const [tiled] = plan.passes;
    const { m, k, n } = params;
    const naive = {
      entryPoint: 'naive',
      workgroups: [Math.ceil(n / 8), Math.ceil(m / 8), shape.rows] as const,
      constants: tiled!.constants,
      flopsPerWorkgroup: 2 * k * Math.min(m, 8) * Math.min(n, 8),
    };
    return { ...plan, passes: [naive] };
  },
};
const naiveKernel = gpuKernel(naiveManifest, matmulReference, naiveText);

const SIZES = [
  { m: 64, k: 64, n: 64, items: 32 },
  { m: 256, k: 256, n: 256, items: 2 },
  { m: 512, k: 512, n: 512, items: 1 },
];

export const bench = (): Promise<BenchReport> =>
  benchOnGpu('matmul', (kernels) =>
    SIZES.map(({ items, ...params }) => {
      const [ours, cpu] = ourContenders(kernels, entry, params);
      const naive = gpuKernelRunner(kernels, naiveKernel, params);
      return {
        name: `${params.m} x ${params.k} x ${params.n}, ${items} items`,
        entry,
        params,
        batch: caseBatch(entry, params, items),
        contenders: [ours!, { name: 'naive WGSL', runner: naive }, cpu!],
      };
    }),
  );
