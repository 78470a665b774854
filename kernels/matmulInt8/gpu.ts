/** matmulInt8@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { matmulInt8Manifest } from './manifest.ts';
import { matmulInt8Reference } from './reference.ts';
import { matmulInt8Shader } from './shader.ts';

export const matmulInt8 = gpuKernel(matmulInt8Manifest, matmulInt8Reference, matmulInt8Shader);
