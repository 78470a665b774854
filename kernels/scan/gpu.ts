/** scan@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { scanManifest } from './manifest.ts';
import { scanReference } from './reference.ts';
import shader from './scan.wgsl?raw';

export const scan = gpuKernel(scanManifest, scanReference, shader);
