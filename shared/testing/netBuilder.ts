/**
 * Building small networks for tests: layers by name, with weights from a fixed sequence. Not trained and of no other use.
 */
import { buildModel, node, type NodeInit } from '../onnx/modelBuilder.ts';
import { elementCount, tensorOf, type NamedTensors, type Tensor } from '../tensor.ts';

export interface GeneratedModel {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly feeds: NamedTensors;
}

/** Scattered values in [-0.5, 0.5): Knuth's multiplicative hash of the position. */
export const scattered = (dims: readonly number[], seed = 0): Tensor =>
  tensorOf(
    'F32',
    dims,
    Float32Array.from(
      { length: elementCount(dims) },
      (_, i) => Math.imul(i + seed * 7919 + 1, 0x9e3779b1) / 2 ** 32,
    ),
  );

export const i64 = (...values: number[]): Tensor =>
  tensorOf('I64', [values.length], BigInt64Array.from(values.map(BigInt)));
export const scalar = (x: number): Tensor => tensorOf('F32', [], Float32Array.of(x));

/** Collects nodes and weights; every method gives the name of the value it makes. */
export class Net {
  readonly nodes: NodeInit[] = [];
  readonly weights: Record<string, Tensor> = {};
  #count = 0;

  op(
    type: string,
    inputs: readonly string[],
    attributes: Parameters<typeof node>[3] = {},
    output = `v${this.#count++}`,
  ): string {
    this.nodes.push(node(type, inputs, [output], attributes));
    return output;
  }

  weight(...dims: number[]): string {
    return this.constant(scattered(dims, this.#count));
  }

  constant(tensor: Tensor): string {
    const name = `w${this.#count++}`;
    this.weights[name] = tensor;
    return name;
  }

  conv(x: string, inputs: number, outputs: number, kernel = 3, stride = 1): string {
    const pad = (kernel - 1) / 2;
    return this.op(
      'Conv',
      [x, this.weight(outputs, inputs, kernel, kernel), this.weight(outputs)],
      {
        kernel_shape: [kernel, kernel],
        pads: [pad, pad, pad, pad],
        strides: [stride, stride],
      },
    );
  }

  batchNorm(x: string, channels: number): string {
    const positive = tensorOf('F32', [channels], new Float32Array(channels).fill(0.7));
    const parts = [this.weight(channels), this.weight(channels), this.weight(channels)];
    return this.op('BatchNormalization', [x, ...parts, this.constant(positive)]);
  }

  dense(x: string, inputs: number, outputs: number): string {
    const product = this.op('MatMul', [x, this.weight(inputs, outputs)]);
    return this.op('Add', [product, this.weight(outputs)]);
  }

  /** Layer normalisation over the last axis, in pieces. */
  layerNorm(x: string, width: number): string {
    const mean = this.op('ReduceMean', [x], { axes: [-1] });
    const off = this.op('Sub', [x, mean]);
    const square = this.op('Pow', [off, this.constant(scalar(2))]);
    const variance = this.op('ReduceMean', [square], { axes: [-1] });
    const root = this.op('Sqrt', [this.op('Add', [variance, this.constant(scalar(1e-5))])]);
    const scaled = this.op('Mul', [this.op('Div', [off, root]), this.weight(width)]);
    return this.op('Add', [scaled, this.weight(width)]);
  }

  gelu(x: string): string {
    const erf = this.op('Erf', [this.op('Div', [x, this.constant(scalar(Math.SQRT2))])]);
    const gate = this.op('Add', [erf, this.constant(scalar(1))]);
    return this.op('Mul', [this.op('Mul', [x, gate]), this.constant(scalar(0.5))]);
  }

  /** Self-attention of `heads` over [batch, steps, width], with an additive mask where given. */
  attention(x: string, width: number, heads: number, mask?: string): string {
    const split = this.constant(i64(0, 0, heads, width / heads));
    const head = (perm: readonly number[]): string =>
      this.op('Transpose', [this.op('Reshape', [this.dense(x, width, width), split])], { perm });
    const [q, k, v] = [head([0, 2, 1, 3]), head([0, 2, 3, 1]), head([0, 2, 1, 3])];
    const scores = this.op('Div', [
      this.op('MatMul', [q, k]),
      this.constant(scalar(Math.sqrt(width / heads))),
    ]);
    const masked = mask === undefined ? scores : this.op('Add', [scores, mask]);
    const mixed = this.op('MatMul', [this.op('Softmax', [masked], { axis: -1 }), v]);
    const back = this.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
    const joined = this.op('Reshape', [back, this.constant(i64(0, 0, width))]);
    return this.dense(joined, width, width);
  }

  transformer(x: string, width: number, heads: number, mask?: string): string {
    const attended = this.op('Add', [
      x,
      this.attention(this.layerNorm(x, width), width, heads, mask),
    ]);
    const wide = this.gelu(this.dense(this.layerNorm(attended, width), width, 2 * width));
    return this.op('Add', [attended, this.dense(wide, 2 * width, width)]);
  }
}

interface Edges {
  readonly inputs: Parameters<typeof buildModel>[0]['inputs'];
  readonly outputs: Parameters<typeof buildModel>[0]['outputs'];
  readonly opset?: number;
  readonly irVersion?: number;
}

export const built = (
  net: Net,
  name: string,
  { inputs, outputs, opset = 17, irVersion = 8 }: Edges,
) =>
  buildModel({
    name,
    opset,
    irVersion,
    producer: 'test',
    inputs,
    outputs,
    nodes: net.nodes,
    initializers: net.weights,
  });
