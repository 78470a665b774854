/**
 * A convolutional network of a chosen cost, for benchmarks: `image` [N,3,32,32] f32 in, `features` [N,32] f32 out.
 *
 * Its weights are random and mean nothing; activations keep their size through any number of layers.
 */
import { buildModel, node, value } from '../../shared/onnx/modelBuilder.ts';
import { tensorOf, type Tensor, type TensorSpec } from '../../shared/tensor.ts';

const SIDE = 32;
const CHANNELS = 32;
const IMAGE_CHANNELS = 3;

export const IMAGE_DIMS = [IMAGE_CHANNELS, SIDE, SIDE];
/** The output of one item. */
export const FEATURES: TensorSpec = { dtype: 'F32', dims: [CHANNELS] };

/** The model’s bytes; every layer is a 3x3 convolution of 19 MFLOP and a ReLU. `noise` gives numbers in [-1, 1). */
export function convolutionModel(layers: number, noise: () => number): Uint8Array<ArrayBuffer> {
  const pads = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const numbers = Array.from({ length: layers }, (_, i) => i);
  return buildModel({
    name: 'convolutions',
    opset: 17,
    irVersion: 8,
    producer: 'idlewave',
    inputs: [value('image', 'F32', ['N', ...IMAGE_DIMS])],
    outputs: [value('features', 'F32', ['N', CHANNELS])],
    nodes: [
      node('Conv', ['image', 'first'], ['layer0'], pads),
      ...numbers.flatMap((i) => [
        node('Conv', [`layer${i}`, `weights${i}`], [`sum${i}`], pads),
        node('Relu', [`sum${i}`], [`layer${i + 1}`]),
      ]),
      node('GlobalAveragePool', [`layer${layers}`], ['means']),
      node('Flatten', ['means'], ['features']),
    ],
    initializers: {
      first: weights(IMAGE_CHANNELS, noise),
      ...Object.fromEntries(numbers.map((i) => [`weights${i}`, weights(CHANNELS, noise)])),
    },
  });
}

/** Noise in the shape of images, `[count, 3, 32, 32]`. */
export function randomImages(count: number, noise: () => number): Tensor {
  const length = count * IMAGE_CHANNELS * SIDE * SIDE;
  const values = Float32Array.from({ length }, noise);
  return tensorOf('F32', [count, ...IMAGE_DIMS], values);
}

/** He's initialisation, with a uniform distribution: a layer keeps the variance of what it is fed. */
function weights(inputs: number, noise: () => number): Tensor {
  const fanIn = inputs * 9;
  const limit = Math.sqrt(6 / fanIn);
  const values = Float32Array.from({ length: CHANNELS * fanIn }, () => limit * noise());
  return tensorOf('F32', [CHANNELS, inputs, 3, 3], values);
}
