/**
 * Which shapes a job's tensors take in one run of a model, and which shapes one item of each output has.
 *
 * Pure. The rule for a stacked input with item shape S and the model's declared dims D:
 * - rank(D) = rank(S) + 1: the model has a batch axis, one run is fed `[itemsPerRun, ...S]`;
 * - rank(D) = rank(S), or D is not declared: one run takes one item as it is, so itemsPerRun is 1.
 * Every fixed declared extent must be met; symbolic and undeclared ones take anything.
 */
import type { OnnxModel, OnnxValue } from '../../shared/onnx/graph.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { NamedTensors, TensorSpec } from '../../shared/tensor.ts';

export interface RunShapes {
  /** Per stacked input, the dims of one run (`shared/program.ts`). */
  readonly feeds: Readonly<Record<string, readonly number[]>>;
  /** At least one stacked input has a batch axis. */
  readonly batched: boolean;
}

/**
 * `sample` holds one item: every tensor is `[1, ...itemShape]`. `runDims` are those of one run, of inputs of which they
 * are known better than by the declaration.
 */
export function runShapes(
  model: OnnxModel,
  constants: NamedTensors,
  sample: NamedTensors,
  itemsPerRun: number,
  runDims: Readonly<Record<string, readonly number[]>> = {},
): Result<RunShapes, Problem> {
  const unknown = unknownInput(model, constants, sample);
  if (unknown !== null) return fail(unknown);
  const feeds: Record<string, readonly number[]> = {};
  let batched = false;
  for (const input of model.inputs) {
    const given = givenOnce(input, constants, sample);
    if (!given.ok) return given;
    const { tensor, stacked } = given.value;
    const wrongDtype = checkDtype(input, tensor.dtype, stacked);
    if (wrongDtype !== null) return fail(wrongDtype);
    if (!stacked) {
      if (!accepts(input.dims, tensor.dims)) return fail(shapeProblem(input, tensor.dims, false));
      continue;
    }
    const item = tensor.dims.slice(1);
    const rank = (runDims[input.name] ?? input.dims)?.length;
    const hasBatchAxis = rank === item.length + 1;
    const dims = hasBatchAxis ? [itemsPerRun, ...item] : item;
    if (!accepts(input.dims, dims)) return fail(shapeProblem(input, item, true, itemsPerRun));
    if (!hasBatchAxis && itemsPerRun !== 1) return fail(notBatched(input, itemsPerRun));
    batched ||= hasBatchAxis;
    feeds[input.name] = dims;
  }
  if (!batched && itemsPerRun !== 1) return fail(notBatched(undefined, itemsPerRun));
  return ok({ feeds, batched });
}

/** The shape of one item of an output that one run gave as `spec`. */
export function itemSpec(
  name: string,
  spec: TensorSpec,
  shapes: RunShapes,
  itemsPerRun: number,
): Result<TensorSpec, Problem> {
  const { dtype, dims } = spec;
  if (shapes.batched && dims[0] === itemsPerRun) return ok({ dtype, dims: dims.slice(1) });
  if (itemsPerRun === 1) return ok({ dtype, dims });
  return fail({
    code: 'output-unknown',
    detail: `output "${name}" does not hold one row per item`,
    field: 'program.itemsPerRun',
    expected: `[${itemsPerRun}, ...] of a run of ${itemsPerRun} items`,
    came: `[${dims.join(', ')}]`,
    fix: 'set itemsPerRun to 1',
  });
}

/** The outputs to return: those asked for, or all of the model's. */
export function requestedOutputs(
  model: OnnxModel,
  requested: readonly string[] | undefined,
): Result<readonly string[], Problem> {
  const names = model.outputs.map((output) => output.name);
  const absent = requested?.find((name) => !names.includes(name));
  if (absent !== undefined) {
    return fail({
      code: 'output-unknown',
      detail: `the model has no output "${absent}"`,
      field: 'program.outputs',
      expected: `one of ${quoted(names)}`,
      came: `"${absent}"`,
    });
  }
  const taken = model.outputs.filter(({ name }) => requested?.includes(name) ?? true);
  const foreign = taken.find(({ dtype, typeName }) => dtype === null && typeName !== 'undeclared');
  if (foreign !== undefined) {
    return fail({
      code: 'model-refused',
      detail: `output "${foreign.name}" has a type that this network does not carry`,
      field: 'program.outputs',
      expected: DTYPES_CARRIED,
      came: foreign.typeName,
      fix: 'name other outputs, or add a Cast to the model',
    });
  }
  return ok(taken.map(({ name }) => name));
}

const DTYPES_CARRIED = 'float, float16, double, int8, uint8, int32, uint32, int64 or bool tensors';

function unknownInput(
  model: OnnxModel,
  constants: NamedTensors,
  sample: NamedTensors,
): Problem | null {
  const names = model.inputs.map((input) => input.name);
  const unknown = [...Object.keys(sample), ...Object.keys(constants)].find(
    (name) => !names.includes(name),
  );
  if (unknown === undefined) return null;
  return {
    code: 'input-unknown',
    detail: `the model has no input "${unknown}"`,
    field: Object.hasOwn(sample, unknown) ? 'inputs.stacked' : 'inputs.constant',
    expected: `one of ${quoted(names)}`,
    came: `"${unknown}"`,
  };
}

function givenOnce(
  input: OnnxValue,
  constants: NamedTensors,
  sample: NamedTensors,
): Result<{ tensor: TensorSpec; stacked: boolean }, Problem> {
  const row = ownTensor(sample, input.name);
  const constant = ownTensor(constants, input.name);
  if (row !== undefined && constant !== undefined) {
    return fail({
      code: 'input-unknown',
      detail: `input "${input.name}" is given twice`,
      field: 'inputs',
      expected: 'each input either stacked or constant',
      came: 'both',
    });
  }
  const tensor = row ?? constant;
  if (tensor !== undefined) return ok({ tensor, stacked: row !== undefined });
  return fail({
    code: 'input-missing',
    detail: `the model's input "${input.name}" is not given`,
    field: 'inputs',
    expected: `"${input.name}" ${declared(input)}, stacked over items or constant`,
    came: quoted([...Object.keys(sample), ...Object.keys(constants)]),
  });
}

/** An own property only: names come from outside, and `constructor` is a name too. */
const ownTensor = (tensors: NamedTensors, name: string): TensorSpec | undefined =>
  Object.hasOwn(tensors, name) ? tensors[name] : undefined;

function checkDtype(input: OnnxValue, dtype: string, stacked: boolean): Problem | null {
  if (input.dtype === dtype) return null;
  const field = stacked ? 'inputs.stacked' : 'inputs.constant';
  if (input.dtype === null) {
    return {
      code: 'model-refused',
      detail: `input "${input.name}" has a type that this network does not carry`,
      field,
      expected: DTYPES_CARRIED,
      came: input.typeName,
      fix: 'add a Cast behind the input to the model',
    };
  }
  return {
    code: 'input-dtype',
    detail: `input "${input.name}" has another dtype than the model takes`,
    field,
    expected: `${input.dtype} (${input.typeName})`,
    came: dtype,
    fix: `convert it to ${input.dtype}`,
  };
}

const accepts = (declaredDims: OnnxValue['dims'], dims: readonly number[]): boolean =>
  declaredDims === null ||
  (declaredDims.length === dims.length &&
    declaredDims.every((extent, i) => typeof extent !== 'number' || extent === dims[i]));

function shapeProblem(
  input: OnnxValue,
  dims: readonly number[],
  stacked: boolean,
  itemsPerRun = 1,
): Problem {
  const first = input.dims?.[0];
  const fixedBatch =
    stacked &&
    typeof first === 'number' &&
    first !== itemsPerRun &&
    input.dims?.length === dims.length + 1;
  return {
    code: 'input-shape',
    detail: fixedBatch
      ? `input "${input.name}" takes ${first} items a run, the job asks for ${itemsPerRun}`
      : `input "${input.name}" has another shape than the model takes`,
    field: stacked ? 'inputs.stacked' : 'inputs.constant',
    expected: stacked
      ? `items of ${declared(input)}, with or without its first axis`
      : declared(input),
    came: `${stacked ? 'an item of ' : ''}[${dims.join(', ')}]`,
    fix: fixedBatch ? `set itemsPerRun to ${first}` : undefined,
  };
}

const notBatched = (input: OnnxValue | undefined, itemsPerRun: number): Problem => ({
  code: 'input-shape',
  detail:
    input === undefined
      ? 'the model has no stacked input with a batch axis'
      : `input "${input.name}" has no batch axis beside the item's own`,
  field: 'program.itemsPerRun',
  expected: 'itemsPerRun 1 for a model that takes one item a run',
  came: `${itemsPerRun}`,
  fix: 'set itemsPerRun to 1',
});

const declared = ({ dims }: OnnxValue): string =>
  dims === null ? 'any shape' : `[${dims.map((dim) => dim ?? '?').join(', ')}]`;

const quoted = (names: readonly string[]): string =>
  names.length === 0 ? 'nothing' : names.map((name) => `"${name}"`).join(', ');
