/**
 * A small convolutional network and its gradients, in plain typed arrays.
 *
 *   image [1,28,28] → conv 5×5, 16 → ReLU → max pool 2 → conv 3×3, 32 → ReLU → max pool 2 → dense 10
 *
 * Convolutions keep the size (zero padding). One sample at a time: this trains the project's demo model in
 * minutes; it is no framework. The ONNX form (`digitModel.ts`) computes the same function.
 */
import { PIXELS, SIDE } from './digitImages.ts';
import type { Random } from './random.ts';

export interface LayerShape {
  readonly inputs: number;
  readonly outputs: number;
  /** Side of the square image that the layer sees. */
  readonly side: number;
  /** Side of the odd, square kernel. */
  readonly kernel: number;
}

export const CONV1: LayerShape = { inputs: 1, outputs: 16, side: SIDE, kernel: 5 };
export const CONV2: LayerShape = { inputs: 16, outputs: 32, side: SIDE / 2, kernel: 3 };
export const FEATURES = CONV2.outputs * (CONV2.side / 2) ** 2;
export const CLASSES = 10;

/** Weights are `[outputs, inputs, kernel, kernel]`; the dense ones `[FEATURES, CLASSES]`. */
export interface Parameters {
  readonly conv1: Float32Array;
  readonly bias1: Float32Array;
  readonly conv2: Float32Array;
  readonly bias2: Float32Array;
  readonly dense: Float32Array;
  readonly bias3: Float32Array;
}

export const PARAMETER_SIZES: Readonly<Record<keyof Parameters, number>> = {
  conv1: CONV1.outputs * CONV1.inputs * CONV1.kernel ** 2,
  bias1: CONV1.outputs,
  conv2: CONV2.outputs * CONV2.inputs * CONV2.kernel ** 2,
  bias2: CONV2.outputs,
  dense: FEATURES * CLASSES,
  bias3: CLASSES,
};
export const PARAMETER_NAMES = Object.keys(PARAMETER_SIZES) as (keyof Parameters)[];

export function zeroParameters(): Parameters {
  const zeros = (name: keyof Parameters) => new Float32Array(PARAMETER_SIZES[name]);
  return {
    conv1: zeros('conv1'),
    bias1: zeros('bias1'),
    conv2: zeros('conv2'),
    bias2: zeros('bias2'),
    dense: zeros('dense'),
    bias3: zeros('bias3'),
  };
}

/** He initialisation: variance 2 / fan-in; biases zero. */
export function initialParameters(random: Random): Parameters {
  const parameters = zeroParameters();
  const fill = (values: Float32Array, fanIn: number): void => {
    for (let i = 0; i < values.length; i++) values[i] = random.normal() * Math.sqrt(2 / fanIn);
  };
  fill(parameters.conv1, CONV1.inputs * CONV1.kernel ** 2);
  fill(parameters.conv2, CONV2.inputs * CONV2.kernel ** 2);
  fill(parameters.dense, FEATURES);
  return parameters;
}

/** The activations of one sample, reused from sample to sample. */
export class Network {
  readonly #parameters: Parameters;
  readonly #conv1 = new Float32Array(CONV1.outputs * PIXELS);
  readonly #pool1 = pooled(CONV1);
  readonly #conv2 = new Float32Array(CONV2.outputs * CONV2.side ** 2);
  readonly #pool2 = pooled(CONV2);
  readonly #logits = new Float32Array(CLASSES);
  readonly #gradConv1 = new Float32Array(this.#conv1.length);
  readonly #gradPool1 = new Float32Array(this.#pool1.values.length);
  readonly #gradConv2 = new Float32Array(this.#conv2.length);
  readonly #gradPool2 = new Float32Array(this.#pool2.values.length);

  constructor(parameters: Parameters) {
    this.#parameters = parameters;
  }

  /** Scores of the ten digits; overwritten by the next call. */
  forward(image: Float32Array): Float32Array {
    const { conv1, bias1, conv2, bias2, dense, bias3 } = this.#parameters;
    convolve(CONV1, image, conv1, bias1, this.#conv1);
    poolReLU(CONV1, this.#conv1, this.#pool1);
    convolve(CONV2, this.#pool1.values, conv2, bias2, this.#conv2);
    poolReLU(CONV2, this.#conv2, this.#pool2);
    this.#logits.set(bias3);
    for (let i = 0; i < FEATURES; i++) {
      const feature = this.#pool2.values[i]!;
      if (feature === 0) continue;
      for (let c = 0; c < CLASSES; c++) this.#logits[c]! += feature * dense[i * CLASSES + c]!;
    }
    return this.#logits;
  }

  /** Adds the gradient of the sample's cross-entropy to `gradients`; gives the loss. */
  backward(image: Float32Array, label: number, gradients: Parameters): number {
    const scores = softmax(this.forward(image));
    const loss = -Math.log(Math.max(scores[label]!, 1e-12));
    scores[label]! -= 1;
    const { dense, conv2 } = this.#parameters;
    for (let c = 0; c < CLASSES; c++) gradients.bias3[c]! += scores[c]!;
    for (let i = 0; i < FEATURES; i++) {
      const feature = this.#pool2.values[i]!;
      let sum = 0;
      for (let c = 0; c < CLASSES; c++) {
        const at = i * CLASSES + c;
        sum += scores[c]! * dense[at]!;
        gradients.dense[at]! += scores[c]! * feature;
      }
      this.#gradPool2[i] = sum;
    }
    unpool(this.#pool2, this.#gradPool2, this.#gradConv2);
    convolveBack(CONV2, this.#pool1.values, this.#gradConv2, gradients.conv2, gradients.bias2);
    spread(CONV2, conv2, this.#gradConv2, this.#gradPool1);
    unpool(this.#pool1, this.#gradPool1, this.#gradConv1);
    convolveBack(CONV1, image, this.#gradConv1, gradients.conv1, gradients.bias1);
    return loss;
  }
}

/** Maxima of 2 × 2 squares, and where each came from; -1 where ReLU cut it off. */
interface Pooled {
  readonly values: Float32Array;
  readonly from: Int32Array;
}

function pooled({ outputs, side }: LayerShape): Pooled {
  const length = outputs * (side / 2) ** 2;
  return { values: new Float32Array(length), from: new Int32Array(length) };
}

function softmax(scores: Float32Array): Float32Array {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function convolve(
  shape: LayerShape,
  input: Float32Array,
  weights: Float32Array,
  bias: Float32Array,
  output: Float32Array,
): void {
  const area = shape.side ** 2;
  for (let o = 0; o < shape.outputs; o++) output.fill(bias[o]!, o * area, (o + 1) * area);
  eachTap(shape, (o, i, tap, toStart, fromStart, rows, columns) => {
    const weight = weights[tap]!;
    for (let y = 0; y < rows; y++) {
      const to = o * area + toStart + y * shape.side;
      const from = i * area + fromStart + y * shape.side;
      for (let x = 0; x < columns; x++) output[to + x]! += weight * input[from + x]!;
    }
  });
}

/** Gradients of weights and biases, added. */
function convolveBack(
  shape: LayerShape,
  input: Float32Array,
  gradOutput: Float32Array,
  gradWeights: Float32Array,
  gradBias: Float32Array,
): void {
  const area = shape.side ** 2;
  for (let o = 0; o < shape.outputs; o++) {
    let sum = 0;
    for (let at = o * area; at < (o + 1) * area; at++) sum += gradOutput[at]!;
    gradBias[o]! += sum;
  }
  eachTap(shape, (o, i, tap, toStart, fromStart, rows, columns) => {
    let sum = 0;
    for (let y = 0; y < rows; y++) {
      const to = o * area + toStart + y * shape.side;
      const from = i * area + fromStart + y * shape.side;
      for (let x = 0; x < columns; x++) sum += gradOutput[to + x]! * input[from + x]!;
    }
    gradWeights[tap]! += sum;
  });
}

/** Gradient of the layer's input, overwritten. */
function spread(
  shape: LayerShape,
  weights: Float32Array,
  gradOutput: Float32Array,
  gradInput: Float32Array,
): void {
  const area = shape.side ** 2;
  gradInput.fill(0);
  eachTap(shape, (o, i, tap, toStart, fromStart, rows, columns) => {
    const weight = weights[tap]!;
    for (let y = 0; y < rows; y++) {
      const to = o * area + toStart + y * shape.side;
      const from = i * area + fromStart + y * shape.side;
      for (let x = 0; x < columns; x++) gradInput[from + x]! += weight * gradOutput[to + x]!;
    }
  });
}

type Tap = (
  output: number,
  input: number,
  weight: number,
  toStart: number,
  fromStart: number,
  rows: number,
  columns: number,
) => void;

/** Every weight with the rectangles of output and input that it connects: no bounds test inside. */
function eachTap({ inputs, outputs, side, kernel }: LayerShape, visit: Tap): void {
  const middle = (kernel - 1) / 2;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          const dy = ky - middle;
          const dx = kx - middle;
          const toStart = Math.max(0, -dy) * side + Math.max(0, -dx);
          const fromStart = Math.max(0, dy) * side + Math.max(0, dx);
          const weight = ((o * inputs + i) * kernel + ky) * kernel + kx;
          visit(o, i, weight, toStart, fromStart, side - Math.abs(dy), side - Math.abs(dx));
        }
      }
    }
  }
}

/** max(pool) then ReLU is ReLU then max(pool), with fewer comparisons. */
function poolReLU({ outputs, side }: LayerShape, input: Float32Array, pool: Pooled): void {
  const half = side / 2;
  let to = 0;
  for (let c = 0; c < outputs; c++) {
    for (let y = 0; y < half; y++) {
      for (let x = 0; x < half; x++, to++) {
        const corner = c * side * side + 2 * y * side + 2 * x;
        let best = corner;
        if (input[corner + 1]! > input[best]!) best = corner + 1;
        if (input[corner + side]! > input[best]!) best = corner + side;
        if (input[corner + side + 1]! > input[best]!) best = corner + side + 1;
        const value = input[best]!;
        pool.values[to] = value > 0 ? value : 0;
        pool.from[to] = value > 0 ? best : -1;
      }
    }
  }
}

function unpool(pool: Pooled, gradPooled: Float32Array, gradInput: Float32Array): void {
  gradInput.fill(0);
  for (let i = 0; i < pool.from.length; i++) {
    const from = pool.from[i]!;
    if (from >= 0) gradInput[from] = gradPooled[i]!;
  }
}
