/**
 * A transformer of a chosen depth, for benchmarks: `tokens` [N,64,384] f32 in, `features` [N,384] f32 out.
 *
 * The width is that of small sentence encoders. Its weights mean nothing; layer normalisation keeps activations in bounds.
 */
import { buildModel, value } from '../../shared/onnx/modelBuilder.ts';
import { Net } from '../../shared/testing/netBuilder.ts';
import { tensorOf, type Tensor, type TensorSpec } from '../../shared/tensor.ts';

const STEPS = 64;
const WIDTH = 384;
const HEADS = 6;

export const TOKENS_DIMS = [STEPS, WIDTH];
/** The output of one item. */
export const SENTENCE: TensorSpec = { dtype: 'F32', dims: [WIDTH] };

/** The model’s bytes; every block is attention and two dense layers, 157 MFLOP an item. */
export function transformerModel(blocks: number): Uint8Array<ArrayBuffer> {
  const net = new Net();
  let tokens = 'tokens';
  for (let block = 0; block < blocks; block++) tokens = net.transformer(tokens, WIDTH, HEADS);
  net.op('ReduceMean', [tokens], { axes: [1], keepdims: 0 }, 'features');
  return buildModel({
    name: 'transformer',
    opset: 17,
    irVersion: 8,
    producer: 'idlewave',
    inputs: [value('tokens', 'F32', ['N', ...TOKENS_DIMS])],
    outputs: [value('features', 'F32', ['N', WIDTH])],
    nodes: net.nodes,
    initializers: net.weights,
  });
}

/** Noise in the shape of embedded tokens, `[count, 64, 384]`. */
export function randomTokens(count: number, noise: () => number): Tensor {
  const length = count * STEPS * WIDTH;
  const values = Float32Array.from({ length }, noise);
  return tensorOf('F32', [count, ...TOKENS_DIMS], values);
}
