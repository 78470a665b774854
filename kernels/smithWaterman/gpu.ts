/** smithWaterman@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { smithWatermanManifest } from './manifest.ts';
import { smithWatermanReference } from './reference.ts';
import { smithWatermanShader } from './shader.ts';

export const smithWaterman = gpuKernel(
  smithWatermanManifest,
  smithWatermanReference,
  smithWatermanShader,
);
