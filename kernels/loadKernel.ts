/**
 * The catalogue for pages: a kernel is fetched when it is first asked for, its WGSL with it.
 *
 * For Vite and vitest, which resolve `?raw`: nothing that the coordinator runs may import this file. Invariant: it has the
 * kernels of `catalog.ts`, each under its own id (`catalog.test.ts`).
 */
import type { GpuKernel } from './manifest.ts';

const LOADERS: Readonly<Record<string, () => Promise<GpuKernel>>> = {
  'attention@1': async () => (await import('./attention/gpu.ts')).attention,
  'conv2d@1': async () => (await import('./conv2d/gpu.ts')).conv2d,
  'fft@1': async () => (await import('./fft/gpu.ts')).fft,
  'gameOfLife@1': async () => (await import('./gameOfLife/gpu.ts')).gameOfLife,
  'histogram@1': async () => (await import('./histogram/gpu.ts')).histogram,
  'kmeans@1': async () => (await import('./kmeans/gpu.ts')).kmeans,
  'layernorm@1': async () => (await import('./layernorm/gpu.ts')).layernorm,
  'linear@1': async () => (await import('./linear/gpu.ts')).linear,
  'mandelbrot@1': async () => (await import('./mandelbrot/gpu.ts')).mandelbrot,
  'matmul@1': async () => (await import('./matmul/gpu.ts')).matmul,
  'matmulInt8@1': async () => (await import('./matmulInt8/gpu.ts')).matmulInt8,
  'matvec@1': async () => (await import('./matvec/gpu.ts')).matvec,
  'montecarlo@1': async () => (await import('./montecarlo/gpu.ts')).montecarlo,
  'nbody@1': async () => (await import('./nbody/gpu.ts')).nbody,
  'pathtrace@1': async () => (await import('./pathtrace/gpu.ts')).pathtrace,
  'reduce@1': async () => (await import('./reduce/gpu.ts')).reduce,
  'reduceExact@1': async () => (await import('./reduceExact/gpu.ts')).reduceExact,
  'rmsnorm@1': async () => (await import('./rmsnorm/gpu.ts')).rmsnorm,
  'scan@1': async () => (await import('./scan/gpu.ts')).scan,
  'sha256Search@1': async () => (await import('./sha256Search/gpu.ts')).sha256Search,
  'smithWaterman@1': async () => (await import('./smithWaterman/gpu.ts')).smithWaterman,
  'softmax@1': async () => (await import('./softmax/gpu.ts')).softmax,
  'sort@1': async () => (await import('./sort/gpu.ts')).sort,
  'transpose@1': async () => (await import('./transpose/gpu.ts')).transpose,
};

/** The ids of all kernels, `name@version`. */
export const KERNEL_IDS: readonly string[] = Object.keys(LOADERS);

/** The kernel called `name@version`; undefined where the catalogue has none. Rejects where it cannot be fetched. */
export const loadKernel = async (id: string): Promise<GpuKernel | undefined> =>
  Object.hasOwn(LOADERS, id) ? LOADERS[id]!() : undefined;
