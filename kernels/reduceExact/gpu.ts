/** reduceExact@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { reduceExactManifest } from './manifest.ts';
import { reduceExactReference } from './reference.ts';
import { reduceExactShader } from './shader.ts';

export const reduceExact = gpuKernel(reduceExactManifest, reduceExactReference, reduceExactShader);
