/**
 * conv2d@1 on the CPU: f64 sums over taps and channels, in order, and the activation, rounded once to f32 at the end.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import type { Conv2dParams } from './manifest.ts';
import { outSize } from './variants.ts';

const ACTIVATIONS: Readonly<Record<Conv2dParams['activation'], (sum: number) => number>> = {
  none: (sum) => sum,
  relu: (sum) => Math.max(sum, 0),
  relu6: (sum) => Math.min(Math.max(sum, 0), 6),
  silu: (sum) => sum / (1 + Math.exp(-sum)),
};

/**
 * `x` F32 [height,width,in], `weights` F32 [kernelHeight,kernelWidth,in/groups,out], `bias` F32 [out] to `y` F32
 * [outHeight,outWidth,out]; the item index plays no part.
 */
export function conv2dReference(
  params: Conv2dParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const { height, width, kernelHeight, kernelWidth, stride, padding, dilation } = params;
  const { inChannels, outChannels, groups } = params;
  const x = valuesOf(inputs['x']!) as Float32Array;
  const weights = valuesOf(inputs['weights']!) as Float32Array;
  const bias = valuesOf(inputs['bias']!) as Float32Array;
  const { outHeight, outWidth } = outSize(params);
  const groupIn = inChannels / groups;
  const groupOut = outChannels / groups;
  const activate = ACTIVATIONS[params.activation];
  const y = new Float32Array(outHeight * outWidth * outChannels);
  const sums = new Float64Array(outChannels);
  const addTap = (place: number, tap: number) => {
    for (let group = 0; group < groups; group++) {
      for (let channel = 0; channel < groupIn; channel++) {
        const value = x[place * inChannels + group * groupIn + channel]!;
        const first = (tap * groupIn + channel) * outChannels;
        const end = (group + 1) * groupOut;
        for (let out = end - groupOut; out < end; out++)
          sums[out]! += value * weights[first + out]!;
      }
    }
  };
  for (let pixel = 0; pixel < outHeight * outWidth; pixel++) {
    const top = Math.floor(pixel / outWidth) * stride - padding;
    const left = (pixel % outWidth) * stride - padding;
    sums.set(bias);
    for (let tap = 0; tap < kernelHeight * kernelWidth; tap++) {
      const row = top + Math.floor(tap / kernelWidth) * dilation;
      const column = left + (tap % kernelWidth) * dilation;
      const isInside = row >= 0 && row < height && column >= 0 && column < width;
      if (isInside) addTap(row * width + column, tap);
    }
    for (let out = 0; out < outChannels; out++) y[pixel * outChannels + out] = activate(sums[out]!);
  }
  return { y: tensorOf('F32', [outHeight, outWidth, outChannels], y) };
}
