/** mandelbrot@1: one pixel, edge tiles that overhang, both sides of a workgroup, numbers of several lengths. */
import type { KernelCase } from '../testing/cases.ts';

const whole = { centreReal: '-0.6', centreImaginary: '0', viewWidth: 3 };
/** c = i: z ends in a cycle that repels, so that every depth shows dendrites. */
const tip = {
  centreReal: '0',
  centreImaginary: '1',
};
const picture = { widthPixels: 24, heightPixels: 18, tilePixels: 8, maxIterations: 60 };

export const mandelbrotCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { ...whole, ...picture }, items: 9 },
  { params: { ...whole, ...picture, widthPixels: 1, heightPixels: 1, tilePixels: 1 }, items: 2 },
  { params: { ...whole, ...picture, tilePixels: 7, maxIterations: 1 }, items: 5 },
  // More iterations than a pass takes, and a tile of more pixels than a workgroup has lanes.
  { params: { ...whole, ...picture, tilePixels: 9, maxIterations: 2500 }, items: 6 },
  // 5, 9 and 12 digits, the last as deep as it gets; each is a module to compile, its own test has 3, 4, 6 and 8.
  ...[1e-8, 1e-25, 5e-37].map((viewWidth) => ({
    params: { ...tip, ...picture, tilePixels: 5, viewWidth, maxIterations: 100 },
    items: 2,
  })),
];
