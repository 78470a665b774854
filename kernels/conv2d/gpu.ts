/** conv2d@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { conv2dManifest } from './manifest.ts';
import { conv2dReference } from './reference.ts';
import { conv2dShader } from './shader.ts';

export const conv2d = gpuKernel(conv2dManifest, conv2dReference, conv2dShader);
