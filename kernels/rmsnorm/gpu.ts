/** rmsnorm@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { rmsnormManifest } from './manifest.ts';
import { rmsnormReference } from './reference.ts';
import { rmsnormShader } from './shader.ts';

export const rmsnorm = gpuKernel(rmsnormManifest, rmsnormReference, rmsnormShader);
