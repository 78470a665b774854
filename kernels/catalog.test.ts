/** What holds of every kernel in the catalogue: a new one meets these tests by being listed. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runBatch } from '../shared/program.ts';
import { elementCount, tensorOf } from '../shared/tensor.ts';
import { KernelInputError } from './batchInputs.ts';
import { CATALOGUE, findKernel } from './catalog.ts';
import { kernelId } from './manifest.ts';
import { ITEMS_BINDING } from './plan.ts';
import { referenceRunner } from './referenceRunner.ts';
import { SHADERS } from './runtime/shaders.ts';
import { EXAMPLE_PARAMS } from './testing/examples.ts';
import { caseBatch } from './testing/kernelCase.ts';

describe('findKernel', () => {
  it('finds every kernel by its id, and nothing by another', () => {
    for (const entry of CATALOGUE) expect(findKernel(kernelId(entry.manifest))).toBe(entry);
    expect(new Set(CATALOGUE.map(({ manifest }) => kernelId(manifest))).size).toBe(
      CATALOGUE.length,
    );
    expect(findKernel('matmul@0')).toBeUndefined();
    expect(findKernel('matmul')).toBeUndefined();
    expect(findKernel('__proto__')).toBeUndefined();
  });
});

describe.each(CATALOGUE.map((entry) => [kernelId(entry.manifest), entry] as const))(
  '%s',
  (_id, entry) => {
    const { manifest } = entry;
    const params = manifest.params.parse(EXAMPLE_PARAMS[manifest.name]);
    const inputs = manifest.inputs(params);
    const outputs = manifest.outputs(params);
    const stridesOf = (constant: boolean) =>
      Object.fromEntries(
        Object.entries(inputs).map(([name, spec]) => [
          name,
          constant ? 0 : elementCount(spec.dims),
        ]),
      );
    const plan = (rows: number) => manifest.plan(params, { rows, strides: stridesOf(false) });

    it('has the six files of a kernel folder and no other', () => {
      const folder = new URL(`./${manifest.name}/`, import.meta.url);
      const { name } = manifest;
      expect(existsSync(folder)).toBe(true);
      expect(readdirSync(folder).sort()).toEqual(
        [
          'manifest.ts',
          `${name}.bench.ts`,
          `${name}.gpu.test.ts`,
          `${name}.test.ts`,
          `${name}.wgsl`,
          'reference.ts',
        ].sort(),
      );
    });

    it('refuses parameters that it does not know', () => {
      const more = { ...(params as object), unheardOf: 1 };
      expect(manifest.params.safeParse(more).success).toBe(false);
      expect(manifest.params.safeParse({}).success).toBe(false);
    });

    it('prices an item: some arithmetic, and at least the bytes that it returns', () => {
      expect(manifest.flopsPerItem(params)).toBeGreaterThan(0);
      const returned = Object.values(outputs).reduce(
        (sum, { dims }) => sum + 4 * elementCount(dims),
        0,
      );
      expect(manifest.bytesPerItem(params)).toBeGreaterThanOrEqual(returned);
    });

    it('has an algebraic check where it says so, which sees every element of every output', () => {
      const products = manifest.products?.(params) ?? [];
      expect(products.length > 0).toBe(manifest.verification === 'algebraic');
      const seen = new Map(Object.keys(outputs).map((name) => [name, new Set<number>()]));
      for (const { left, right, output } of products) {
        expect([output.rows.length, output.columns.length, right.rows.length]).toEqual([
          left.rows.length,
          right.columns.length,
          left.columns.length,
        ]);
        const factors = [left, right].map((view) => [view, inputs] as const);
        for (const [view, specs] of [...factors, [output, outputs] as const]) {
          const spec = specs[view.tensor]!;
          expect(spec.dtype).toBe('F32');
          expect(Math.max(...view.rows) + Math.max(...view.columns)).toBeLessThan(
            elementCount(spec.dims),
          );
        }
        const those = seen.get(output.tensor)!;
        for (const row of output.rows) for (const column of output.columns) those.add(row + column);
      }
      if (products.length === 0) return;
      for (const [name, those] of seen) expect(those.size).toBe(elementCount(outputs[name]!.dims));
    });

    it('plans bindings, entry points and constants that its WGSL declares', () => {
      const wgsl = SHADERS[manifest.name]!;
      const { bindings, passes, scratchBytes } = plan(3);
      expect(wgsl).toMatch(/@group\(0\) @binding\(0\) var<uniform> base: vec4u;/);
      bindings.forEach(({ name, access }, i) => {
        const mode = access === 'read' ? 'read' : 'read_write';
        expect(wgsl).toContain(`@group(0) @binding(${i + 1}) var<storage, ${mode}> ${name}:`);
      });
      for (const pass of passes) {
        expect(wgsl).toContain(`fn ${pass.entryPoint}(`);
        for (const name of Object.keys(pass.constants)) expect(wgsl).toContain(`override ${name}:`);
        expect(pass.flopsPerWorkgroup).toBeGreaterThan(0);
      }
      const known = [...Object.keys(inputs), ...Object.keys(outputs), ...Object.keys(scratchBytes)];
      expect(new Set(known).size).toBe(known.length);
      expect(bindings.map(({ name }) => name).sort()).toEqual(
        [
          ...known,
          ...(bindings.some(({ name }) => name === ITEMS_BINDING) ? [ITEMS_BINDING] : []),
        ].sort(),
      );
      for (const name of Object.keys(outputs)) {
        expect(bindings.find((binding) => binding.name === name)?.access).toBe('read-write');
      }
    });

    it('plans the same pipelines for any number of rows, so that rows never change a result', () => {
      const kinds = (rows: number) =>
        plan(rows).passes.map(({ entryPoint, constants }) => ({ entryPoint, constants }));
      expect(kinds(1)).toEqual(kinds(64));
    });

    it('has no barrier and no shared memory, and guards its bounds first', () => {
      const wgsl = SHADERS[manifest.name]!;
      expect(wgsl).not.toMatch(/workgroupBarrier|storageBarrier|var<workgroup>/);
      const starts = wgsl.split('@compute').slice(1);
      expect(starts.length).toBeGreaterThan(0);
      for (const body of starts) {
        const guard = body.indexOf('{ return; }');
        expect(guard).toBeGreaterThan(0);
        expect(body.slice(0, guard)).not.toContain('[');
      }
    });

    it('gives a row the same result alone, among others, and from constants', async () => {
      const batch = caseBatch(entry, params, 3, { items: [8, 2, 5] });
      const runner = referenceRunner(entry, params);
      const all = await runBatch(runner, batch, outputs);
      const last = await runner.run(batch, 2, 3);
      for (const [name, tensor] of Object.entries(all)) {
        expect(tensor.dims).toEqual([3, ...outputs[name]!.dims]);
        const itemBytes = tensor.bytes.byteLength / 3;
        expect(last[name]!.bytes).toEqual(tensor.bytes.slice(2 * itemBytes));
      }
      const shared = caseBatch(entry, params, 2, { items: [4, 4], constant: Object.keys(inputs) });
      const twice = await runBatch(runner, shared, outputs);
      for (const tensor of Object.values(twice)) {
        const itemBytes = tensor.bytes.byteLength / 2;
        expect(tensor.bytes.slice(0, itemBytes)).toEqual(tensor.bytes.slice(itemBytes));
      }
    });

    it('rejects a batch whose inputs are absent or of another size', async () => {
      const runner = referenceRunner(entry, params);
      const batch = caseBatch(entry, params, 2);
      for (const name of Object.keys(inputs)) {
        const { [name]: _removed, ...rest } = batch.stacked;
        await expect(runner.run({ ...batch, stacked: rest }, 0, 1)).rejects.toThrow(
          KernelInputError,
        );
        const short = { ...rest, [name]: tensorOf('F32', [2, 1], new Float32Array(2)) };
        const isSmall = elementCount(inputs[name]!.dims) === 1;
        if (!isSmall) {
          await expect(runner.run({ ...batch, stacked: short }, 0, 1)).rejects.toThrow(name);
        }
      }
    });

    it('runs the WGSL of its own folder', () => {
      const file = new URL(`./${manifest.name}/${manifest.name}.wgsl`, import.meta.url);
      expect(readFileSync(file, 'utf8')).toBe(SHADERS[manifest.name]);
    });
  },
);
