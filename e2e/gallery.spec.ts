/** The gallery: every kernel runs on the visitor's device, is held against its reference, and shows its texts. */
import { existsSync } from 'node:fs';
import type { Locator } from '@playwright/test';
import { CATALOGUE } from '../kernels/catalog.ts';
import { gpuProcessOf } from './fixtures/gpuProcess.ts';
import { expect, test } from './fixtures/test.ts';

const NAMES = [...new Set(CATALOGUE.map(({ manifest }) => manifest.name))];

const PICTURED = NAMES.filter((name) =>
  existsSync(new URL(`../kernels/${name}/picture.ts`, import.meta.url)),
);
/** What is in the first text of each kind, whatever the kernel. */
const TEXTS = [
  ['shader', '@compute'],
  ['reference', 'Reference'],
  ['test', 'import '],
] as const;

const coloursOf = (canvas: Locator): Promise<number> =>
  canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const pen = (element as HTMLCanvasElement).getContext('2d')!;
    return new Set(new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer)).size;
  });

test('every kernel of the catalogue runs in the page, agrees, and stands under the roofline', async ({
  volunteers,
}, testInfo) => {
  const visitor = await volunteers.visit();
  const { page } = visitor;
  await page.getByTestId('page-kernels').click();
  await expect(page.locator('h1')).toBeFocused();
  await expect(page.getByTestId('kernel-card')).toHaveCount(NAMES.length);
  const result = page.getByTestId('kernel-result');

  for (const name of NAMES) {
    await page.getByTestId('kernels').getByRole('link', { name, exact: true }).click();
    await expect(page.locator('h1')).toHaveText(name);
    await expect(page.locator('h1')).toBeFocused();
    // Nothing runs before a click.
    expect(page.workers()).toEqual([]);
    await expect(result).toHaveAttribute('data-state', 'none');
    await page.getByTestId('kernel-run').click();
    await expect(result, name).toHaveAttribute('data-state', /done|failed/);
    await expect(page.getByTestId('kernel-failure'), name).toHaveCount(0);
    await expect(page.getByTestId('kernel-check'), name).toHaveAttribute('data-verdict', 'agree');
    await expect(page.getByTestId('kernel-device')).toContainText('software');
    await expect(page.getByTestId('kernel-rates')).toContainText('Items per second');
    await expect(page.getByTestId('roofline-figures')).toContainText('FLOP/s');
    await expect(page.getByTestId('roofline-figures')).toContainText('B/s');
    await expect(page.getByTestId('roofline-verdict')).toContainText(/%|times/);
    await expect(page.getByTestId('kernel-way')).not.toBeEmpty();
    if (PICTURED.includes(name)) {
      const canvas = page.getByTestId('kernel-pictures').locator('canvas').first();
      expect(await coloursOf(canvas), name).toBeGreaterThan(1);
    }
    if (name === 'mandelbrot') {
      await visitor.expectAccessible();
      await visitor.picture('kernel', testInfo);
    }
    // From one text to the next.
    for (const [role, text] of TEXTS) {
      await page.getByTestId(`source-${role}`).first().click();
      await expect(page.getByTestId('source-text'), `${role} of ${name}`).toContainText(text);
    }
    // The worker ended with the kernel's page.
    await expect.poll(() => page.workers().length).toBe(0);
    await page.getByRole('link', { name: 'All kernels' }).click();
  }
  // What ran is remembered on the cards.
  const ran = page.getByTestId('kernel-card').filter({ hasText: 'agrees' });
  await expect(ran).toHaveCount(NAMES.length);
  await visitor.expectAccessible();
  await visitor.picture('kernels', testInfo);

  await page.getByTestId('language').selectOption('ar');
  await page.goto('/#kernels/montecarlo');
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.getByTestId('roofline-verdict')).toHaveText(/\p{Script=Arabic}/u);
  await visitor.picture('kernel-ar', testInfo);
  visitor.expectNothingForeign();
});

test('a text is left by the way it was come to, and parameters are checked before anything runs', async ({
  volunteers,
}) => {
  const visitor = await volunteers.visit();
  const { page } = visitor;
  await page.goto('/#kernels/matmul');
  await page.getByTestId('source-shader').first().click();
  await expect(page.getByTestId('source-text')).toContainText('@compute');
  await expect(page.locator('h1')).toBeFocused();
  await visitor.expectAccessible();
  await page.goBack();
  await expect(page.locator('h1')).toHaveText('matmul');
  await page.goto('/#kernels/roofline/peak.wgsl');
  await expect(page.getByTestId('source-text')).toContainText('fn peak');
  await page.goto('/#kernels/nothing');
  await expect(page.getByRole('status')).toContainText('no kernel of this name');

  await page.goto('/#kernels/matmul');
  await page.getByTestId('param-m').fill('0');
  await page.getByTestId('kernel-run').click();
  await expect(page.getByTestId('kernel-problem')).toContainText('“m”');
  await page.getByTestId('size-medium').check();
  await expect(page.getByTestId('param-m')).toHaveValue('256');
  for (const side of ['m', 'k', 'n']) await page.getByTestId(`param-${side}`).fill('1024');
  await page.getByTestId('kernel-run').click();
  await expect(page.getByTestId('kernel-problem')).toContainText('2.15B operations');
  await visitor.expectAccessible();
  expect(page.workers()).toEqual([]);
  for (const side of ['m', 'k', 'n']) await page.getByTestId(`param-${side}`).fill('65');
  await page.getByTestId('kernel-items').fill('3');
  await page.getByTestId('kernel-run').press('Enter');
  await expect(page.getByTestId('kernel-check')).toHaveAttribute('data-verdict', 'agree');
  visitor.expectNothingForeign();
});

test('a GPU that goes away in the middle is told and found again; without one only the reference runs', async ({
  volunteers,
}) => {
  const { page } = await volunteers.visit();
  await page.goto('/#kernels/nbody');
  await page.getByTestId('size-large').check();
  await page.getByTestId('kernel-run').click();
  await expect(page.getByTestId('kernel-device')).toBeVisible();
  process.kill(gpuProcessOf(process.pid), 'SIGKILL');
  await expect(page.getByTestId('kernel-failure')).toContainText('went away');
  await page.getByTestId('size-small').check();
  await page.getByTestId('kernel-run').click();
  await expect(page.getByTestId('kernel-result')).toHaveAttribute('data-state', 'done');
  await expect(page.getByTestId('kernel-check')).toHaveAttribute('data-verdict', 'agree');

  const other = await volunteers.visit({}, async (it) => {
    await it.route('**/assets/galleryWorker-*.js', async (route) => {
      const response = await route.fetch();
      const without = "Object.defineProperty(navigator, 'gpu', { value: undefined });";
      await route.fulfill({ response, body: `${without}\n${await response.text()}` });
    });
  });
  await other.page.goto('/#kernels/matmul');
  await other.page.getByTestId('kernel-run').click();
  await expect(other.page.getByTestId('kernel-no-gpu')).toContainText('WebGPU');
  await expect(other.page.getByTestId('kernel-result')).toHaveAttribute('data-state', 'done');
  await expect(other.page.getByTestId('kernel-rates')).toContainText('JavaScript');
  await expect(other.page.getByTestId('kernel-check')).toHaveCount(0);
  await expect(other.page.locator('canvas').first()).toBeVisible();
});
