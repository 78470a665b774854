/** layernorm@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { layernormManifest } from './manifest.ts';
import { layernormReference } from './reference.ts';
import { layernormShader } from './shader.ts';

export const layernorm = gpuKernel(layernormManifest, layernormReference, layernormShader);
