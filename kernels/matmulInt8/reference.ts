/** matmulInt8@1 on the CPU: integer sums, exact. */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { MatmulInt8Params } from './manifest.ts';

/** `a` I8 [m,k] (or [k,m]), `b` I8 [k,n] (or [n,k]) to `c` I32 [m,n]; the item index plays no part. */
export function matmulInt8Reference(
  { m, k, n, transposeA, transposeB }: MatmulInt8Params,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const a = valuesOf(inputs['a']!) as Int8Array;
  const b = valuesOf(inputs['b']!) as Int8Array;
  const [rowStep, leftStep] = transposeA ? [1, m] : [k, 1];
  const [rightStep, columnStep] = transposeB ? [1, k] : [n, 1];
  const c = new Int32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const left = a[i * rowStep + l * leftStep]!;
      for (let j = 0; j < n; j++) c[i * n + j]! += left * b[l * rightStep + j * columnStep]!;
    }
  }
  return { c: tensorOf('I32', [m, n], c) };
}
