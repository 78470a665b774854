/** pathtrace@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { pathtraceManifest } from './manifest.ts';
import { pathtraceReference } from './reference.ts';
import shader from './pathtrace.wgsl?raw';

export const pathtrace = gpuKernel(pathtraceManifest, pathtraceReference, shader);
