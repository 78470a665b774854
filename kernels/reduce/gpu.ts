/** reduce@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { reduceManifest } from './manifest.ts';
import { reduceReference } from './reference.ts';
import { reduceShader } from './shader.ts';

export const reduce = gpuKernel(reduceManifest, reduceReference, reduceShader);
