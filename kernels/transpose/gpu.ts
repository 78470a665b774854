/** transpose@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { transposeManifest } from './manifest.ts';
import { transposeReference } from './reference.ts';
import { transposeShader } from './shader.ts';

export const transpose = gpuKernel(transposeManifest, transposeReference, transposeShader);
