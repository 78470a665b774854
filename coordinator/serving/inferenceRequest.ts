/**
 * A request to a published model: its JSON, and the bytes of tensors behind it, checked against what the model takes.
 */
import { bytesOfValues, flattened } from '../../shared/jsonTensor.ts';
import { MAX_INFERENCE_JSON_BYTES, MAX_INFERENCE_WAIT_MS } from '../../shared/limits.ts';
import {
  DATATYPES,
  INFERENCE_HEADER_LENGTH,
  datatypeOf,
  inferenceRequestSchema,
  type InferenceRequest,
  type RequestInput,
} from '../../shared/protocol/models.ts';
import { checkValue, readJson } from '../../shared/protocol/parse.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import {
  byteLengthOf,
  elementCount,
  sameDims,
  type Dtype,
  type Tensor,
  type TensorSpec,
} from '../../shared/tensor.ts';
import type { ModelVersion } from './models.ts';

export interface WantedOutput {
  readonly name: string;
  /** As bytes behind the JSON. */
  readonly isBinary: boolean;
}

export interface InferenceCall {
  readonly id?: string;
  readonly items: number;
  /** Every one `[items, ...itemShape]`. */
  readonly stacked: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly WantedOutput[];
  /** How long the caller would wait. */
  readonly timeoutMs: number;
}

/** `headerLength` is what the header of that name says; the whole body is JSON where it is null. */
export function readInference(
  body: Uint8Array,
  headerLength: string | null,
  model: ModelVersion,
): Result<InferenceCall, Problem> {
  const end = headerLength === null ? body.byteLength : Number(headerLength);
  if (!Number.isInteger(end) || end < 0 || end > body.byteLength) {
    const expected = `at most the ${body.byteLength} bytes of the body`;
    const detail = `${INFERENCE_HEADER_LENGTH} is not the length of the JSON`;
    return fail({
      code: 'malformed-frame',
      detail,
      expected,
      came: (headerLength ?? '').slice(0, 40),
    });
  }
  if (end > MAX_INFERENCE_JSON_BYTES) {
    return fail({
      code: 'body-too-large',
      detail: 'the JSON is too large',
      expected: `at most ${MAX_INFERENCE_JSON_BYTES} bytes`,
      came: `${end}`,
      fix: 'send tensors as bytes behind it (binary_data_size), or fewer items at once',
    });
  }
  const json = readJson(new TextDecoder().decode(body.subarray(0, end)));
  return json.ok ? callOf(json.value, body.subarray(end), model) : json;
}

/** `tail` holds the bytes of the inputs that are not in the JSON, one after the other. */
export function callOf(
  json: unknown,
  tail: Uint8Array,
  model: ModelVersion,
): Result<InferenceCall, Problem> {
  const request = checkValue(json, inferenceRequestSchema);
  if (!request.ok) return request;
  const { id, inputs, parameters } = request.value;
  const names = inputs.map(({ name }) => name);
  const missing = Object.keys(model.inputs).find((name) => !names.includes(name));
  if (missing !== undefined) return fail(missingInput(missing, names));
  const stacked: Record<string, Tensor> = {};
  let items: number | null = null;
  let at = 0;
  for (const [index, input] of inputs.entries()) {
    const field = `inputs[${index}]`;
    if (Object.hasOwn(stacked, input.name)) return fail(repeatedInput(input.name, field));
    const spec = model.inputs[input.name];
    if (spec === undefined) return fail(unknownInput(input.name, field, Object.keys(model.inputs)));
    const wrong = wrongSpec(input, spec, items, field);
    if (wrong !== null) return fail(wrong);
    items ??= input.shape[0]!;
    const size = input.parameters?.['binary_data_size'];
    const tensor =
      size === undefined
        ? tensorOfJson(input, spec.dtype, field)
        : tensorOfBytes(input, spec.dtype, tail.subarray(at), size, field);
    if (!tensor.ok) return tensor;
    if (size !== undefined) at += tensor.value.bytes.byteLength;
    stacked[input.name] = tensor.value;
  }
  if (at !== tail.byteLength) return fail(surplusBytes(at, tail.byteLength));
  const outputs = wantedOutputs(request.value, model);
  if (!outputs.ok) return outputs;
  const timeoutMs = timeoutOf(parameters?.['timeout']);
  if (!timeoutMs.ok) return timeoutMs;
  const call = { items: items!, stacked, outputs: outputs.value, timeoutMs: timeoutMs.value };
  return ok(id === undefined ? call : { ...call, id });
}

function wantedOutputs(
  { outputs, parameters }: InferenceRequest,
  model: ModelVersion,
): Result<readonly WantedOutput[], Problem> {
  const known = Object.keys(model.known.facts.outputs);
  const allBinary = parameters?.['binary_data_output'] === true;
  const wanted = outputs ?? known.map((name) => ({ name, parameters: undefined }));
  const unknown = wanted.find(({ name }) => !known.includes(name));
  if (unknown !== undefined) {
    const detail = `the model has no output "${unknown.name}"`;
    const expected = `outputs among ${known.join(', ')}`;
    return fail({ code: 'output-unknown', detail, field: 'outputs', expected, came: unknown.name });
  }
  if (new Set(wanted.map(({ name }) => name)).size < wanted.length) {
    const detail = 'an output is wanted twice';
    return fail({
      code: 'output-unknown',
      detail,
      field: 'outputs',
      expected: 'every output once',
    });
  }
  return ok(
    wanted.map(({ name, parameters: own }) => ({
      name,
      isBinary: own?.['binary_data'] === undefined ? allBinary : own['binary_data'] === true,
    })),
  );
}

/** Of microseconds, as the protocol's servers take it. */
function timeoutOf(microseconds: unknown): Result<number, Problem> {
  if (microseconds === undefined || microseconds === 0) return ok(MAX_INFERENCE_WAIT_MS);
  if (typeof microseconds === 'number' && microseconds > 0)
    return ok(Math.min(microseconds / 1_000, MAX_INFERENCE_WAIT_MS));
  const expected = 'microseconds, or 0 for the longest time';
  const came = shown(microseconds);
  return fail({
    code: 'invalid-field',
    detail: 'this is no time to wait',
    field: 'parameters.timeout',
    expected,
    came,
  });
}

function wrongSpec(
  { name, datatype, shape }: RequestInput,
  { dtype, dims }: TensorSpec,
  items: number | null,
  field: string,
): Problem | null {
  if (DATATYPES[datatype] !== dtype) {
    const detail = `input "${name}" is of another datatype`;
    const expected = datatypeOf(dtype);
    return { code: 'input-dtype', detail, field: `${field}.datatype`, expected, came: datatype };
  }
  const [count = 0, ...item] = shape;
  const expected = `[${[items ?? 'N', ...dims].join(',')}]${items === null ? ', N items of at least one' : ''}`;
  const came = `[${shape.join(',')}]`;
  if (count < 1 || !sameDims(item, dims)) {
    const detail = `input "${name}" is of another shape`;
    return { code: 'input-shape', detail, field: `${field}.shape`, expected, came };
  }
  if (items === null || items === count) return null;
  const detail = `input "${name}" has another number of items than those before it`;
  return { code: 'input-count', detail, field: `${field}.shape`, expected, came };
}

function tensorOfBytes(
  { name, shape, data }: RequestInput,
  dtype: Dtype,
  rest: Uint8Array,
  size: unknown,
  field: string,
): Result<Tensor, Problem> {
  const bytes = byteLengthOf({ dtype, dims: shape });
  const place = `${field}.parameters.binary_data_size`;
  if (size !== bytes || data !== undefined) {
    const detail = `the bytes of input "${name}" are not as many as its shape has`;
    const expected = data === undefined ? `${bytes}` : 'either data or binary_data_size';
    return fail({ code: 'input-shape', detail, field: place, expected, came: shown(size) });
  }
  if (rest.byteLength < bytes) {
    const detail = `the body ends within input "${name}"`;
    const [expected, came] = [`${bytes} bytes`, `${rest.byteLength}`];
    return fail({ code: 'malformed-frame', detail, field: place, expected, came });
  }
  // A copy, which a Buffer's slice() is not: what follows wants its tensors aligned, and on their own.
  return ok({ dtype, dims: shape, bytes: new Uint8Array(rest.subarray(0, bytes)) });
}

function tensorOfJson(
  { name, shape, data }: RequestInput,
  dtype: Dtype,
  field: string,
): Result<Tensor, Problem> {
  const place = `${field}.data`;
  if (data === undefined) {
    const detail = `input "${name}" has no data`;
    const expected = 'data, or parameters.binary_data_size and its bytes behind the JSON';
    return fail({ code: 'input-missing', detail, field: place, expected });
  }
  if (Array.isArray(data[0]) && !isNestedAs(data, shape)) {
    const detail = `the data of input "${name}" is nested in another way than its shape`;
    const expected = `values in a row, or arrays as [${shape.join(',')}]`;
    return fail({ code: 'input-shape', detail, field: place, expected });
  }
  const spec = { name, dtype, dims: shape };
  const bytes = bytesOfValues(flattened(data, elementCount(shape)), spec);
  if (bytes.ok) return ok({ dtype, dims: shape, bytes: bytes.value });
  const { expected, came } = bytes.error;
  const detail = `the data of input "${name}" is not what its datatype and shape say`;
  return fail({ code: 'input-dtype', detail, field: place, expected, came });
}

const isNestedAs = (value: unknown, [count, ...rest]: readonly number[]): boolean =>
  count === undefined
    ? !Array.isArray(value)
    : Array.isArray(value) &&
      value.length === count &&
      value.every((part) => isNestedAs(part, rest));

const missingInput = (name: string, names: readonly string[]): Problem => ({
  code: 'input-missing',
  detail: `input "${name}" is missing`,
  field: 'inputs',
  expected: `an input called "${name}"`,
  came: names.join(', ').slice(0, 200),
});

const unknownInput = (name: string, field: string, known: readonly string[]): Problem => ({
  code: 'input-unknown',
  detail: `the model has no input "${name}"`,
  field: `${field}.name`,
  expected: `one of ${known.join(', ')}`,
  came: name,
});

const repeatedInput = (name: string, field: string): Problem => ({
  code: 'input-unknown',
  detail: `input "${name}" is there twice`,
  field: `${field}.name`,
  expected: 'every input once',
  came: name,
});

const surplusBytes = (read: number, came: number): Problem => ({
  code: 'malformed-frame',
  detail: 'there are more bytes behind the JSON than its inputs have',
  expected: `${read} bytes`,
  came: `${came}`,
});

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);
