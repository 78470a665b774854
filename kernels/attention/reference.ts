/**
 * attention@1 on the CPU: f64 throughout, all scores of a query at once, rounded once to f32 at the end.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { scaleOf, type AttentionParams } from './manifest.ts';

/** `q` F32 [heads,queries,dimension], `k` and `v` F32 [heads,keys,dimension] to `y` as `q`; the item index plays no part. */
export function attentionReference(
  params: AttentionParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const { heads, queries, keys, dimension, causal } = params;
  const scale = scaleOf(params);
  const q = valuesOf(inputs['q']!) as Float32Array;
  const k = valuesOf(inputs['k']!) as Float32Array;
  const v = valuesOf(inputs['v']!) as Float32Array;
  const y = new Float32Array(q.length);
  const weights = new Float64Array(keys);
  const sums = new Float64Array(dimension);
  for (let place = 0; place < heads * queries; place++) {
    const head = Math.floor(place / queries);
    const seen = causal ? (place % queries) + keys - queries + 1 : keys;
    let largest = -Infinity;
    for (let key = 0; key < seen; key++) {
      const at = (head * keys + key) * dimension;
      let score = 0;
      for (let i = 0; i < dimension; i++) score += q[place * dimension + i]! * k[at + i]!;
      score *= scale;
      weights[key] = score;
      largest = Math.max(largest, score);
    }
    let total = 0;
    sums.fill(0);
    for (let key = 0; key < seen; key++) {
      const at = (head * keys + key) * dimension;
      const weight = Math.exp(weights[key]! - largest);
      total += weight;
      for (let i = 0; i < dimension; i++) sums[i]! += weight * v[at + i]!;
    }
    for (let i = 0; i < dimension; i++) y[place * dimension + i] = sums[i]! / total;
  }
  return { y: tensorOf('F32', [heads, queries, dimension], y) };
}
