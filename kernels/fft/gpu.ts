/** fft@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { fftManifest } from './manifest.ts';
import { fftReference } from './reference.ts';
import { fftShader } from './shader.ts';

export const fft = gpuKernel(fftManifest, fftReference, fftShader);
