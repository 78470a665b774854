/** Whole reports of matmul@1: stacked and constant inputs, every place of an error, what the fault says. */
import { describe, expect, it } from 'vitest';
import { findKernel } from '../../kernels/catalog.ts';
import { matmulParams } from '../../kernels/matmul/manifest.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import { noise } from '../../kernels/noise.ts';
import { runBatch } from '../../shared/program.ts';
import {
  elementCount,
  tensorOf,
  valuesOf,
  type NamedTensors,
  type Tensor,
} from '../../shared/tensor.ts';
import { wordsOf } from '../core/testing/products.ts';
import { checkProducts, type CheckTask } from './checkProducts.ts';

const PARAMS = matmulParams.parse({ m: 5, k: 7, n: 3 });
const ITEMS = [40, 2, 17];
const ENTRY = findKernel('matmul@1')!;

async function taskOf(constant: readonly string[]): Promise<CheckTask> {
  const next = noise(5);
  const stacked: Record<string, Tensor> = {};
  const constants: Record<string, Tensor> = {};
  for (const [name, spec] of Object.entries(ENTRY.manifest.inputs(PARAMS))) {
    const isConstant = constant.includes(name);
    const dims = isConstant ? spec.dims : [ITEMS.length, ...spec.dims];
    const values = Float32Array.from({ length: elementCount(dims) }, next);
    (isConstant ? constants : stacked)[name] = tensorOf('F32', dims, values);
  }
  const batch = { items: ITEMS, stacked, constants };
  const outputs = await runBatch(
    referenceRunner(ENTRY, PARAMS),
    batch,
    ENTRY.manifest.outputs(PARAMS),
  );
  return { program: { kind: 'kernel', kernel: 'matmul@1', params: PARAMS }, batch, outputs };
}

/** With one value changed in place. */
function spoil(outputs: NamedTensors, at: number, by: number): NamedTensors {
  const c = outputs['c']!;
  const copy = { ...c, bytes: c.bytes.slice() };
  const values = valuesOf(copy) as Float32Array;
  values[at]! += by;
  return { c: copy };
}

function check(task: CheckTask, seed = 1): string | null {
  const asked: number[] = [];
  const random = (count: number) => {
    asked.push(count);
    return wordsOf(count, seed);
  };
  const fault = checkProducts(task, random);
  if (!fault.ok) throw new Error(fault.error.detail);
  // One set of vectors for the report, however many items it has.
  expect(asked).toHaveLength(1);
  return fault.value;
}

describe.each([
  ['stacked', []],
  ['with the right factor constant', ['b']],
  ['with the left factor constant', ['a']],
  ['constant', ['a', 'b']],
] as const)('inputs %s', (_name, constant) => {
  it('right outputs pass', async () => {
    const task = await taskOf(constant);
    for (let seed = 1; seed <= 20; seed++) expect(check(task, seed)).toBeNull();
  });

  it('a wrong element is found in whatever item, row and column it is', async () => {
    const task = await taskOf(constant);
    for (let at = 0; at < ITEMS.length * 15; at++) {
      const [item, row, column] = [ITEMS[Math.floor(at / 15)], Math.floor((at % 15) / 3), at % 3];
      const fault = check({ ...task, outputs: spoil(task.outputs, at, 0.01) }, at);
      expect(fault).toContain(`item ${item}, output "c", row ${row}, column ${column}: came `);
    }
  });

  it('items in another order than they are listed are wrong', async () => {
    const task = await taskOf(constant);
    const c = task.outputs['c']!;
    const bytes = new Uint8Array(c.bytes.byteLength);
    bytes.set(c.bytes.subarray(60));
    bytes.set(c.bytes.subarray(0, 60), 120);
    const fault = check({ ...task, outputs: { c: { ...c, bytes } } });
    if (constant.length === 2) expect(fault).toBeNull();
    else expect(fault).toContain('item 40');
  });
});

describe('a fault', () => {
  it('says where, what came, what is right, and by how much', async () => {
    const task = await taskOf([]);
    const right = valuesOf(task.outputs['c']!)[4] as number;
    const at = (by: number) => check({ ...task, outputs: spoil(task.outputs, 4, by) });
    const came = (by: number) => `came ${Math.fround(right + by)}, where ${right} is right`;
    const where = 'item 40, output "c", row 1, column 1';
    expect(at(1e-3)).toContain(`${where}: ${came(1e-3)}; that is `);
    expect(at(1e-3)).toMatch(/that is \d{1,3},\d{3} times what rounding in f32 explains$/);
    expect(at(100)).toContain(`${where}: ${came(100)}; that is over a million times`);
  });

  it('of bad parameters is a problem, not a verdict', async () => {
    const task = await taskOf([]);
    const program = { ...task.program, params: { m: 0 } };
    const fault = checkProducts({ ...task, program }, (count) => wordsOf(count, 1));
    expect(fault).toMatchObject({ ok: false, error: { code: 'kernel-params' } });
  });
});
