/** sort@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { sortManifest } from './manifest.ts';
import { sortReference } from './reference.ts';
import shader from './sort.wgsl?raw';

export const sort = gpuKernel(sortManifest, sortReference, shader);
