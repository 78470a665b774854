/** softmax@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { softmaxManifest } from './manifest.ts';
import { softmaxReference } from './reference.ts';
import { softmaxShader } from './shader.ts';

export const softmax = gpuKernel(softmaxManifest, softmaxReference, softmaxShader);
