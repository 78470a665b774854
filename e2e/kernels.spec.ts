/**
 * The catalogue in Chromium: every case of every kernel beside its reference, bit for bit where it says exact; and the
 * library as it is packed, on a device of its own.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build } from 'vite';
import { CATALOGUE } from '../kernels/catalog.ts';
import { kernelId } from '../kernels/manifest.ts';
import { referenceRunner } from '../kernels/referenceRunner.ts';
import { CASES } from '../kernels/testing/cases.ts';
import { openCase } from '../kernels/testing/kernelCase.ts';
import { runBatch } from '../shared/program.ts';
import { encodeTensors } from '../shared/safetensors.ts';
import { openBundledPage } from './bundledPage.ts';
import type * as InPage from './engines/casesInPage.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

test('kernels: every case agrees with its reference, exact ones bit for bit', async ({ page }) => {
  const entry = new URL('engines/casesInPage.ts', import.meta.url);
  await openBundledPage(page, { entry, ortBuild: null });
  for (const entry of CATALOGUE) {
    const { manifest } = entry;
    const id = kernelId(manifest);
    const outcomes = await page.evaluate(
      (asked) => (globalThis as unknown as { bundle: typeof InPage }).bundle.tryCases(asked),
      id,
    );
    expect(outcomes.map(({ comparison }) => comparison)).toEqual(outcomes.map(() => 'agree'));
    expect(outcomes).toHaveLength(CASES[manifest.name]!.length);
    if (manifest.verification !== 'exact') continue;
    // What Dawn in Node gives is held against the same reference (kernels/cases.gpu.test.ts).
    for (const [i, kernelCase] of CASES[manifest.name]!.entries()) {
      const { params, batch } = openCase(entry, kernelCase);
      const outputs = manifest.outputs(params);
      const expected = encodeTensors(
        await runBatch(referenceRunner(entry, params), batch, outputs),
      );
      const digest = createHash('sha256').update(expected).digest('hex');
      expect(outcomes[i]!.digest, `${id}, case ${i}`).toBe(digest);
    }
  }
});

test('kernels: the library as it is packed asks for a device, and for another when it was lost', async ({
  page,
}) => {
  await build({ configFile: join(ROOT, 'vite.kernels.config.ts'), logLevel: 'warn' });
  const folder = join(ROOT, 'dist/kernels');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.js'));
  const files = new Map<string, Uint8Array>();
  for (const name of names) files.set(`kernels/${name}`, await readFile(join(folder, name)));
  const entry = new URL('engines/casesInPage.ts', import.meta.url);
  await openBundledPage(page, { entry, ortBuild: null, files });
  const found = await page.evaluate(async () => {
    const path = '/kernels/index.js';
    const library = (await import(path)) as typeof import('../kernels/library/kernels.ts');
    const a = library.array(Float32Array.of(1, 2, 3, 4), [2, 2]);
    const devices: GPUDevice[] = [];
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...given) {
      const device = await requestDevice.apply(this, given);
      devices.push(device);
      return device;
    };
    const first = [...(await library.matmul(a, a)).data];
    devices[0]!.destroy();
    await devices[0]!.lost;
    const again = [...(await library.matmul(a, a)).data];
    library.close();
    const kept = library.openKernels(devices[1]!);
    const refused = await kept.matmul(a, a).catch((thrown: Error) => thrown.name);
    const kernels = await library.listKernels();
    return { first, again, devices: devices.length, refused, ids: kernels.map(({ id }) => id) };
  });
  expect(found.first).toEqual([7, 10, 15, 22]);
  expect(found.again).toEqual([7, 10, 15, 22]);
  expect(found.devices).toBe(2);
  expect(found.refused).toBe('GpuRunError');
  expect(found.ids).toEqual(CATALOGUE.map(({ manifest }) => kernelId(manifest)));
});
