/** The page of authors: from a model and files to a price, a job, its results, and a file of them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { IdlewaveClient } from '../sdk/client.ts';
import { loadDigits, pickDigits, readings, runDirectly } from '../sdk/demo/digits.ts';
import { preprocessingFor } from '../sdk/inputs/images/preprocessing.ts';
import { stackImages } from '../sdk/inputs/images/stackImages.ts';
import { encodeImage, picture } from '../sdk/inputs/images/testing/imageFiles.ts';
import { writeTensorFile } from '../sdk/inputs/wholeFile.ts';
import { readModel } from '../shared/onnx/graph.ts';
import { assert } from '../shared/result.ts';
import { encodeTensors } from '../shared/safetensors.ts';
import { valuesOf, type Tensor } from '../shared/tensor.ts';
import { expectSame } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';

const SIDE = 28;
const ITEMS = 12;

/** Digits as PNG files, in the order of their names. */
async function digitFiles(folder: string, images: Tensor): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const values = valuesOf(images) as Float32Array;
  const files: string[] = [];
  for (let i = 0; i < ITEMS; i++) {
    const grey = picture(SIDE, SIDE, (x, y) => {
      const level = Math.round(values[(i * SIDE + y) * SIDE + x]! * 255);
      return [level, level, level];
    });
    files.push(join(folder, `digit-${String(i).padStart(2, '0')}.png`));
    await writeFile(files[i]!, await encodeImage('png', grey));
  }
  return files;
}

async function openWithKey(page: Page, key: string): Promise<void> {
  await page.getByTestId('post-key').fill(key);
  await page.getByTestId('post-open').press('Enter');
}

test('pictures become a job whose results are watched, saved and found again', async ({
  client,
  coordinator,
  volunteers,
}, testInfo) => {
  const digits = await loadDigits();
  const { images } = pickDigits(digits, ITEMS, 1);
  const files = await digitFiles(testInfo.outputPath('digits'), images);
  const { key } = await client.createKey('author');
  const author = new IdlewaveClient({ url: coordinator.url, key });
  await volunteers.join();
  await volunteers.join();

  const visitor = await volunteers.visit();
  const { page } = visitor;
  await page.getByTestId('page-help').click();
  await page.getByTestId('to-post').click();
  await expect(page.locator('h1')).toContainText('Give your model');
  await openWithKey(page, 'iwk_wrong');
  await expect(page.getByTestId('post-page-status')).toContainText('unknown or revoked');
  await openWithKey(page, key);

  // What is no model is told as such, and changes nothing.
  await page.getByTestId('post-model').setInputFiles(files[0]!);
  await expect(page.getByTestId('post-model-status')).toContainText('expected');
  const model = testInfo.outputPath('digits.onnx');
  await writeFile(model, digits.model);
  await page.getByTestId('post-model').setInputFiles(model);
  await expect(page.getByTestId('post-model-facts')).toContainText('image');

  const text = testInfo.outputPath('notes.txt');
  await writeFile(text, 'not a picture');
  await page.getByTestId('post-files').setInputFiles(text);
  await expect(page.getByTestId('post-input-status')).toContainText('neither a picture nor');
  const broken = testInfo.outputPath('digits/broken.png');
  await writeFile(broken, (await readFile(files[0]!)).subarray(0, 60));
  await page.getByTestId('post-files').setInputFiles([...files, broken]);
  await expect(page.getByTestId('post-given')).toContainText(`${ITEMS} items`);
  await expect(page.getByTestId('post-input')).toContainText('One file was left out');
  await expect(page.getByTestId('post-input').locator('canvas')).toHaveCount(ITEMS);
  await visitor.expectAccessible();

  await page.getByTestId('post-name').fill('Digits from a page');
  await page.getByTestId('post-ask').press('Enter');
  await expect(page.getByTestId('post-price')).toContainText('credits');
  await expect(page.getByTestId('post-offer')).toContainText('2 are connected');
  await page.getByRole('radio', { name: /Computed 2 times/ }).check();
  await visitor.expectAccessible();
  await visitor.picture('post-offer', testInfo);
  await page.getByTestId('post-post').press('Enter');
  const shown = page.getByTestId('post-job');
  await expect(shown).toHaveAttribute('data-state', 'done', { timeout: 60_000 });

  // The same bytes as at the command line, and the results of them.
  const parsed = readModel(digits.model);
  assert(parsed.ok, 'the demo model is read');
  const [input] = parsed.value.inputs;
  const chosen = preprocessingFor(input!, ['logits'], []);
  assert(chosen.ok, 'the demo model takes pictures');
  const stacked = await stackImages(files, { ...chosen.value, onBad: 'stop' });
  assert(stacked.ok, 'the files are pictures');
  const { tensor } = stacked.value;
  expect(await author.upload(encodeTensors({ image: tensor }))).toMatchObject({ sent: false });
  const [posted] = (await author.jobs()).rows;
  expect(posted).toMatchObject({ name: 'Digits from a page', verification: { quorum: 2 } });
  await expect(shown).toHaveAttribute('data-job', posted!.id);
  const truth = await runDirectly(digits.model, tensor);
  await expectSame(await author.job(posted!.id), truth);

  const tiles = page.getByTestId('post-result');
  await expect(tiles).toHaveCount(ITEMS);
  const read = readings(truth['logits']!);
  await expect(page.locator('[data-testid=post-result][data-item="3"] [role=img]')).toHaveAttribute(
    'aria-label',
    new RegExp(`Read as ${read[3]!.digit}\\.`),
  );
  await visitor.expectAccessible();
  await visitor.picture('post-job', testInfo);

  await page.getByTestId('post-what').selectOption('best');
  const saving = page.waitForEvent('download');
  await page.getByTestId('save.jsonl').press('Enter');
  const saved = await readFile(await (await saving).path(), 'utf8');
  const lines = saved
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { file: string; outputs: { logits: { class: number } } });
  expect(lines.map(({ file }) => file)).toEqual(files.map((file) => file.replace(/^.*\//, '')));
  expect(lines.map(({ outputs }) => outputs.logits.class)).toEqual(read.map(({ digit }) => digit));
  // A wrong key, and blobs that were asked for before they were sent.
  visitor.expectNothingForeign(/status of (401|404)/);

  // Loaded anew, the address still names the job.
  await page.reload();
  await openWithKey(page, key);
  await expect(page.getByTestId('post-job')).toHaveAttribute('data-settled', `${ITEMS}`);
  await expect(page.getByTestId('post-result')).toHaveCount(ITEMS);
});

test('arrays are dropped, what does not fit is told, and a job is stopped', async ({
  client,
  volunteers,
}, testInfo) => {
  const digits = await loadDigits();
  const { images } = pickDigits(digits, ITEMS, 1);
  const { key } = await client.createKey('author');
  const { page } = await volunteers.visit();
  await page.goto('/#post');
  await openWithKey(page, key);

  const drop = async (zone: string, name: string, bytes: Uint8Array): Promise<void> => {
    const data = await page.evaluateHandle(
      ([file, content]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(content)], file));
        return transfer;
      },
      [name, [...bytes]] as const,
    );
    const label = page.locator('label', { has: page.getByTestId(zone) });
    await label.dispatchEvent('drop', { dataTransfer: data });
  };
  await drop('post-model', 'digits.onnx', digits.model);
  await expect(page.getByTestId('post-model-facts')).toContainText('logits');

  const small = testInfo.outputPath('small.npz');
  const wrong: Tensor = { dtype: 'F32', dims: [3, 5], bytes: new Uint8Array(60) };
  assert((await writeTensorFile(small, { image: wrong })).ok, 'it is written');
  await drop('post-files', 'small.npz', await readFile(small));
  await expect(page.getByTestId('post-given')).toContainText('F32[3,5]');
  await page.getByTestId('post-ask').click();
  await expect(page.getByTestId('post-status')).toContainText('image');
  await expect(page.getByTestId('post-price')).toHaveCount(0);

  const right = testInfo.outputPath('right.npy');
  assert((await writeTensorFile(right, { image: images })).ok, 'it is written');
  await page.getByRole('button', { name: 'Choose other files' }).click();
  await drop('post-files', 'right.npy', await readFile(right));
  await page.getByTestId('post-ask').click();
  await expect(page.getByTestId('post-offer')).toContainText('Nobody is connected');
  await page.getByTestId('post-post').click();
  const job = page.getByTestId('post-job');
  await expect(job).toHaveAttribute('data-state', 'running');
  await page.getByTestId('post-pause').click();
  await expect(job).toContainText('paused');
  await page.getByRole('button', { name: 'Let it go on' }).click();
  await expect(page.getByTestId('post-pause')).toHaveText('Pause the job');
  await page.getByTestId('post-cancel').click();
  await page.getByTestId('post-cancel').click();
  await expect(job).toHaveAttribute('data-state', 'cancelled');
  await page.getByTestId('post-another').click();
  await expect(page.getByTestId('post-ask')).toBeVisible();
});
