/** What holds of every kernel that the gallery lists: a new one meets these tests by being in the catalogue. */
import { describe, expect, it } from 'vitest';
import { CATALOGUE, findKernel } from '../../kernels/catalog.ts';
import { exampleBatch } from '../../kernels/example.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import { runBatch } from '../../shared/program.ts';
import { itemOf } from '../../shared/tensor.ts';
import { PRESET_SIZES, presetsOf } from './examples.ts';
import { GALLERY_KERNELS } from './galleryKernels.ts';
import { fieldsOf, paramsOf, typedOf } from './paramFields.ts';
import { picturesOf } from './pictures.ts';
import { roleOf, sourcesOf, sourceText } from './sources.ts';

/** A software adapter does 5 GFLOP/s and more: a large run takes it some seconds at most, with every way timed. */
const MAX_PRESET_FLOPS = 5e9;

it('lists every kernel of the catalogue, each once', () => {
  const names = new Set(CATALOGUE.map(({ manifest }) => manifest.name));
  expect(GALLERY_KERNELS.map(({ name }) => name)).toEqual([...names]);
});

describe.each(GALLERY_KERNELS.map((kernel) => [kernel.name, kernel] as const))(
  '%s',
  (name, { id, manifest, line }) => {
    it('says in one line what it is', () => {
      expect(line).toMatch(/^.{20,300}\.$/s);
    });

    it.each(PRESET_SIZES)('its %s preset is taken as it is, and is short', async (size) => {
      const { params, items, constant } = (await presetsOf(name))[size];
      const typed = typedOf(manifest, params);
      const parsed = paramsOf(manifest, typed, items, constant);
      expect(parsed).toEqual({ ok: true, value: manifest.params.parse(params) });
      const flops = manifest.flopsPerItem(manifest.params.parse(params)) * items;
      expect(flops).toBeLessThanOrEqual(MAX_PRESET_FLOPS);
    });

    it('has a field for every parameter', async () => {
      const { params } = (await presetsOf(name)).small;
      const fields = fieldsOf(manifest).map((field) => field.name);
      expect(fields).toEqual(expect.arrayContaining(Object.keys(params)));
    });

    it('what it computes of the small preset is worth a picture, where it makes one', async () => {
      const { params, items, constant, value } = (await presetsOf(name)).small;
      const entry = { manifest, reference: findKernel(id)!.reference };
      const parsed = manifest.params.parse(params);
      const batch = exampleBatch(entry, parsed, items, {
        constant,
        values: value && ((index, input) => value(input, index, parsed)),
      });
      const outputs = await runBatch(
        referenceRunner(entry, parsed),
        batch,
        manifest.outputs(parsed),
      );
      const own = batch.items.map((item, row) => ({
        item,
        outputs: Object.fromEntries(
          Object.entries(outputs).map(([key, all]) => [key, itemOf(all, row)]),
        ),
      }));
      for (const { width, height, rgba } of await picturesOf(name, parsed, own)) {
        expect(Math.max(width, height)).toBeLessThanOrEqual(512);
        expect(rgba).toHaveLength(4 * width * height);
        expect(new Set(new Uint32Array(rgba.buffer)).size).toBeGreaterThan(1);
      }
    });

    it('has texts of its module, its reference and its tests', async () => {
      const files = sourcesOf(name);
      for (const role of ['shader', 'reference', 'test', 'manifest'] as const) {
        const own = files.filter((file) => file.role === role);
        expect(own.length, role).toBeGreaterThan(0);
        for (const file of own)
          expect((await sourceText(name, file.name))!.length, file.name).toBeGreaterThan(50);
      }
      const shaders = files.filter(({ role }) => role === 'shader');
      const texts = await Promise.all(shaders.map((file) => sourceText(name, file.name)));
      expect(texts.join('\n')).toContain('@compute');
    });
  },
);

it('has the texts of what measures the roofs', async () => {
  expect(await sourceText('roofline', 'peak.wgsl')).toContain('fn peak');
  expect(await sourceText('roofline', 'copy.wgsl')).toContain('fn copy');
});

it('has no other texts', async () => {
  expect(await sourceText('testing', 'cases.ts')).toBeUndefined();
  expect(await sourceText('matmul', 'nothing.ts')).toBeUndefined();
  expect(sourcesOf('runtime')).toEqual([]);
});

it.each([
  ['matmul.wgsl', 'shader'],
  ['shader.ts', 'shader'],
  ['reference.ts', 'reference'],
  ['matmul.gpu.test.ts', 'test'],
  ['cases.ts', 'test'],
  ['manifest.ts', 'manifest'],
  ['presets.ts', 'other'],
] as const)('%s is %s', (name, role) => {
  expect(roleOf(name)).toBe(role);
});
