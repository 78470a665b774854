/**
 * The catalogue's WGSL kernels in a Chromium page, bundled from the sources, over the same batch as elsewhere.
 */
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build } from 'vite';
import type { ItemBatch } from '../../shared/program.ts';
import { assert } from '../../shared/result.ts';
import { decodeTensors, encodeTensors } from '../../shared/safetensors.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { AskedKernel, runKernel } from './kernelsInPage.ts';

const ORIGIN = 'http://localhost';
const PAGE = `<!doctype html><script type="module">
  import * as kernels from '/kernels.js';
  globalThis.kernels = kernels;
</script>`;

/** A secure context without a server: both requests are answered here. */
export async function openKernelPage(page: Page): Promise<void> {
  const entry = fileURLToPath(new URL('kernelsInPage.ts', import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'kernels' } },
  });
  const [output] = Array.isArray(built) ? built : [];
  const body = output?.output[0].code;
  assert(body !== undefined, 'openKernelPage: the kernels were not bundled');
  await page.route(`${ORIGIN}/**`, (route) =>
    route.request().url().endsWith('/kernels.js')
      ? route.fulfill({ contentType: 'text/javascript', body })
      : route.fulfill({ contentType: 'text/html', body: PAGE }),
  );
  await page.goto(ORIGIN);
}

export async function runKernelInPage(
  page: Page,
  kernel: string,
  params: unknown,
  { items, stacked }: ItemBatch,
): Promise<NamedTensors> {
  const inputs = Buffer.from(encodeTensors(stacked)).toString('base64');
  const asked: AskedKernel = { kernel, params, items: items.length, inputs };
  const base64 = await page.evaluate((given) => {
    const { kernels } = globalThis as unknown as { kernels: { runKernel: typeof runKernel } };
    return kernels.runKernel(given);
  }, asked);
  const outputs = decodeTensors(new Uint8Array(Buffer.from(base64, 'base64')));
  assert(outputs.ok, 'runKernelInPage: the outputs cannot be read');
  return outputs.value;
}
