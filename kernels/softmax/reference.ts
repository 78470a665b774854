/**
 * softmax@1 on the CPU: f64 throughout, each value rounded once to f32 at the end.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { SoftmaxParams } from './manifest.ts';

/** `x` F32 [rows,columns] to `y` of the same shape; the item index plays no part. */
export function softmaxReference(
  { rows, columns, output }: SoftmaxParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const x = valuesOf(inputs['x']!) as Float32Array;
  const y = new Float32Array(rows * columns);
  for (let start = 0; start < x.length; start += columns) {
    const row = x.subarray(start, start + columns);
    let largest = -Infinity;
    for (const value of row) largest = Math.max(largest, value);
    let sum = 0;
    for (const value of row) sum += Math.exp(value - largest);
    const logarithm = Math.log(sum);
    for (let i = 0; i < columns; i++) {
      const above = row[i]! - largest;
      y[start + i] = output === 'logarithms' ? above - logarithm : Math.exp(above) / sum;
    }
  }
  return { y: tensorOf('F32', [rows, columns], y) };
}
