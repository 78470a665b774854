/** mandelbrot@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { mandelbrotManifest } from './manifest.ts';
import { mandelbrotReference } from './reference.ts';
import { mandelbrotShader } from './shader.ts';

export const mandelbrot = gpuKernel(mandelbrotManifest, mandelbrotReference, mandelbrotShader);
