/**
 * Programs of different shape for `npm run bench -- backends`, as data: kernels small and large; models are the bench's.
 */
import type { AskedProgram } from './backendsInPage.ts';

interface KernelProgram {
  readonly name: string;
  readonly asked: Extract<AskedProgram, { kind: 'kernel' }>;
}

const kernel = (
  name: string,
  id: string,
  params: Readonly<Record<string, number | string>>,
  items: number,
  constant: readonly string[] = [],
): KernelProgram => ({ name, asked: { kind: 'kernel', kernel: id, params, items, constant } });

export const KERNEL_PROGRAMS: readonly KernelProgram[] = [
  kernel('matmul 16³, 256 items', 'matmul@1', { m: 16, k: 16, n: 16 }, 256),
  kernel('matmul 512³', 'matmul@1', { m: 512, k: 512, n: 512 }, 1),
  kernel(
    'montecarlo, 4 × 10,000 samples',
    'montecarlo@1',
    { dimensions: 2, samplesPerItem: 10_000, seed: 1 },
    4,
  ),
  kernel(
    'montecarlo, 4 × 200,000 samples',
    'montecarlo@1',
    { dimensions: 8, samplesPerItem: 200_000, seed: 1 },
    4,
  ),
  kernel(
    'nbody, 64 bodies',
    'nbody@1',
    { bodies: 64, steps: 20, dtSeconds: 0.01, softeningMetres: 0.1 },
    4,
  ),
  kernel('matvec 1024 × 1024, 8 items', 'matvec@1', { m: 1024, k: 1024 }, 8, ['a']),
  kernel('softmax 64 × 512', 'softmax@1', { rows: 64, columns: 512 }, 4),
  kernel('sum of 2²⁰', 'reduce@1', { length: 2 ** 20, operation: 'sum' }, 1),
  kernel('fft 2¹⁴', 'fft@1', { width: 2 ** 14 }, 4),
];
