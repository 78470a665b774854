/**
 * mandelbrot@1 in the gallery: the whole set, the valley of the seahorses, and a star around a point from where z comes to
 * rest after six steps, too deep for f32 to tell its pixels apart.
 */
import type { KernelExample, KernelPresets } from '../example.ts';

const preset = (
  centreReal: string,
  centreImaginary: string,
  viewWidth: number,
  widthPixels: number,
  maxIterations: number,
): KernelExample => ({
  params: {
    centreReal,
    centreImaginary,
    viewWidth,
    widthPixels,
    heightPixels: (widthPixels * 3) / 4,
    tilePixels: widthPixels / 4,
    maxIterations,
  },
  items: 12,
});

export const presets: KernelPresets = {
  small: preset('-0.6', '0', 3, 128, 200),
  medium: preset('-0.7436438', '0.1318259', 0.004, 192, 700),
  large: preset('0.4245127190500396342', '0.2075302281667453587', 1e-8, 256, 400),
};
