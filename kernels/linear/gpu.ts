/** linear@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { linearManifest } from './manifest.ts';
import { linearReference } from './reference.ts';
import { linearShader } from './shader.ts';

export const linear = gpuKernel(linearManifest, linearReference, linearShader);
