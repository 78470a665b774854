/**
 * Arithmetic operations per ONNX operator, as functions of shapes alone.
 *
 * The convention, which prices are made from: a multiply-add is 2; a comparison, a square root, an
 * exponential or any other elementary function is 1; moving, viewing and converting data is 0. Counts
 * are of the mathematics as the graph states it, not of what an engine does to get there.
 */
import { elementCount } from '../tensor.ts';
import { ShapeUnknown, type NodeFacts } from './nodeFacts.ts';

type Count = (node: NodeFacts) => number;

const perOutput =
  (operations: number): Count =>
  (node) =>
    operations * node.outputElements();
const perInput =
  (operations: number): Count =>
  (node) =>
    operations * node.inputElements();
const nothing: Count = () => 0;

/** Each output element is a dot product over the kernel and the input channels of one group. */
const convolution =
  (weights: number, bias: number): Count =>
  (node) => {
    const [, channelsPerGroup = 1, ...kernel] = node.input(weights);
    const outputs = node.outputElements();
    const products = 2 * outputs * channelsPerGroup * elementCount(kernel);
    return products + (node.hasInput(bias) ? outputs : 0);
  };

/** Each input element is scattered over the kernel into the output channels of its group. */
const transposedConvolution: Count = (node) => {
  const [, channelsPerGroup = 1, ...kernel] = node.input(1);
  const products = 2 * node.inputElements() * channelsPerGroup * elementCount(kernel);
  return products + (node.hasInput(2) ? node.outputElements() : 0);
};

const matMul: Count = (node) => 2 * node.outputElements() * (node.input(0).at(-1) ?? 1);

const gemm: Count = (node) => {
  const [rows = 1, columns = 1] = node.input(0);
  const inner = node.int('transA', 0) === 0 ? columns : rows;
  return (2 * inner + (node.hasInput(2) ? 1 : 0)) * node.outputElements();
};

const pool: Count = (node) => {
  const kernel = node.ints('kernel_shape');
  if (kernel === undefined) throw new ShapeUnknown('kernel_shape');
  return node.outputElements() * elementCount(kernel);
};

/** The sum runs over every label once: a product and an addition per combination. */
const einsum: Count = (node) => {
  const [left = ''] = node.text('equation', '').replaceAll(' ', '').split('->');
  const extents = new Map<string, number>();
  left.split(',').forEach((labels, i) => {
    if (labels.includes('.')) throw new ShapeUnknown('an ellipsis');
    [...labels].forEach((label, axis) => extents.set(label, node.input(i)[axis] ?? 1));
  });
  return 2 * elementCount([...extents.values()]);
};

/** `gates` dense layers per step over input and hidden state, and about 5 operations per gate output. */
const recurrent =
  (gates: number): Count =>
  (node) => {
    const [steps = 1, batch = 1, inputSize = 1] = node.input(0);
    const [directions = 1, , hidden = 1] = node.input(2);
    const perStep = gates * hidden * (2 * (inputSize + hidden) + 5);
    return steps * batch * directions * perStep;
  };

const localResponse: Count = (node) => node.outputElements() * (2 * node.int('size', 1) + 3);
const variadic: Count = (node) => node.outputElements() * Math.max(1, node.node.input.length - 1);
const resize: Count = (node) =>
  node.outputElements() * { nearest: 0, linear: 8, cubic: 35 }[resizeMode(node)];

function resizeMode(node: NodeFacts): 'nearest' | 'linear' | 'cubic' {
  const mode = node.text('mode', 'nearest');
  return mode === 'linear' || mode === 'cubic' ? mode : 'nearest';
}

const MOVES = `Identity Reshape Transpose Concat Slice Split Gather GatherElements GatherND Flatten
  Squeeze Unsqueeze Shape Size Constant ConstantOfShape Expand Tile Pad Dropout Cast CastLike
  DepthToSpace SpaceToDepth ScatterElements ScatterND Scatter OneHot Range EyeLike NonZero Trilu
  Compress ReverseSequence Unique MaxUnpool`;

const ONE_PER_OUTPUT = `Add Sub Mul Div Pow Mod Neg Abs Sqrt Reciprocal Exp Log Relu LeakyRelu PRelu
  Elu Selu Celu ThresholdedRelu Softplus Softsign Sigmoid HardSigmoid HardSwish Tanh Erf Gelu Mish
  Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Ceil Floor Round Sign Clip And Or Xor Not
  Equal Greater Less GreaterOrEqual LessOrEqual Where IsNaN IsInf BitShift BitwiseAnd BitwiseOr
  BitwiseXor BitwiseNot Swish`;

const ONE_PER_INPUT = `ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ArgMax ArgMin
  GlobalAveragePool GlobalMaxPool CumSum TopK`;

const TWO_PER_INPUT = `ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp GlobalLpPool`;

const words = (list: string): string[] => list.split(/\s+/);

/** By operator name in the domain `ai.onnx`. */
export const FLOP_TABLE: ReadonlyMap<string, Count> = new Map<string, Count>([
  ...words(MOVES).map((op) => [op, nothing] as const),
  ...words(ONE_PER_OUTPUT).map((op) => [op, perOutput(1)] as const),
  ...words(ONE_PER_INPUT).map((op) => [op, perInput(1)] as const),
  ...words(TWO_PER_INPUT).map((op) => [op, perInput(2)] as const),
  ['Sum', variadic],
  ['Mean', variadic],
  ['Max', variadic],
  ['Min', variadic],
  ['Conv', convolution(1, 2)],
  ['ConvInteger', convolution(1, -1)],
  ['QLinearConv', convolution(3, 8)],
  ['ConvTranspose', transposedConvolution],
  ['MatMul', matMul],
  ['MatMulInteger', matMul],
  ['QLinearMatMul', (node) => 2 * node.outputElements() * (node.input(0).at(-1) ?? 1)],
  ['Gemm', gemm],
  ['Einsum', einsum],
  ['MaxPool', pool],
  ['AveragePool', pool],
  ['LpPool', pool],
  ['RNN', recurrent(1)],
  ['GRU', recurrent(3)],
  ['LSTM', recurrent(4)],
  ['LRN', localResponse],
  ['Resize', resize],
  ['Upsample', resize],
  // one multiply and one addition with folded statistics
  ['BatchNormalization', perOutput(2)],
  // mean, difference, square, sum, product with the inverse deviation, scale, shift
  ['LayerNormalization', perOutput(7)],
  ['InstanceNormalization', perOutput(7)],
  ['GroupNormalization', perOutput(7)],
  ['RMSNormalization', perOutput(4)],
  ['MeanVarianceNormalization', perOutput(5)],
  ['LpNormalization', perOutput(3)],
  // maximum, difference, exponential, sum, division
  ['Softmax', perOutput(5)],
  ['LogSoftmax', perOutput(5)],
  ['Hardmax', perOutput(2)],
  // scale and shift by the zero point
  ['QuantizeLinear', perOutput(2)],
  ['DequantizeLinear', perOutput(2)],
  ['DynamicQuantizeLinear', perOutput(4)],
]);
