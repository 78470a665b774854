/**
 * What simulated jobs compute: kernels small enough for their CPU references, with inputs of their own.
 */
import { runBatch, type ItemBatch } from '../../shared/program.ts';
import type { KernelProgram } from '../../shared/protocol/program.ts';
import { assert } from '../../shared/result.ts';
import { tensorOf, type NamedTensors } from '../../shared/tensor.ts';
import { findKernel } from '../../kernels/catalog.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import type { Rng } from './rng.ts';

export interface SimProgram {
  readonly program: KernelProgram;
  /** Stacked inputs of a job with so many items; null where it has none. */
  stacked(items: number, rng: Rng): NamedTensors | null;
}

export const MONTECARLO: SimProgram = {
  program: {
    kind: 'kernel',
    kernel: 'montecarlo@1',
    params: { dimensions: 2, samplesPerItem: 64, seed: 7 },
  },
  stacked: () => null,
};

const SIDE = 6;

export const MATMUL: SimProgram = {
  program: { kind: 'kernel', kernel: 'matmul@1', params: { m: SIDE, k: SIDE, n: SIDE } },
  stacked(items, rng) {
    const length = items * SIDE * SIDE;
    const matrices = () =>
      tensorOf(
        'F32',
        [items, SIDE, SIDE],
        Float32Array.from({ length }, () => 2 * rng.next() - 1),
      );
    return { a: matrices(), b: matrices() };
  },
};

export function kernelOf({ program }: SimProgram) {
  const entry = findKernel(program.kernel);
  assert(entry !== undefined, `no kernel ${program.kernel}`);
  return { entry, params: entry.manifest.params.parse(program.params) };
}

/** What is right. */
export function reference(program: SimProgram, batch: ItemBatch): Promise<NamedTensors> {
  const { entry, params } = kernelOf(program);
  return runBatch(referenceRunner(entry, params), batch, entry.manifest.outputs(params));
}
