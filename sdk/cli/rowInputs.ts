/**
 * Which numbers one row of a program has, and the files that hold such rows.
 *
 * The batch axis of a model is its first one where that is open or 1; another fixed one belongs to the item, unless
 * runs of so many items are asked for. What a model leaves open besides is said once, by --shape.
 */
import { createReadStream } from 'node:fs';
import { findKernel } from '../../kernels/catalog.ts';
import { MAX_BLOB_BYTES, MAX_ITEMS_PER_JOB, MAX_MODEL_BYTES } from '../../shared/limits.ts';
import { readModel, type OnnxValue } from '../../shared/onnx/graph.ts';
import { messageOf } from '../../shared/result.ts';
import { byteLengthOf, type NamedTensors } from '../../shared/tensor.ts';
import { readRows, stackRows, type Row, type RowFormat, type RowInput } from '../inputs/rows.ts';
import { readWholeFile } from '../inputs/wholeFile.ts';
import { fileOrThrow, usageError } from './exitCode.ts';
import { runShapes } from './modelFacts.ts';
import { paramsOf } from './paramsFlag.ts';
import { printable } from './table.ts';

export interface RowFlags {
  readonly model?: string;
  readonly kernel?: string;
  readonly params?: string;
  readonly shape?: readonly string[];
  readonly itemsPerRun?: string;
}

export const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** All inputs but those that are constant, in the program's order; or the one that is named. */
export async function rowInputsOf(
  flags: RowFlags,
  which: readonly string[] | { readonly only: string },
): Promise<readonly RowInput[]> {
  const all = flags.kernel === undefined ? await ofModel(flags) : await ofKernel(flags);
  const isConstant = (name: string) =>
    'only' in which ? name !== which.only : which.includes(name);
  const wanted = all.filter(({ name }) => !isConstant(name)).map((input) => input.item());
  if (wanted.length > 0) return wanted;
  const names = all.map(({ name }) => name).join(', ') || 'none: it has no stacked inputs';
  throw usageError(`rows: expected an input of the program: ${names}`);
}

interface Lazy {
  readonly name: string;
  /** Throws a usage error where it cannot have rows. */
  readonly item: () => RowInput;
}

async function ofKernel({ kernel, params }: RowFlags): Promise<Lazy[]> {
  const entry = findKernel(kernel ?? '');
  if (entry === undefined)
    throw usageError(
      `--kernel: expected one of the catalogue, such as matmul@1\n  came: ${kernel}`,
    );
  const parsed = entry.manifest.params.safeParse(await paramsOf(params));
  if (!parsed.success)
    throw usageError(
      `--params: expected those of ${kernel}\n  came: ${parsed.error.issues[0]!.message}`,
    );
  const inputs = Object.entries(entry.manifest.inputs(parsed.data));
  return inputs.map(([name, { dtype, dims }]) => ({ name, item: () => ({ name, dtype, dims }) }));
}

async function ofModel({ model: path, shape = [], itemsPerRun }: RowFlags): Promise<Lazy[]> {
  if (path === undefined) throw usageError('expected --model file.onnx or --kernel name@version');
  const bytes = fileOrThrow(await readWholeFile(path, MAX_MODEL_BYTES));
  const model = readModel(bytes, { externalData: 'allow' });
  if (!model.ok)
    throw usageError(`${path}: expected ${model.error.expected}\n  came: ${model.error.came}`);
  const said = new Set(shape.map((flag) => flag.slice(0, flag.lastIndexOf('='))));
  const shapes = runShapes(model.value, shape);
  const run = itemsPerRun === undefined ? undefined : Number(itemsPerRun);
  return model.value.inputs.map((input) => ({
    name: input.name,
    item: () => itemOfInput(input, said.has(input.name) ? shapes.get(input.name)! : null, run),
  }));
}

function itemOfInput(
  { name, dtype, typeName, dims: declared }: OnnxValue,
  said: readonly number[] | null,
  itemsPerRun: number | undefined,
): RowInput {
  if (dtype === null)
    throw usageError(
      `rows for "${name}": expected numbers of a type that is carried\n  came: ${typeName}`,
    );
  const dims = said ?? declared;
  const text = `[${dims?.map((dim) => dim ?? '?').join(', ') ?? 'of any shape'}]`;
  const [first, ...rest] = dims ?? [];
  const isOpen = declared !== null && typeof declared[0] !== 'number';
  const hasBatch = isOpen || first === 1 || first === itemsPerRun;
  const item = dims === null ? null : hasBatch ? rest : dims;
  if (item?.every((dim) => typeof dim === 'number') === true) return { name, dtype, dims: item };
  throw usageError(
    `rows for "${name}": expected a shape without open axes\n  came: ${printable(text)}\n` +
      `  to do: say it once: --shape ${name}=1,…`,
  );
}

/** A whole file of rows. */
export async function rowsOfFile(
  path: string,
  inputs: readonly RowInput[],
  format: RowFormat,
): Promise<NamedTensors> {
  const rowBytes = inputs.reduce((sum, input) => sum + byteLengthOf(input), 0);
  const most = Math.min(MAX_ITEMS_PER_JOB, Math.floor(MAX_BLOB_BYTES / Math.max(1, rowBytes)));
  const rows: Row[] = [];
  try {
    for await (const row of readRows(createReadStream(path), inputs, format)) {
      if (!row.ok) throw rowError(path, row.error);
      rows.push(row.value);
      if (rows.length > most) {
        throw usageError(
          `${path}: expected at most ${most} rows\n  came: more\n  to do: idlewave run takes any number`,
        );
      }
    }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === undefined) throw thrown;
    throw usageError(`${path}: expected a readable file\n  came: ${messageOf(thrown)}`);
  }
  if (rows.length === 0) throw usageError(`${path}: expected at least one row\n  came: none`);
  return stackRows(rows, inputs);
}

export const rowError = (
  where: string,
  { line, expected, came }: { line: number; expected: string; came: string },
) =>
  usageError(`${where}, line ${line}: expected ${printable(expected)}\n  came: ${printable(came)}`);
