/**
 * A job of integers, cheap to compute anywhere, and what its results must be.
 */
import { findKernel } from '../../../kernels/catalog.ts';
import { referenceRunner } from '../../../kernels/referenceRunner.ts';
import { runBatch } from '../../../shared/program.ts';
import { assert } from '../../../shared/result.ts';
import { valuesOf } from '../../../shared/tensor.ts';
import { collectResults, type Job, type SubmitOptions } from '../../client.ts';

const KERNEL = 'montecarlo@1';

export interface KernelJobOptions {
  readonly items: number;
  readonly itemsPerShard: number;
  readonly samplesPerItem: number;
  readonly seed: number;
}

export const kernelJob = (options: KernelJobOptions): SubmitOptions => ({
  name: `volume of a ball, seed ${options.seed}`,
  program: { kernel: KERNEL, params: paramsOf(options) },
  items: options.items,
  itemsPerShard: options.itemsPerShard,
});

const paramsOf = ({ samplesPerItem, seed }: KernelJobOptions) => ({
  dimensions: 3,
  samplesPerItem,
  seed,
});

/** Items whose result differs from the CPU reference's. */
export async function wrongItems(job: Job, options: KernelJobOptions): Promise<number[]> {
  const entry = findKernel(KERNEL);
  assert(entry !== undefined, `no kernel ${KERNEL}`);
  const items = Array.from({ length: options.items }, (_, i) => i);
  const params = entry.manifest.params.parse(paramsOf(options));
  const batch = { items, stacked: {}, constants: {} };
  const specs = { hits: { dtype: 'U32', dims: [] } } as const;
  const truth = valuesOf((await runBatch(referenceRunner(entry, params), batch, specs))['hits']!);
  const { outputs } = await collectResults(job);
  const came = valuesOf(outputs['hits']!);
  return items.filter((item) => came[item] !== truth[item]);
}
