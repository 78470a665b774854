/**
 * matvec@1 on the CPU: f64 sums along each row, in order, each rounded once to f32 at the end.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { MatvecParams } from './manifest.ts';

/** `a` F32 [m,k], `x` F32 [k] to `y` F32 [m]; the item index plays no part. */
export function matvecReference(
  { m, k }: MatvecParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const a = valuesOf(inputs['a']!) as Float32Array;
  const x = valuesOf(inputs['x']!) as Float32Array;
  const y = new Float32Array(m);
  for (let i = 0; i < m; i++) {
    let sum = 0;
    for (let l = 0; l < k; l++) sum += a[i * k + l]! * x[l]!;
    y[i] = sum;
  }
  return { y: tensorOf('F32', [m], y) };
}
