/**
 * reduce@1 on the CPU: sums in f64, rounded once to f32.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { ReduceParams } from './manifest.ts';

/** `x` F32 [length] to `result`: F32 [2] the sum and the sum of magnitudes, or F32 [1] the norm. */
export function reduceReference(
  { operation }: ReduceParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const x = valuesOf(inputs['x']!) as Float32Array;
  let sum = 0;
  let magnitudes = 0;
  let squares = 0;
  for (const value of x) {
    sum += value;
    magnitudes += Math.abs(value);
    squares += value * value;
  }
  const result = operation === 'sum' ? [sum, magnitudes] : [Math.sqrt(squares)];
  return { result: tensorOf('F32', [result.length], Float32Array.from(result)) };
}
