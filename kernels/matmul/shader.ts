/** matmul@1 in WGSL: c is the product and nothing else. */
import { productText } from '../matrixProduct/plan.ts';
import type { KernelVariant } from '../variants.ts';
import type { MatmulParams } from './manifest.ts';

export const matmulShader = (
  { transposeA, transposeB, dtype }: MatmulParams,
  variant: KernelVariant,
): string =>
  productText(
    {
      title: 'matmul@1: c = a b; z is the row of the batch.',
      element: dtype,
      transposeA,
      transposeB,
      epilogue: (value) => value,
    },
    variant,
  );
