/**
 * matmul@1 on the CPU: f64 sums over the inner axis, in order, each rounded once to f32 at the end.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { MatmulParams } from './manifest.ts';

/** `a` F32 [m,k], `b` F32 [k,n] to `c` F32 [m,n]; the item index plays no part. */
export function matmulReference(
  { m, k, n }: MatmulParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const a = valuesOf(inputs['a']!) as Float32Array;
  const b = valuesOf(inputs['b']!) as Float32Array;
  const c = new Float32Array(m * n);
  const sums = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    sums.fill(0);
    for (let l = 0; l < k; l++) {
      const left = a[i * k + l]!;
      const rowOfB = l * n;
      for (let j = 0; j < n; j++) sums[j]! += left * b[rowOfB + j]!;
    }
    c.set(sums, i * n);
  }
  return { c: tensorOf('F32', [m, n], c) };
}
