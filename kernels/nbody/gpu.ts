/** nbody@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { nbodyManifest } from './manifest.ts';
import { nbodyReference } from './reference.ts';
import shader from './nbody.wgsl?raw';

export const nbody = gpuKernel(nbodyManifest, nbodyReference, shader);
