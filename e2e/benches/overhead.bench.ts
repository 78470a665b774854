/**
 * What being a volunteer costs: items per second through the whole path (coordinator process, link, page, worker,
 * report, verdict) over those of a bare loop around the same session in the same tab.
 *
 * Both sides take turns, block by block, so that the machine's other load falls on both. Every result of the
 * whole path is compared with a computation of our own by the job's acceptance rule; one that is wrong fails
 * the bench.
 */
import { givesAll } from '../fixtures/givesAll.ts';
import { chromium, type Page } from 'playwright-core';
import { noise } from '../../kernels/noise.ts';
import { compareOutputs } from '../../shared/acceptance.ts';
import { makeAssignmentId, type BlobDigest } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';
import { medianOf, type BenchReport, type BenchRow } from '../../shared/testing/bench.ts';
import { itemOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import { collectResults, type Job } from '../../sdk/client.ts';
import { nodeCompute } from '../../web/volunteer/nodeCompute.ts';
import { convolutionModel, FEATURES, IMAGE_DIMS, randomImages } from './convolutionModel.ts';
import { installProbe, type BlockTiming } from './pageProbe.ts';
import { startRig, type Rig } from './rig.ts';
import { repeatedRows } from './repeatedRows.ts';

/** Pairs of blocks after the first pair, which opens the session and does not count. */
const PAIRS = 6;
const TARGET_MS_PER_ITEM = 20;
const TRIAL_ITEMS = 32;
/** The first ones run while the WASM engine still optimises its code. */
const TRIAL_LOOPS = 8;
/** Different images, so that a result cannot be right by being another item's. */
const DISTINCT = 16;

const CASES = [
  { name: 'shards as the coordinator cuts them', items: 240, itemsPerShard: undefined },
  { name: 'shards of 5 items', items: 120, itemsPerShard: 5 },
  { name: 'shards of 1 item', items: 120, itemsPerShard: 1 },
];

interface Pair {
  readonly whole: BlockTiming;
  readonly bareMs: number;
}

export async function bench(): Promise<BenchReport> {
  const random = noise(2026);
  const rig = await startRig();
  const browser = await chromium.launch(rig.launch);
  try {
    const page = await browser.newPage();
    await givesAll(page);
    await page.addInitScript(installProbe, true);
    await page.goto(rig.url);
    const layers = await calibrate(rig, page, random);
    const model = convolutionModel(layers, random);
    const images = randomImages(DISTINCT, random);
    const expected = await computeHere(model, images);
    const rows: BenchRow[] = [];
    for (const benchCase of CASES) {
      const { items, itemsPerShard } = benchCase;
      const post = (): Promise<Job> =>
        rig.client.submit({
          name: 'overhead',
          program: { onnx: model },
          inputs: { stacked: { image: repeatedRows(images, items) } },
          itemsPerShard,
          verification: { kind: 'quorum', quorum: 1 },
        });
      rows.push(await measure(rig, page, benchCase.name, items, post, expected));
    }
    const engine = await page.locator('[data-engine]').getAttribute('data-engine');
    const facts = {
      chromium: browser.version(),
      engine,
      modelLayers: layers,
      modelBytes: model.byteLength,
      inputBytesPerItem: itemOf(images, 0).bytes.byteLength,
      pairs: PAIRS,
    };
    return { name: 'overhead', notes: NOTES, facts, rows };
  } finally {
    await browser.close();
    await rig.stop();
  }
}

const NOTES = [
  'ratio: median over the pairs of (items/s of the whole path / items/s of the bare loop). Goal: at least 0.90.',
  'Whole path: from the first assignment’s arrival in the page to the last settlement’s, so filling and draining count.',
  'inProgram: the part of that time that the worker spent in the program itself.',
  'Results were compared with an own computation: every item of every block agrees, or the bench fails.',
  'coordinatorCpu: CPU seconds of the coordinator’s process per second of the whole path, on the same cores.',
];

async function measure(
  rig: Rig,
  page: Page,
  name: string,
  items: number,
  post: () => Promise<Job>,
  expected: NamedTensors,
): Promise<BenchRow> {
  const pairs: Pair[] = [];
  let cpuSeconds: number | null = 0; // null where the system does not tell
  let itemsPerShard = 0;
  for (let i = 0; i <= PAIRS; i++) {
    const cpuBefore = await rig.coordinatorCpuSeconds();
    await page.evaluate(() => {
      window.idlewaveProbe.beginBlock();
    });
    const job = await post();
    const whole = await page.evaluate((n) => window.idlewaveProbe.settled(n), items);
    const cpuAfter = await rig.coordinatorCpuSeconds();
    assert(whole.refused === 0, `overhead: ${whole.refused} reports were not accepted`);
    await checkResults(job, expected);
    const bare = await page.evaluate((n) => window.idlewaveProbe.bareLoop(n), items);
    itemsPerShard = job.view.shards.itemsEach;
    if (i === 0) continue;
    pairs.push({ whole, bareMs: bare.ms });
    if (cpuBefore === null || cpuAfter === null) cpuSeconds = null;
    else if (cpuSeconds !== null) cpuSeconds += cpuAfter - cpuBefore;
  }
  const wholeMs = pairs.map(({ whole }) => whole.ms);
  const bareMs = pairs.map((pair) => pair.bareMs);
  const ratios = pairs.map(({ whole, bareMs }) => bareMs / whole.ms);
  const totalSeconds = wholeMs.reduce((sum, ms) => sum + ms, 0) / 1000;
  return {
    case: name,
    itemsPerShard,
    bareMsPerItem: medianOf(bareMs) / items,
    wholeItemsPerSecond: (items * 1000) / medianOf(wholeMs),
    bareItemsPerSecond: (items * 1000) / medianOf(bareMs),
    ratio: medianOf(ratios),
    ratioLeast: Math.min(...ratios),
    ratioMost: Math.max(...ratios),
    inProgram: medianOf(pairs.map(({ whole }) => whole.computeMs / whole.ms)),
    coordinatorCpu: cpuSeconds === null ? null : cpuSeconds / totalSeconds,
    items,
    wholeMs,
    bareMs,
    computeMs: pairs.map(({ whole }) => whole.computeMs),
  };
}

async function checkResults(job: Job, expected: NamedTensors): Promise<void> {
  const { outputs, missing } = await collectResults(job);
  assert(missing.length === 0, `overhead: ${missing.length} items have no result`);
  const items = job.view.items.total;
  const wanted = Object.fromEntries(
    Object.entries(expected).map(([name, tensor]) => [name, repeatedRows(tensor, items)]),
  );
  const compared = compareOutputs(outputs, wanted, items, job.view.acceptance);
  assert(compared.kind === 'agree', `overhead: wrong results: ${JSON.stringify(compared)}`);
}

/** Layers that take about 20 ms an item in this tab, by bare loops over a small model. */
async function calibrate(rig: Rig, page: Page, random: () => number): Promise<number> {
  const trialLayers = 4;
  const image = randomImages(TRIAL_ITEMS, random);
  await rig.client.submit({
    name: 'calibration',
    program: { onnx: convolutionModel(trialLayers, random) },
    inputs: { stacked: { image } },
    verification: { kind: 'quorum', quorum: 1 },
  });
  await page.evaluate((n) => window.idlewaveProbe.settled(n), TRIAL_ITEMS);
  let msPerItem = Infinity;
  for (let loop = 0; loop < TRIAL_LOOPS; loop++) {
    const { items, ms } = await page.evaluate((n) => window.idlewaveProbe.bareLoop(n), TRIAL_ITEMS);
    msPerItem = Math.min(msPerItem, ms / items);
  }
  return Math.max(1, Math.round((trialLayers * TARGET_MS_PER_ITEM) / msPerItem));
}

/** What a model makes of the images: in this process, by the WASM build that tabs without a GPU use. */
async function computeHere(model: Uint8Array, images: Tensor): Promise<NamedTensors> {
  const compute = nodeCompute();
  const loaded = await compute.load({
    key: 'model',
    program: { kind: 'onnx', model: '' as BlobDigest, itemsPerRun: 1 },
    model,
    constants: {},
    feeds: { image: [1, ...IMAGE_DIMS] },
    outputs: { features: FEATURES },
    flopsPerItem: 0,
  });
  assert(loaded.ok, 'overhead: the model could not be loaded');
  const id = makeAssignmentId((n) => crypto.getRandomValues(new Uint8Array(n)));
  const items = Array.from({ length: images.dims[0]! }, (_, i) => i);
  const task = { id, programKey: 'model', items, stacked: { image: images } };
  const result = await compute.run(task, () => undefined);
  await compute.close();
  assert(result.ok, `overhead: the model does not run: ${JSON.stringify(result)}`);
  return result.value.outputs;
}
