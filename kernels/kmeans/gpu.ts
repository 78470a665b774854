/** kmeans@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { kmeansManifest } from './manifest.ts';
import { kmeansReference } from './reference.ts';
import shader from './kmeans.wgsl?raw';

export const kmeans = gpuKernel(kmeansManifest, kmeansReference, shader);
