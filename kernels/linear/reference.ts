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

/** Weights [in,out], read in the order in which they lie. */
function addByRows(sums: Float64Array, features: Float32Array, weights: Float32Array): void {
  for (let i = 0; i < features.length; i++) {
    const value = features[i]!;
    const row = i * sums.length;
    for (let out = 0; out < sums.length; out++) sums[out]! += value * weights[row + out]!;
  }
}

/** Weights [out,in], read in the order in which they lie; the sums are the same. */
function addByColumns(sums: Float64Array, features: Float32Array, weights: Float32Array): void {
  for (let out = 0; out < sums.length; out++) {
    let sum = sums[out]!;
    const column = out * features.length;
    for (let i = 0; i < features.length; i++) sum += features[i]! * weights[column + i]!;
    sums[out] = sum;
  }
}

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
  const y = new Float32Array(rows * outFeatures);
  const sums = new Float64Array(outFeatures);
  for (let row = 0; row < rows; row++) {
    const features = x.subarray(row * inFeatures, (row + 1) * inFeatures);
    sums.set(bias);
    (transposeWeights ? addByColumns : addByRows)(sums, features, weights);
    for (let out = 0; out < outFeatures; out++) y[row * outFeatures + out] = activate(sums[out]!);
  }
  return { y: tensorOf('F32', [rows, outFeatures], y) };
}
