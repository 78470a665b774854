/**
 * matmul@1 on the CPU: f64 sums over the inner axis, in order, each rounded once to f32 at the end.
 */
import { fromHalfBits } from '../../shared/float16.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { MatmulParams } from './manifest.ts';

/** `a` [m,k] (or [k,m]), `b` [k,n] (or [n,k]) to `c` F32 [m,n]; the item index plays no part. */
export function matmulReference(
  { m, k, n, transposeA, transposeB, dtype }: MatmulParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const values = (name: string): Float32Array => {
    const stored = valuesOf(inputs[name]!);
    return dtype === 'f16' ? fromHalfBits(stored as Uint16Array) : (stored as Float32Array);
  };
  const a = values('a');
  const b = values('b');
  const [rowStep, leftStep] = transposeA ? [1, m] : [k, 1];
  const [rightStep, columnStep] = transposeB ? [1, k] : [n, 1];
  const c = new Float32Array(m * n);
  const sums = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    sums.fill(0);
    for (let l = 0; l < k; l++) {
      const left = a[i * rowStep + l * leftStep]!;
      const rowOfB = l * rightStep;
      for (let j = 0; j < n; j++) sums[j]! += left * b[rowOfB + j * columnStep]!;
    }
    c.set(sums, i * n);
  }
  return { c: tensorOf('F32', [m, n], c) };
}
