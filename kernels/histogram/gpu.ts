/** histogram@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { histogramManifest } from './manifest.ts';
import { histogramReference } from './reference.ts';
import shader from './histogram.wgsl?raw';

export const histogram = gpuKernel(histogramManifest, histogramReference, shader);
