/** linear@1 on the CPU: f64 throughout, each value rounded once to f32 at the end. */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { LinearParams } from './manifest.ts';

const ACTIVATIONS: Readonly<Record<LinearParams['activation'], (value: number) => number>> = {
  none: (value) => value,
  relu: (value) => Math.max(value, 0),
  gelu: (value) =>
    0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3))),
  silu: (value) => value / (1 + Math.exp(-value)),
};

/** `x` [rows,in], `weights` [in,out] (or [out,in]) and `bias` [out] to `y` F32 [rows,out]. */
export function linearReference(
  { rows, inFeatures, outFeatures, transposeWeights, activation }: LinearParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const [x, weights, bias] = ['x', 'weights', 'bias'].map(
    (name) => valuesOf(inputs[name]!) as Float32Array,
  ) as [Float32Array, Float32Array, Float32Array];
  const activate = ACTIVATIONS[activation];
  const [inStep, outStep] = transposeWeights ? [1, inFeatures] : [outFeatures, 1];
  const y = new Float32Array(rows * outFeatures);
  for (let row = 0; row < rows; row++) {
    for (let out = 0; out < outFeatures; out++) {
      let sum = bias[out]!;
      for (let i = 0; i < inFeatures; i++) {
        sum += x[row * inFeatures + i]! * weights[i * inStep + out * outStep]!;
      }
      y[row * outFeatures + out] = activate(sum);
    }
  }
  return { y: tensorOf('F32', [rows, outFeatures], y) };
}
