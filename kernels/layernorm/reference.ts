/**
 * layernorm@1 on the CPU: f64 throughout, each value rounded once to f32 at the end.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { NormParams } from './manifest.ts';

/** `x` F32 [rows,columns], `scale` and `bias` F32 [columns] to `y` F32 [rows,columns]; the item index plays no part. */
export function layernormReference(
  { rows, columns, epsilon }: NormParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const x = valuesOf(inputs['x']!) as Float32Array;
  const scale = valuesOf(inputs['scale']!) as Float32Array;
  const bias = valuesOf(inputs['bias']!) as Float32Array;
  const y = new Float32Array(rows * columns);
  for (let start = 0; start < x.length; start += columns) {
    const row = x.subarray(start, start + columns);
    const mean = row.reduce((sum, value) => sum + value, 0) / columns;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / columns;
    const factor = 1 / Math.sqrt(variance + Math.fround(epsilon));
    for (let i = 0; i < columns; i++) {
      y[start + i] = (row[i]! - mean) * factor * scale[i]! + bias[i]!;
    }
  }
  return { y: tensorOf('F32', [rows, columns], y) };
}
