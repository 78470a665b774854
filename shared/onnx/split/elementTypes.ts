/**
 * Which element type every value of a model has: declared, known from elsewhere, or following from its node.
 *
 * Not a checker. What no rule covers stays unknown and is not guessed: a value of unknown type cannot be sent from
 * stage to stage. Rules are the operator specification's (onnx/onnx docs/Operators.md).
 */
import { domainOf, type OnnxModel } from '../graph.ts';
import { attribute, subgraphsOf } from '../nodeFacts.ts';
import type { FunctionProto, GraphProto, NodeProto, ValueInfoProto } from '../onnx_pb.ts';
import { usesOf } from './dataflow.ts';
import { topologicalOrder } from './topologicalOrder.ts';

/** A number of ONNX's `TensorProto.DataType`; null: a sequence, a map or an optional. */
export type ElementType = number | null;
export type ElementTypes = ReadonlyMap<string, ElementType>;

const FLOAT = 1;
const UINT8 = 2;
const INT32 = 6;
const INT64 = 7;
const STRING = 8;
const BOOL = 9;

/** By value name; absent where unknown. `known` comes before everything else. */
export function elementTypes(model: OnnxModel, known: ElementTypes = new Map()): ElementTypes {
  const graph = model.proto.graph!;
  const types = new Map(known);
  const declare = (values: readonly ValueInfoProto[]): void => declareAll(types, values);
  declare([...graph.input, ...graph.output, ...graph.valueInfo]);
  for (const tensor of graph.initializer) types.set(tensor.name, tensor.dataType);
  const functions = new Map(
    model.proto.functions.map((f) => [`${domainOf(f.domain)}:${f.name}`, f]),
  );
  inferNodes(graph.node, types, { functions, visits: { left: MAX_VISITS } });
  return types;
}

interface Context {
  readonly functions: ReadonlyMap<string, FunctionProto>;
  readonly visits: { left: number };
}

/**
 * Nodes that are looked at, bodies of functions at every call: functions that call functions multiply, and what comes
 * from outside must not take for ever. What is then not known stays unknown.
 */
const MAX_VISITS = 1_000_000;

function inferNodes(
  nodes: readonly NodeProto[],
  types: Map<string, ElementType>,
  context: Context,
): void {
  for (const node of sorted(nodes)) {
    if (context.visits.left-- <= 0) return;
    if (node.output.every((name) => name === '' || types.has(name))) continue;
    outputTypes(node, types, context).forEach((type, i) => {
      const name = node.output[i] ?? '';
      if (name !== '' && type !== undefined && !types.has(name)) types.set(name, type);
    });
  }
}

/** Each after what it takes; as they stand where that cannot be. */
function sorted(nodes: readonly NodeProto[]): readonly NodeProto[] {
  const producers = new Map(
    nodes.flatMap(({ output }, at) => output.map((name) => [name, at] as const)),
  );
  producers.delete('');
  const before = nodes.map(
    (node) => new Set([...usesOf(node)].flatMap((name) => producers.get(name) ?? [])),
  );
  const order = topologicalOrder(before, (a, b) => a - b);
  return order?.map((at) => nodes[at]!) ?? nodes;
}

function declareAll(types: Map<string, ElementType>, values: readonly ValueInfoProto[]): void {
  for (const info of values) {
    const type = declaredType(info);
    if (type !== undefined && !types.has(info.name)) types.set(info.name, type);
  }
}

function declaredType({ type }: ValueInfoProto): ElementType | undefined {
  if (type === undefined) return undefined;
  if (type.value.case === 'tensorType') {
    const { elemType } = type.value.value;
    return elemType === 0 ? undefined : elemType;
  }
  // The other kinds of type are fields that our schema does not read.
  return type.$unknown?.length ? null : undefined;
}

type TypeRule = (node: NodeProto, input: (index: number) => ElementType | undefined) => Types;
type Types = readonly (ElementType | undefined)[];

function outputTypes(node: NodeProto, types: ElementTypes, context: Context): Types {
  const domain = domainOf(node.domain);
  const body = context.functions.get(`${domain}:${node.opType}`);
  if (body !== undefined) return functionTypes(node, body, types, context);
  const [graph] = subgraphsOf(node);
  if (graph !== undefined) return bodyTypes(node, graph, types, context);
  if (domain !== '') return [];
  const input = (index: number) => types.get(node.input[index] ?? '');
  return RULES.get(node.opType)?.(node, input) ?? [];
}

function functionTypes(
  node: NodeProto,
  body: FunctionProto,
  types: ElementTypes,
  context: Context,
): Types {
  const inner = new Map<string, ElementType>();
  body.input.forEach((name, i) => {
    const type = types.get(node.input[i] ?? '');
    if (type !== undefined) inner.set(name, type);
  });
  // A function that calls itself is no ONNX; without itself it cannot be followed for ever.
  const functions = new Map(context.functions);
  functions.delete(`${domainOf(body.domain)}:${body.name}`);
  inferNodes(body.node, inner, { ...context, functions });
  return body.output.map((name) => inner.get(name));
}

/** A Loop's body also gives its condition, first; both branches of an If give the same types. */
function bodyTypes(
  node: NodeProto,
  graph: GraphProto,
  types: ElementTypes,
  context: Context,
): Types {
  const inner = new Map(types);
  for (const { name } of graph.input) inner.delete(name);
  declareAll(inner, [...graph.input, ...graph.output, ...graph.valueInfo]);
  for (const tensor of graph.initializer) inner.set(tensor.name, tensor.dataType);
  inferNodes(graph.node, inner, context);
  const outputs = graph.output.map(({ name }) => inner.get(name));
  return node.opType === 'Loop' ? outputs.slice(1) : outputs;
}

const always =
  (...outputs: ElementType[]): TypeRule =>
  () =>
    outputs;
const like =
  (index: number): TypeRule =>
  (node, input) =>
    node.output.map(() => input(index));
/** The first output like an input, the others of a type of their own. */
const likeThen =
  (index: number, rest: ElementType): TypeRule =>
  (node, input) =>
    node.output.map((_, i) => (i === 0 ? input(index) : rest));
/** As an attribute says; else like an input, or of a type of its own. */
const said =
  (name: string, otherwise: number | { readonly input: number }): TypeRule =>
  (node, input) => {
    const found = Number(attribute(node, name)?.i ?? 0);
    if (found !== 0) return [found];
    return [typeof otherwise === 'number' ? otherwise : input(otherwise.input)];
  };

const constant: TypeRule = (node) => {
  const tensor = attribute(node, 'value')?.t;
  if (tensor !== undefined) return [tensor.dataType];
  const [first] = node.attribute;
  if (first?.name.startsWith('value_float') === true) return [FLOAT];
  if (first?.name.startsWith('value_int') === true) return [INT64];
  return first?.name.startsWith('value_string') === true ? [STRING] : [];
};

const LIKE_FIRST = `Abs Acos Acosh Add Asin Asinh Atan Atanh Attention
  AveragePool BatchNormalization BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Ceil
  Celu CenterCropPad Clip Col2Im Compress Concat Conv ConvTranspose Cos Cosh CumSum DFT DeformConv
  DepthToSpace Det Div Einsum Elu Erf Exp Expand Flatten Floor GRU Gather GatherElements GatherND Gelu
  Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool GridSample GroupNormalization HardSigmoid HardSwish
  Hardmax Identity InstanceNormalization LRN LSTM LayerNormalization LeakyRelu Log LogSoftmax
  LpNormalization LpPool MatMul Max MaxRoiPool MaxUnpool Mean MeanVarianceNormalization Min Mish Mod Mul
  Neg PRelu Pad Pow RMSNormalization RNN Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum
  ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape
  Resize ReverseSequence RoiAlign RotaryEmbedding Round Scatter ScatterElements ScatterND Selu Shrink
  Sigmoid Sign Sin Sinh Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Swish
  Tan Tanh ThresholdedRelu Tile Transpose Trilu Unsqueeze Upsample`;

const TRUTH = `And Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Not Or Xor`;

const NO_TENSOR = `SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceMap
  SplitToSequence Optional`;

const words = (list: string): string[] => list.split(/\s+/);

/** By operator name in the domain `ai.onnx`. */
const RULES: ReadonlyMap<string, TypeRule> = new Map<string, TypeRule>([
  ...words(LIKE_FIRST).map((op) => [op, like(0)] as const),
  ...words(TRUTH).map((op) => [op, always(BOOL)] as const),
  ...words(NO_TENSOR).map((op) => [op, always(null)] as const),
  ...words('Shape Size NonZero ArgMax ArgMin NonMaxSuppression SequenceLength').map(
    (op) => [op, always(INT64)] as const,
  ),
  ...words('TopK MaxPool Unique').map((op) => [op, likeThen(0, INT64)] as const),
  // Its mask is a truth value since opset 10 and like the input before: which of them, the node does not say.
  ['Dropout', (_, input) => [input(0)]],
  ['Cast', said('to', FLOAT)],
  ['CastLike', like(1)],
  ['Constant', constant],
  ['ConstantOfShape', (node) => [attribute(node, 'value')?.t?.dataType ?? FLOAT]],
  ['EyeLike', said('dtype', { input: 0 })],
  ['RandomNormalLike', said('dtype', { input: 0 })],
  ['RandomUniformLike', said('dtype', { input: 0 })],
  ['Bernoulli', said('dtype', { input: 0 })],
  ['RandomNormal', said('dtype', FLOAT)],
  ['RandomUniform', said('dtype', FLOAT)],
  ['Multinomial', said('dtype', INT32)],
  ['OneHot', like(2)],
  ['Where', like(1)],
  ['ConvInteger', always(INT32)],
  ['MatMulInteger', always(INT32)],
  ['QLinearConv', like(7)],
  ['QLinearMatMul', like(7)],
  [
    'QuantizeLinear',
    (node, input) =>
      (node.input[2] ?? '') === '' ? said('output_dtype', UINT8)(node, input) : [input(2)],
  ],
  ['DequantizeLinear', said('output_dtype', { input: 1 })],
  ['DynamicQuantizeLinear', always(UINT8, FLOAT, UINT8)],
]);
