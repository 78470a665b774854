/**
 * Public models over photographs, through two volunteers in browsers: every output is a direct run's.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faultsOfBooks } from '../sdk/acceptance/testing/ledger.ts';
import { directRun } from '../sdk/acceptance/testing/directRun.ts';
import { expectSame } from './fixtures/jobs.ts';
import { colourTensor, cropsOf, greyTensor, MODELS } from './fixtures/pictures.ts';
import { expect, test } from './fixtures/test.ts';

const ITEMS = 200;

test.skip(
  !existsSync(join(MODELS, 'images')),
  'needs the public models: ../shared/models is absent',
);

const CASES = [
  { file: 'mnist.onnx', input: 'Input3', width: 28, height: 28, tensor: greyTensor },
  { file: 'ultraface-rfb-320.onnx', input: 'input', width: 320, height: 240, tensor: colourTensor },
] as const;

for (const { file, input, width, height, tensor } of CASES) {
  test(`${file} over ${ITEMS} pictures`, async ({ client, page, volunteers }) => {
    const model = await readFile(join(MODELS, file));
    const stacked = { [input]: tensor(await cropsOf(page, ITEMS, width, height), width, height) };
    expect(stacked[input]!.dims[0]).toBe(ITEMS);
    const pages = [await volunteers.join(), await volunteers.join()];
    const job = await client.submit({
      name: file,
      program: { onnx: model },
      inputs: { stacked },
    });
    const feeds = { [input]: [1, ...stacked[input]!.dims.slice(1)] };
    const raw = await directRun(model, stacked, feeds);
    // A run's outputs begin with a batch axis of one.
    const truth = Object.fromEntries(
      Object.entries(raw).map(([name, t]) => [name, { ...t, dims: [ITEMS, ...t.dims.slice(2)] }]),
    );
    await expectSame(job, truth);
    expect(job.view.executions).toMatchObject({ byHosts: 2 * ITEMS, byReferee: 0, disagreed: 0 });
    expect(await faultsOfBooks(client, [job])).toEqual([]);
    for (const volunteer of pages) {
      await expect(volunteer.main).toHaveAttribute('data-items', String(ITEMS));
      volunteer.expectNothingForeign();
    }
  });
}
