/** What holds of every kernel in the catalogue: a new one meets these tests by being listed. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runBatch } from '../shared/program.ts';
import { BYTES_PER_ELEMENT, byteLengthOf, elementCount } from '../shared/tensor.ts';
import { KernelInputError } from './batchInputs.ts';
import { CATALOGUE, findKernel } from './catalog.ts';
import { KERNEL_IDS, loadKernel } from './loadKernel.ts';
import { kernelId, shaderText, variantsOf } from './manifest.ts';
import { ITEMS_BINDING } from './plan.ts';
import { referenceRunner } from './referenceRunner.ts';
import { CASES } from './testing/cases.ts';
import { openCase } from './testing/kernelCase.ts';
import { LEAST_TRAITS, type DeviceTraits, type KernelVariant } from './variants.ts';

const SOFTWARE: DeviceTraits = { ...LEAST_TRAITS, isSoftware: true, vendor: 'google' };
/** More than any device has. */
const AMPLE: DeviceTraits = {
  ...LEAST_TRAITS,
  features: ['shader-f16', 'subgroups'],
  subgroupLanes: [32, 32],
  maxWorkgroupBytes: 65_536,
  maxWorkgroupThreads: 1024,
};

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

const KERNELS = await Promise.all(
  CATALOGUE.map(
    async ({ manifest }) => [kernelId(manifest), (await loadKernel(kernelId(manifest)))!] as const,
  ),
);

it('pages can fetch the same kernels, each with its shader', () => {
  expect([...KERNEL_IDS].sort()).toEqual(KERNELS.map(([id]) => id).sort());
  for (const [id, { manifest, reference }] of KERNELS) {
    expect({ manifest, reference }).toEqual(findKernel(id));
  }
});

describe.each(KERNELS)('%s', (_id, kernel) => {
  const entry = kernel;
  const { manifest } = entry;
  const [example] = CASES[manifest.name]!;
  const params = manifest.params.parse(example.params);
  const inputs = manifest.inputs(params);
  const outputs = manifest.outputs(params);
  const stridesOf = (constant: boolean) =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, spec]) => [name, constant ? 0 : elementCount(spec.dims)]),
    );
  const offered = [LEAST_TRAITS, SOFTWARE, AMPLE].map((traits) =>
    variantsOf(manifest, params, traits),
  );
  const variants = [...new Map(offered.flat().map((it) => [it.name, it])).values()];
  const plan = (rows: number, variant: KernelVariant) =>
    manifest.plan(params, { rows, strides: stridesOf(false) }, variant);

  it('has the files of a kernel folder and no other', () => {
    const files = readdirSync(new URL(`./${manifest.name}/`, import.meta.url));
    const { name } = manifest;
    const needed = ['cases', 'gpu', 'manifest', 'presets', 'reference', `${name}.test`].map(
      (file) => `${file}.ts`,
    );
    expect(files).toEqual(expect.arrayContaining(needed));
    const wgsl = [`${name}.wgsl`, 'shader.ts'];
    expect(files.some((file) => wgsl.includes(file))).toBe(true);
    // Beside them: tests and benches of what its cases do not show, WGSL that `shader.ts` composes, CPU arithmetic,
    // dispatches, and how its outputs look.
    const more =
      /^(\w+\.(gpu\.test|bench)\.ts|\w+\.wgsl|(arithmetic|passes|picture|variants)\.ts)$/;
    expect(files.filter((it) => ![...needed, ...wgsl].includes(it) && !more.test(it))).toEqual([]);
  });

  it('offers variants of different names, registers first on software', () => {
    for (const those of offered)
      expect(new Set(those.map((it) => it.name)).size).toBe(those.length);
    expect(offered[1]![0].family).toBe('registers');
    for (const { family } of offered[0]!) expect(['registers', 'tiled']).toContain(family);
  });

  it('has cases to be tried with', () => {
    for (const kernelCase of CASES[manifest.name]!) {
      expect(() => openCase(entry, kernelCase)).not.toThrow();
    }
  });

  it('refuses parameters that it does not know', () => {
    const more = { ...(params as object), unheardOf: 1 };
    expect(manifest.params.safeParse(more).success).toBe(false);
    expect(manifest.params.safeParse({}).success).toBe(false);
  });

  it('prices an item: some arithmetic, and at least the bytes that it returns', () => {
    expect(manifest.flopsPerItem(params)).toBeGreaterThan(0);
    const returned = Object.values(outputs).reduce((sum, spec) => sum + byteLengthOf(spec), 0);
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

  it.each(variants)(
    'plans bindings, entry points and constants that its WGSL declares: $name',
    (variant) => {
      const wgsl = shaderText(kernel, params, variant);
      const { bindings, passes, scratchBytes } = plan(3, variant);
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
    },
  );

  it('plans the same pipelines for any number of rows, so that rows never change a result', () => {
    for (const variant of variants) {
      const kinds = (rows: number) =>
        plan(rows, variant).passes.map(({ entryPoint, constants }) => ({
          entryPoint,
          constants,
        }));
      expect(kinds(1)).toEqual(kinds(64));
      expect(plan(1, variant).bindings).toEqual(plan(64, variant).bindings);
    }
  });

  it.each(variants)(
    'has barriers only where threads share memory, and guards its bounds: $name',
    (variant) => {
      const wgsl = shaderText(kernel, params, variant);
      const shares = /workgroupBarrier|storageBarrier|var<workgroup>|subgroup[A-Z]/;
      if (variant.family === 'registers') expect(wgsl).not.toMatch(shares);
      expect(wgsl.includes('enable subgroups;')).toBe(variant.family === 'subgroups');
      const starts = wgsl.split('@compute').slice(1);
      expect(starts.length).toBeGreaterThan(0);
      if (variant.family !== 'registers') return;
      for (const body of starts) {
        const guard = body.indexOf('{ return; }');
        expect(guard).toBeGreaterThan(0);
        expect(body.slice(0, guard)).not.toContain('[');
      }
    },
  );

  it('gives a row the same result alone, among others, and from constants', async () => {
    const { batch: three } = openCase(entry, { ...example, items: 3 });
    const batch = { ...three, items: [8, 2, 5] };
    const runner = referenceRunner(entry, params);
    const all = await runBatch(runner, batch, outputs);
    const last = await runner.run(batch, 2, 3);
    for (const [name, tensor] of Object.entries(all)) {
      expect(tensor.dims).toEqual([3, ...outputs[name]!.dims]);
      const itemBytes = tensor.bytes.byteLength / 3;
      expect(last[name]!.bytes).toEqual(tensor.bytes.slice(2 * itemBytes));
    }
    const constant = Object.keys(inputs);
    const { batch: two } = openCase(entry, { ...example, items: 2, constant });
    const shared = { ...two, items: [4, 4] };
    const twice = await runBatch(runner, shared, outputs);
    for (const tensor of Object.values(twice)) {
      const itemBytes = tensor.bytes.byteLength / 2;
      expect(tensor.bytes.slice(0, itemBytes)).toEqual(tensor.bytes.slice(itemBytes));
    }
  });

  it('rejects a batch whose inputs are absent or of another size', async () => {
    const runner = referenceRunner(entry, params);
    const { batch } = openCase(entry, { ...example, items: 2, constant: [] });
    for (const name of Object.keys(inputs)) {
      const { [name]: _removed, ...rest } = batch.stacked;
      await expect(runner.run({ ...batch, stacked: rest }, 0, 1)).rejects.toThrow(KernelInputError);
      const { dtype } = inputs[name]!;
      const bytes = new Uint8Array(2 * BYTES_PER_ELEMENT[dtype]);
      const short = { ...rest, [name]: { dtype, dims: [2, 1], bytes } };
      const isSmall = elementCount(inputs[name]!.dims) === 1;
      if (!isSmall) {
        await expect(runner.run({ ...batch, stacked: short }, 0, 1)).rejects.toThrow(name);
      }
    }
  });

  it('runs the WGSL of its own folder', () => {
    const file = new URL(`./${manifest.name}/${manifest.name}.wgsl`, import.meta.url);
    if (!existsSync(file)) return;
    const text = readFileSync(file, 'utf8').trim();
    for (const variant of variants) {
      expect(shaderText(kernel, params, variant)).toContain(text);
    }
  });
});
