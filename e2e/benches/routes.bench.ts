/**
 * What a route makes of its stages: items per second through two and three tabs that send each other what they
 * compute, over what the slowest of their stages gives when all compute at once on the same cores and exchange nothing.
 *
 * Both sides take turns, block by block. Every result is compared with the whole model's; one that is wrong fails the
 * bench.
 */
import { givesAll } from '../fixtures/givesAll.ts';
import { chromium, type Page } from 'playwright-core';
import { noise } from '../../kernels/noise.ts';
import { compareOutputs } from '../../shared/acceptance.ts';
import { readModel } from '../../shared/onnx/graph.ts';
import { factsOfRun } from '../../shared/onnx/split/factsOfRun.ts';
import { emitStages, planStages } from '../../shared/onnx/split/splitModel.ts';
import { assert } from '../../shared/result.ts';
import { medianOf, type BenchReport, type BenchRow } from '../../shared/testing/bench.ts';
import { ort, runModel } from '../../shared/testing/composedStages.ts';
import { byteLengthOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import { collectResults, type Job } from '../../sdk/client.ts';
import { limitMemory, roomForOneStage } from '../fixtures/roomForOneStage.ts';
import { convolutionModel, FEATURES, IMAGE_DIMS, randomImages } from './convolutionModel.ts';
import { installProbe } from './pageProbe.ts';
import { startRig, type Rig } from './rig.ts';
import { repeatedRows } from './repeatedRows.ts';

/** Pairs of blocks after the first, in which sessions are opened and hosts are measured. */
const PAIRS = 3;
const LAYERS = 12;
const ITEMS_PER_SHARD = 4;
const SHARDS = 200;
/** Different images, so that a result cannot be right by being another item's. */
const DISTINCT = 16;

export async function bench(): Promise<BenchReport> {
  const rig = await startRig();
  const browser = await chromium.launch(rig.launch);
  const random = noise(2026);
  try {
    const model = convolutionModel(LAYERS, random);
    const images = randomImages(DISTINCT, random);
    const truth = await wholeModel(model, images);
    const rows: BenchRow[] = [];
    for (const stages of [2, 3]) {
      const parts = await cut(model, stages);
      const memoryBytes = await roomForOneStage(
        rig.client,
        jobOf(parts, images, DISTINCT),
        FEATURES,
      );
      const contexts = await Promise.all(
        Array.from({ length: stages }, () => browser.newContext()),
      );
      const pages = await Promise.all(contexts.map((context) => context.newPage()));
      for (const page of pages) {
        await limitMemory(page, memoryBytes);
        await givesAll(page);
        await page.addInitScript(installProbe, true);
        await page.goto(rig.url);
      }
      rows.push(await measure(rig, pages, parts, images, truth));
      for (const context of contexts) await context.close();
    }
    const facts = { chromium: browser.version(), layers: LAYERS, itemsPerShard: ITEMS_PER_SHARD };
    return { name: 'routes', notes: NOTES, facts, rows };
  } finally {
    await browser.close();
    await rig.stop();
  }
}

const NOTES = [
  'ratio: median over the pairs of (items/s of the route / items/s of its slowest stage alone). Goal: at least 0.85.',
  'busiest: of the time of the route, how much its busiest tab was inside its stage. What is missing to 1 is the route’s doing; the rest of what is missing in ratio is what coordinator, referee and browser take of the same cores.',
  'Route: from the first commitment of the last stage to its last one, so that filling is not counted.',
  'latency: median over the shards that found every stage idle of (start of the first stage to the end of the last one / what its stages computed and half the round trip of each link). Goal: at most 1.10.',
  'Slowest stage: all tabs compute their stage in a bare loop at the same time, and exchange nothing.',
  'Results were compared with the whole model’s: every item of every block agrees, or the bench fails.',
];

const jobOf = (stages: readonly Uint8Array[], images: Tensor, items: number) => ({
  name: 'a route',
  program: { stages },
  inputs: { stacked: { image: repeatedRows(images, items) } },
  itemsPerShard: ITEMS_PER_SHARD,
});

async function cut(model: Uint8Array, stages: number): Promise<Uint8Array[]> {
  const read = readModel(model);
  assert(read.ok, 'routes: the model cannot be read');
  const dims = [1, ...IMAGE_DIMS];
  const bytes = new Uint8Array(byteLengthOf({ dtype: 'F32', dims }));
  const facts = await factsOfRun(ort, read.value, { image: { dtype: 'F32', dims, bytes } });
  const plan = planStages(read.value, { stages, facts });
  assert(plan.ok, 'routes: the model cannot be cut');
  return emitStages(read.value, plan.value).map((stage) => stage.bytes);
}

async function measure(
  rig: Rig,
  pages: readonly Page[],
  stages: readonly Uint8Array[],
  images: Tensor,
  truth: NamedTensors,
): Promise<BenchRow> {
  const items = SHARDS * ITEMS_PER_SHARD;
  const route: number[] = [];
  const slowest: number[] = [];
  const busiest: number[] = [];
  const latencies: number[] = [];
  let path = '';
  let places = 0;
  let hopsMs = 0;
  for (let block = 0; block <= PAIRS; block++) {
    for (const page of pages) await page.evaluate(() => window.idlewaveProbe.beginBlock());
    const job = await rig.client.submit(jobOf(stages, images, items));
    const watch = setInterval(() => {
      void job.refresh().then(({ route: seen }) => {
        if (seen === undefined) return;
        const links = seen.places.flatMap(({ next }) => next ?? []);
        places = seen.places.length;
        path = links[0]?.path ?? path;
        if (links.every(({ rttMs }) => rttMs !== null)) {
          hopsMs = links.reduce((sum, { rttMs }) => sum + rttMs! / 2, 0);
        }
      });
    }, 250);
    await checkResults(job, truth, items);
    clearInterval(watch);
    const lanes = await Promise.all(pages.map((page) => laneOf(page)));
    // The first results of a stage come before those of the next one.
    lanes.sort((a, b) => a.commitsMs[0]! - b.commitsMs[0]!);
    const commitsMs = lanes.at(-1)!.commitsMs;
    const seconds = (commitsMs.at(-1)! - commitsMs[0]!) / 1000;
    const bare = await Promise.all(pages.map((page) => bareRate(page, items / 2)));
    if (block === 0) continue;
    route.push(((commitsMs.length - 1) * ITEMS_PER_SHARD) / seconds);
    const isWhole = lanes.every((lane) => lane.commitsMs.length === SHARDS);
    if (isWhole) latencies.push(...latencyRatios(lanes, hopsMs));
    slowest.push(Math.min(...bare));
    busiest.push(Math.max(...lanes.map(busyShare)));
  }
  const ratios = route.map((rate, i) => rate / slowest[i]!);
  return {
    case: `${stages.length} stages in ${pages.length} tabs`,
    path,
    places,
    routeItemsPerSecond: medianOf(route),
    slowestStageItemsPerSecond: medianOf(slowest),
    ratio: medianOf(ratios),
    ratioLeast: Math.min(...ratios),
    ratioMost: Math.max(...ratios),
    busiest: medianOf(busiest),
    hopsMs,
    shardsAlone: latencies.length,
    latency: latencies.length === 0 ? null : medianOf(latencies),
    route,
    slowest,
  };
}

interface Lane {
  /** When each shard was committed to, on the clock that all tabs share. */
  readonly commitsMs: readonly number[];
  readonly runsMs: readonly number[];
}

/** Of the time from its first commitment to its last, how much the tab was inside its stage. */
function busyShare({ commitsMs, runsMs }: Lane): number {
  const insideMs = runsMs.slice(1).reduce((sum, ms) => sum + ms, 0);
  return insideMs / (commitsMs.at(-1)! - commitsMs[0]!);
}

const laneOf = (page: Page): Promise<Lane> =>
  page.evaluate(() => {
    const { commitsMs, runsMs } = window.idlewaveProbe;
    return { commitsMs: commitsMs.map((ms) => performance.timeOrigin + ms), runsMs };
  });

/**
 * Of each shard that found every stage idle: the time from the start of its first stage to the end of its last one,
 * over what the formula says: what its stages computed and `hopsMs`, the way between them.
 */
function latencyRatios(lanes: readonly Lane[], hopsMs: number): number[] {
  const ratios: number[] = [];
  for (let shard = 1; shard < SHARDS; shard++) {
    const metNobody = lanes
      .slice(1)
      .every((lane, i) => lane.commitsMs[shard - 1]! < lanes[i]!.commitsMs[shard]!);
    if (!metNobody) continue;
    const computed = lanes.map(({ runsMs }) => runsMs[shard]!);
    const [first, last] = [lanes[0]!, lanes.at(-1)!];
    const tookMs = last.commitsMs[shard]! - first.commitsMs[shard]! + computed[0]!;
    ratios.push(tookMs / (computed.reduce((sum, ms) => sum + ms, 0) + hopsMs));
  }
  return ratios;
}

async function bareRate(page: Page, items: number): Promise<number> {
  const bare = await page.evaluate((n) => window.idlewaveProbe.bareLoop(n), items);
  return (bare.items * 1000) / bare.ms;
}

async function checkResults(job: Job, truth: NamedTensors, items: number): Promise<void> {
  const { outputs, missing } = await collectResults(job);
  assert(missing.length === 0, `routes: ${missing.length} items have no result`);
  const wanted = Object.fromEntries(
    Object.entries(truth).map(([name, tensor]) => [name, repeatedRows(tensor, items)]),
  );
  const compared = compareOutputs(outputs, wanted, items, job.view.acceptance);
  assert(compared.kind === 'agree', `routes: wrong results: ${JSON.stringify(compared)}`);
}

async function wholeModel(model: Uint8Array, images: Tensor): Promise<NamedTensors> {
  return runModel(model, { image: images }, 'all');
}
