/**
 * A job while its author puts it together in a page: the model, what its inputs are given, and what follows from them.
 *
 * Sends nothing. Values in, values out.
 */
import { fileProblem, type FileProblem } from '../../sdk/inputs/fileProblem.ts';
import { decodeTensorFile, tensorFileKind } from '../../sdk/inputs/tensorFile.ts';
import type { SubmitOptions } from '../../sdk/client.ts';
import { MAX_BLOB_BYTES, MAX_MODEL_BYTES } from '../../shared/limits.ts';
import { readModel, type OnnxValue } from '../../shared/onnx/graph.ts';
import { messageOf, ok, type Result } from '../../shared/result.ts';
import { describeSpec, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import { formatBytes } from '../../shared/units.ts';
import type { PreparedImages } from './preparedImages.ts';

export interface ModelFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** What one input of the model is given. */
export interface Given {
  readonly tensor: Tensor;
  /** The same for all items; else its first axis is the items. */
  readonly isConstant: boolean;
  /** The file or files, for a person. */
  readonly from: string;
  /** Where rows are pictures. */
  readonly images?: PreparedImages;
  /** Another input was given a file that holds this one's array too. */
  readonly along?: boolean;
}

/** By the model's inputs. */
export type GivenInputs = Readonly<Record<string, Given>>;

/** What else an author chooses. */
export type Choices = Pick<SubmitOptions, 'name' | 'verification' | 'budget' | 'ratePercent'>;

export async function readModelFile(file: File): Promise<Result<ModelFile, FileProblem>> {
  const bytes = await bytesOf(file, MAX_MODEL_BYTES);
  if (!bytes.ok) return bytes;
  const model = readModel(bytes.value);
  if (!model.ok) {
    const { expected, came } = model.error;
    return fileProblem(file.name, expected, came, 'export the model as one .onnx file');
  }
  const { inputs, outputs } = model.value;
  return ok({ name: file.name, bytes: bytes.value, inputs, outputs });
}

/** The file's tensors, by name; those of a `.npy` file under the file's own. */
export async function readTensors(file: File): Promise<Result<NamedTensors, FileProblem>> {
  const bytes = await bytesOf(file, MAX_BLOB_BYTES);
  return bytes.ok ? decodeTensorFile(bytes.value, file.name) : bytes;
}

export const isTensorFile = (file: File): boolean => tensorFileKind(file.name) !== null;

/** The tensor for `input` among those of a file: the one of its name, else the only one. */
function tensorFor(
  input: string,
  tensors: NamedTensors,
  file: string,
): Result<Tensor, FileProblem> {
  const [only, ...others] = Object.values(tensors);
  const tensor = Object.hasOwn(tensors, input)
    ? tensors[input]
    : others.length === 0
      ? only
      : undefined;
  if (tensor !== undefined) return ok(tensor);
  const came = Object.keys(tensors).join(', ');
  return fileProblem(file, `an array "${input}"`, came, 'name the array as the input is named');
}

/**
 * What the arrays of one file give: `input` its own, and every other input of the model the one of its name.
 */
export function givenByFile(
  { inputs }: Pick<ModelFile, 'inputs'>,
  input: string,
  tensors: NamedTensors,
  file: string,
): Result<GivenInputs, FileProblem> {
  const own = tensorFor(input, tensors, file);
  if (!own.ok) return own;
  const given: Record<string, Given> = {};
  for (const one of inputs) {
    const along = one.name !== input;
    // A file that does not name the input was meant for it alone.
    const others = Object.hasOwn(tensors, input) ? tensors : {};
    const tensor = !along ? own.value : Object.hasOwn(others, one.name) ? others[one.name] : null;
    if (tensor === undefined || tensor === null) continue;
    const isConstant = looksConstant(one, tensor, inputs.length === 1);
    given[one.name] = { tensor, isConstant, from: file, ...(along ? { along } : {}) };
  }
  return ok(given);
}

/**
 * Whether a tensor is likely the same for all items: it has the input's own shape, and that has no axis left for items.
 */
function looksConstant({ dims }: OnnxValue, tensor: Tensor, isOnlyInput: boolean): boolean {
  if (isOnlyInput || dims?.length !== tensor.dims.length) return false;
  return dims.every((dim, axis) => dim === tensor.dims[axis]);
}

/** How many items the given inputs have; null where none of them says. */
export function itemCount(given: GivenInputs): number | null {
  const stacked = Object.values(given).find(({ isConstant }) => !isConstant);
  return stacked?.tensor.dims[0] ?? null;
}

/** Inputs that are given nothing yet. */
export const openInputs = (model: ModelFile, given: GivenInputs): readonly string[] =>
  model.inputs.map(({ name }) => name).filter((name) => !Object.hasOwn(given, name));

/** `[1, 3, 240, 320]` in the words of a model: symbols by their names. */
export const shapeText = ({ dtype, typeName, dims }: OnnxValue): string =>
  `${dtype ?? typeName}${dims === null ? '' : `[${dims.map((dim) => dim ?? '?').join(', ')}]`}`;

export const tensorText = (tensor: Tensor): string => describeSpec(tensor);

export function submitOptions(
  model: ModelFile,
  given: GivenInputs,
  choices: Choices,
): SubmitOptions {
  const those = (isConstant: boolean): NamedTensors =>
    Object.fromEntries(
      Object.entries(given)
        .filter(([, one]) => one.isConstant === isConstant)
        .map(([name, { tensor }]) => [name, tensor]),
    );
  return {
    ...choices,
    program: { onnx: model.bytes },
    inputs: { stacked: those(false), constant: those(true) },
  };
}

async function bytesOf(file: File, most: number): Promise<Result<Uint8Array, FileProblem>> {
  if (file.size > most) {
    const expected = `at most ${formatBytes(most)}`;
    return fileProblem(file.name, expected, formatBytes(file.size), 'post it as several jobs');
  }
  try {
    return ok(new Uint8Array(await file.arrayBuffer()));
  } catch (thrown) {
    // A file that was changed or removed after it was chosen.
    return fileProblem(file.name, 'a readable file', messageOf(thrown, 200), 'choose it again');
  }
}
