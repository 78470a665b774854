/**
 * rmsnorm@1 on the CPU: f64 throughout, each value rounded once to f32 at the end.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { NormParams } from '../layernorm/manifest.ts';

/** `x` F32 [rows,columns], `scale` F32 [columns] to `y` F32 [rows,columns]; the item index plays no part. */
export function rmsnormReference(
  { rows, columns, epsilon }: NormParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const x = valuesOf(inputs['x']!) as Float32Array;
  const scale = valuesOf(inputs['scale']!) as Float32Array;
  const y = new Float32Array(rows * columns);
  for (let start = 0; start < x.length; start += columns) {
    const row = x.subarray(start, start + columns);
    const meanSquare = row.reduce((sum, value) => sum + value * value, 0) / columns;
    const factor = 1 / Math.sqrt(meanSquare + Math.fround(epsilon));
    for (let i = 0; i < columns; i++) y[start + i] = row[i]! * factor * scale[i]!;
  }
  return { y: tensorOf('F32', [rows, columns], y) };
}
