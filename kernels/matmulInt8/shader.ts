/** matmulInt8@1 in WGSL: a product of bytes in integers. */
import { productText } from '../matrixProduct/plan.ts';
import type { KernelVariant } from '../variants.ts';
import type { MatmulInt8Params } from './manifest.ts';

export const matmulInt8Shader = (
  { transposeA, transposeB }: MatmulInt8Params,
  variant: KernelVariant,
): string =>
  productText(
    {
      title: 'matmulInt8@1: c = a b; z is the row of the batch.',
      element: 'i8',
      transposeA,
      transposeB,
      epilogue: (value) => value,
    },
    variant,
  );
