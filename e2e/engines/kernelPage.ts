/**
 * The catalogue's WGSL kernels in a Chromium page, bundled from the sources, over the same batch as elsewhere.
 */
import type { Page } from '@playwright/test';
import type { ItemBatch } from '../../shared/program.ts';
import { assert } from '../../shared/result.ts';
import { decodeTensors, encodeTensors } from '../../shared/safetensors.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { openBundledPage } from '../bundledPage.ts';
import type { AskedKernel, runKernel } from './kernelsInPage.ts';

export const openKernelPage = (page: Page): Promise<void> =>
  openBundledPage(page, { entry: new URL('kernelsInPage.ts', import.meta.url), ortBuild: null });

export async function runKernelInPage(
  page: Page,
  kernel: string,
  params: unknown,
  { items, stacked }: ItemBatch,
): Promise<NamedTensors> {
  const inputs = Buffer.from(encodeTensors(stacked)).toString('base64');
  const asked: AskedKernel = { kernel, params, items: items.length, inputs };
  const base64 = await page.evaluate((given) => {
    const { bundle } = globalThis as unknown as { bundle: { runKernel: typeof runKernel } };
    return bundle.runKernel(given);
  }, asked);
  const outputs = decodeTensors(new Uint8Array(Buffer.from(base64, 'base64')));
  assert(outputs.ok, 'runKernelInPage: the outputs cannot be read');
  return outputs.value;
}
