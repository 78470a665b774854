/** matvec@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { matvecManifest } from './manifest.ts';
import { matvecReference } from './reference.ts';
import { matvecShader } from './shader.ts';

export const matvec = gpuKernel(matvecManifest, matvecReference, matvecShader);
