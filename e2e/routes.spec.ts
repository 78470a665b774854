/**
 * One model over several tabs: the stages run in separate browser contexts, and what one computes goes to the next by
 * WebRTC, or through the coordinator where no direct path exists. Every output is the whole model's.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RouteView } from '../shared/protocol/job.ts';
import type { NamedTensors } from '../shared/tensor.ts';
import { directRun } from '../sdk/acceptance/testing/directRun.ts';
import { itemsNotOnce } from '../sdk/acceptance/testing/ledger.ts';
import { stagesOf } from '../sdk/acceptance/testing/stagedDigits.ts';
import { noise } from '../kernels/noise.ts';
import {
  convolutionModel,
  FEATURES,
  IMAGE_DIMS,
  randomImages,
} from './benches/convolutionModel.ts';
import { expectSame } from './fixtures/jobs.ts';
import { colourTensor, cropsOf, MODELS } from './fixtures/pictures.ts';
import { limitMemory, roomForOneStage } from './fixtures/roomForOneStage.ts';
import { postStaged, type StagedJob } from './fixtures/stagedJobs.ts';
import { expect, test } from './fixtures/test.ts';

const FACES = 'ultraface-rfb-320.onnx';
const FACE_ITEMS = 40;
/** As many in each of 2, 3 and 4 stages. */
const LAYERS = 12;
const IMAGES = 32;

/** Every route that the job had, as it was seen every now and then until the job ended. */
async function watched({ job, truth }: StagedJob): Promise<RouteView[]> {
  const seen: RouteView[] = [];
  const timer = setInterval(() => {
    void job.refresh().then(({ route }) => route !== undefined && seen.push(route));
  }, 100);
  await expectSame(job, truth).finally(() => {
    clearInterval(timer);
  });
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(job.view.executions.disagreed).toBe(0);
  return seen;
}

/** What the whole model gives, one item a run. */
async function wholeModel(model: Uint8Array, stacked: NamedTensors): Promise<NamedTensors> {
  const feeds = Object.entries(stacked).map(
    ([name, { dims }]) => [name, [1, ...dims.slice(1)]] as const,
  );
  const outputs = await directRun(model, stacked, Object.fromEntries(feeds));
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => {
      const [items, , ...dims] = tensor.dims;
      return [name, { ...tensor, dims: [items!, ...dims] }];
    }),
  );
}

const pathsOf = (routes: readonly RouteView[]): Set<string> =>
  new Set(
    routes
      .flatMap(({ places }) => places.slice(0, -1))
      .flatMap(({ next }) => (next === null || next.path === 'connecting' ? [] : [next.path])),
  );

test.describe('the face detector', () => {
  test.skip(
    !existsSync(join(MODELS, 'images')),
    'needs the public models: ../shared/models is absent',
  );

  for (const stages of [2, 3, 4]) {
    test(`${stages} stages, of which one tab may run several`, async ({
      client,
      page,
      volunteers,
    }) => {
      const model = await readFile(join(MODELS, FACES));
      const input = colourTensor(await cropsOf(page, FACE_ITEMS, 320, 240), 320, 240);
      const stacked = { input };
      const pages = [];
      for (let i = 0; i < stages; i++) pages.push(await volunteers.join());
      const job = await client.submit({
        name: `faces in ${stages} stages`,
        program: { stages: await stagesOf(model, stages, [1, ...input.dims.slice(1)]) },
        inputs: { stacked },
        itemsPerShard: 4,
      });
      const seen = await watched({ job, truth: await wholeModel(model, stacked) });
      // A tab that has little to do has several stages: where the model is cut its stages are not alike.
      expect(Math.max(...seen.map(({ places }) => places.length))).toBeGreaterThan(1);
      expect(pathsOf(seen)).toEqual(new Set(['direct']));
      for (const volunteer of pages) volunteer.expectNothingForeign();
    });
  }
});

test.describe('a network whose layers are alike', () => {
  for (const stages of [2, 3, 4]) {
    test(`${stages} stages in ${stages} tabs`, async ({ client, volunteers }) => {
      const random = noise(stages);
      const model = convolutionModel(LAYERS, random);
      const image = randomImages(IMAGES, random);
      const options = {
        name: `layers in ${stages} stages`,
        program: { stages: await stagesOf(model, stages, [1, ...IMAGE_DIMS]) },
        inputs: { stacked: { image } },
        itemsPerShard: 2,
      };
      const memoryBytes = await roomForOneStage(client, options, FEATURES);
      for (let i = 0; i < stages; i++) {
        const tab = await volunteers.visit();
        await limitMemory(tab.page, memoryBytes);
        await tab.reload();
        await tab.start();
      }
      const job = await client.submit(options);
      const seen = await watched({ job, truth: await wholeModel(model, { image }) });
      expect(Math.max(...seen.map(({ places }) => places.length))).toBe(stages);
      expect(pathsOf(seen)).toEqual(new Set(['direct']));
    });
  }
});

test('a tab that goes in the middle is replaced, and every item comes once', async ({
  client,
  volunteers,
}) => {
  const tabs = [];
  for (let i = 0; i < 3; i++) tabs.push(await volunteers.join());
  const posted = await postStaged(client, 2, 2_048, 8);
  const routes = watched(posted);
  for (const tab of tabs.slice(0, 2)) {
    await expect.poll(() => posted.job.view.items.provisional).toBeGreaterThan(0);
    await tab.page.close();
    await volunteers.join();
  }
  const seen = await routes;
  expect(
    new Set(seen.map(({ epoch, places }) => `${epoch} ${places[0]?.contributor}`)).size,
  ).toBeGreaterThan(1);
});

test('where no direct path exists the coordinator relays, and says so', async ({
  client,
  volunteers,
}) => {
  const withoutWebRtc = () => {
    delete (globalThis as { RTCPeerConnection?: unknown }).RTCPeerConnection;
  };
  for (let i = 0; i < 2; i++) {
    const tab = await volunteers.visit();
    await tab.page.addInitScript(withoutWebRtc);
    await tab.reload();
    await tab.start();
  }
  const seen = await watched(await postStaged(client, 2, 512, 8));
  expect(pathsOf(seen)).toEqual(new Set(['relayed']));
});
