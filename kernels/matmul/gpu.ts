/** matmul@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { matmulManifest } from './manifest.ts';
import { matmulReference } from './reference.ts';
import { matmulShader } from './shader.ts';

export const matmul = gpuKernel(matmulManifest, matmulReference, matmulShader);
