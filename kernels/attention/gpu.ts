/** attention@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { attentionManifest } from './manifest.ts';
import { attentionReference } from './reference.ts';
import { attentionShader } from './shader.ts';

export const attention = gpuKernel(attentionManifest, attentionReference, attentionShader);
