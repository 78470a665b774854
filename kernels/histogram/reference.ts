/**
 * histogram@1 on the CPU.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { HistogramParams } from './manifest.ts';

/** `x` U32 [length] to `counts` U32 [bins] and `outside` U32 [2]: below the first bin, above the last. */
export function histogramReference(
  { bins, low, binWidth }: HistogramParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const x = valuesOf(inputs['x']!) as Uint32Array;
  const counts = new Uint32Array(bins);
  const outside = new Uint32Array(2);
  for (const value of x) {
    const bin = Math.floor((value - low) / binWidth);
    if (bin < 0) outside[0]! += 1;
    else if (bin >= bins) outside[1]! += 1;
    else counts[bin]! += 1;
  }
  return { counts: tensorOf('U32', [bins], counts), outside: tensorOf('U32', [2], outside) };
}
