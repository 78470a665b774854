/** montecarlo@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { montecarloManifest } from './manifest.ts';
import { montecarloReference } from './reference.ts';
import shader from './montecarlo.wgsl?raw';

export const montecarlo = gpuKernel(montecarloManifest, montecarloReference, shader);
