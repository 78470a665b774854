/**
 * The trained network as an ONNX model: `image` [N,1,28,28] f32 in, `logits` [N,10] f32 out.
 */
import { buildModel, node, value } from '../../shared/onnx/modelBuilder.ts';
import { tensorOf } from '../../shared/tensor.ts';
import { SIDE } from './digitImages.ts';
import { CLASSES, CONV1, CONV2, FEATURES, type LayerShape, type Parameters } from './network.ts';

const OPSET = 17;
const IR_VERSION = 8; // the one that came with opset 17's releases

/** The model's bytes. `doc` goes into the model itself. */
export function digitModel(parameters: Parameters, doc: string): Uint8Array<ArrayBuffer> {
  const weights = ({ outputs, inputs, kernel }: LayerShape, data: Float32Array) =>
    tensorOf('F32', [outputs, inputs, kernel, kernel], data);
  const vector = (data: Float32Array) => tensorOf('F32', [data.length], data);
  const conv = ({ kernel }: LayerShape) => {
    const pad = (kernel - 1) / 2;
    return { kernel_shape: [kernel, kernel], pads: [pad, pad, pad, pad] };
  };
  const halve = { kernel_shape: [2, 2], strides: [2, 2] };
  return buildModel({
    name: 'digits',
    opset: OPSET,
    irVersion: IR_VERSION,
    producer: 'idlewave',
    doc,
    inputs: [value('image', 'F32', ['N', 1, SIDE, SIDE])],
    outputs: [value('logits', 'F32', ['N', CLASSES])],
    nodes: [
      node('Conv', ['image', 'conv1', 'bias1'], ['edges'], conv(CONV1)),
      node('Relu', ['edges'], ['strokes']),
      node('MaxPool', ['strokes'], ['halved'], halve),
      node('Conv', ['halved', 'conv2', 'bias2'], ['shapes'], conv(CONV2)),
      node('Relu', ['shapes'], ['parts']),
      node('MaxPool', ['parts'], ['quartered'], halve),
      node('Flatten', ['quartered'], ['features']),
      node('Gemm', ['features', 'dense', 'bias3'], ['logits']),
    ],
    initializers: {
      conv1: weights(CONV1, parameters.conv1),
      bias1: vector(parameters.bias1),
      conv2: weights(CONV2, parameters.conv2),
      bias2: vector(parameters.bias2),
      dense: tensorOf('F32', [FEATURES, CLASSES], parameters.dense),
      bias3: vector(parameters.bias3),
    },
  });
}
