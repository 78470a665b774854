/**
 * The WGSL of every catalogue kernel, by the kernel's name. The only place that imports `.wgsl` text: Vite
 * and vitest resolve `?raw`, tsx does not, so nothing the coordinator runs may import this file.
 */
import matmul from '../matmul/matmul.wgsl?raw';
import montecarlo from '../montecarlo/montecarlo.wgsl?raw';
import nbody from '../nbody/nbody.wgsl?raw';

export const SHADERS: Readonly<Record<string, string>> = { matmul, montecarlo, nbody };
