/**
 * scan@1 on the CPU.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { ScanParams } from './manifest.ts';

/** `x` to `sums`, both [length] of the parameters' dtype; typed arrays wrap as WGSL does. */
export function scanReference(
  { length, dtype, inclusive }: ScanParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const x = valuesOf(inputs['x']!) as Uint32Array | Int32Array;
  const sums = dtype === 'U32' ? new Uint32Array(length) : new Int32Array(length);
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const next = (sum + x[i]!) | 0;
    sums[i] = inclusive ? next : sum;
    sum = next;
  }
  return { sums: tensorOf(dtype, [length], sums) };
}
