/**
 * One report of a kernel whose outputs are matrix products: is every output of every item right?
 *
 * Knows kernels and tensors; the arithmetic is `core/freivalds.ts`. Runs on the checker's thread, or anywhere.
 */
import { batchInput, inputOfRow, type BatchInput } from '../../kernels/batchInputs.ts';
import { findKernel } from '../../kernels/catalog.ts';
import type { CatalogueEntry } from '../../kernels/manifest.ts';
import { transposedProduct, type MatrixProduct, type MatrixView } from '../../kernels/products.ts';
import { fromHalfBits } from '../../shared/float16.ts';
import type { ItemBatch } from '../../shared/program.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { KernelProgram } from '../../shared/protocol/program.ts';
import { assert, ok, type Result } from '../../shared/result.ts';
import { itemOf, valuesOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import {
  VECTORS,
  faultOfProduct,
  vectorsOf,
  project,
  type Matrix,
  type ProductFault,
} from '../core/freivalds.ts';
import { kernelOf } from '../referee/kernelInputs.ts';

export interface CheckTask {
  readonly program: KernelProgram;
  readonly batch: ItemBatch;
  /** Stacked in the order of the batch's items. */
  readonly outputs: NamedTensors;
}

/** So many random 32-bit words, which nobody else can know. */
export type RandomWords = (count: number) => Uint32Array;

/** The first fault in words, or null where every output is right. Every task has vectors of its own. */
export function checkProducts(
  { program, batch, outputs }: CheckTask,
  random: RandomWords,
): Result<string | null, Problem> {
  const kernel = kernelOf(program, findKernel);
  if (!kernel.ok) return kernel;
  const { entry, params } = kernel.value;
  const products = entry.manifest.products?.(params);
  assert(products !== undefined, `checkProducts: ${program.kernel} has no products`);
  const inputs = inputsOf(entry, params, batch);
  for (const product of products) {
    const fault = faultOf(product, inputs, batch.items, outputs, random);
    if (fault !== null) return ok(fault);
  }
  return ok(null);
}

interface Inputs {
  readonly isConstant: (name: string) => boolean;
  readonly ofRow: (name: string, row: number) => Tensor;
}

function inputsOf({ manifest }: CatalogueEntry, params: unknown, batch: ItemBatch): Inputs {
  const specs = manifest.inputs(params);
  const inputs = new Map<string, BatchInput>(
    Object.entries(specs).map(([name, spec]) => [name, batchInput(batch, name, spec)]),
  );
  return {
    isConstant: (name) => inputs.get(name)!.kind === 'constant',
    ofRow: (name, row) => inputOfRow(inputs.get(name)!, row, specs[name]!),
  };
}

function faultOf(
  asGiven: MatrixProduct,
  inputs: Inputs,
  items: readonly number[],
  outputs: NamedTensors,
  random: RandomWords,
): string | null {
  // What all items share goes through the vectors once: as the right factor, if need be of the transposed product.
  const isTransposed =
    inputs.isConstant(asGiven.left.tensor) && !inputs.isConstant(asGiven.right.tensor);
  const { left, right, output } = isTransposed ? transposedProduct(asGiven) : asGiven;
  const vectors = vectorsOf(random(output.columns.length * VECTORS));
  const rightOf = (row: number) => matrixOf(right, inputs.ofRow(right.tensor, row));
  const shared = inputs.isConstant(right.tensor) ? project(rightOf(0), vectors) : undefined;
  for (const [row, item] of items.entries()) {
    const product = {
      left: matrixOf(left, inputs.ofRow(left.tensor, row)),
      right: rightOf(row),
      output: matrixOf(output, itemOf(outputs[output.tensor]!, row)),
    };
    const fault = faultOfProduct(product, vectors, shared);
    if (fault !== null) return describe(item, output.tensor, isTransposed, fault);
  }
  return null;
}

const matrixOf = ({ rows, columns }: MatrixView, tensor: Tensor): Matrix => ({
  values: floatsOf(tensor),
  rows,
  columns,
});

const floatsOf = (tensor: Tensor): Float32Array =>
  tensor.dtype === 'F16'
    ? fromHalfBits(valuesOf(tensor) as Uint16Array)
    : (valuesOf(tensor) as Float32Array);

function describe(
  item: number,
  output: string,
  isTransposed: boolean,
  { row, column, came, right, deviations }: ProductFault,
): string {
  const [i, j] = isTransposed ? [column, row] : [row, column];
  const times = deviations < 1e6 ? Math.round(deviations).toLocaleString('en') : 'over a million';
  return (
    `item ${item}, output "${output}", row ${i}, column ${j}: came ${came}, where ` +
    `${Math.fround(right)} is right; that is ${times} times what rounding in f32 explains`
  );
}
