/** sha256Search@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { sha256SearchManifest } from './manifest.ts';
import { sha256SearchReference } from './reference.ts';
import { sha256SearchShader } from './shader.ts';

export const sha256Search = gpuKernel(
  sha256SearchManifest,
  sha256SearchReference,
  sha256SearchShader,
);
