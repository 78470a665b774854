/**
 * A tab that is left open: what it holds after thousands of shards. Programs of three kinds (a kernel on the GPU, one of
 * plain arithmetic, an ONNX model) are posted in turn, so that they are loaded and put away again and again, and after
 * every part the heaps, the GPU's buffers, workers, listeners and the processes' memory are read, with garbage collected.
 *
 * `IDLEWAVE_ENDURANCE_SHARDS` (20,000) and `IDLEWAVE_ENDURANCE_MINUTES` (0): it ends when both have passed.
 */
import { readFile } from 'node:fs/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { loadDigits, pickDigits } from '../../sdk/demo/digits.ts';
import type { Job, SubmitOptions } from '../../sdk/client.ts';
import { assert } from '../../shared/result.ts';
import { medianOf, type BenchReport, type BenchRow } from '../../shared/testing/bench.ts';
import { givesAll } from '../fixtures/givesAll.ts';
import { openTabProbe, type TabProbe } from './tabProbe.ts';
import { startRig } from './rig.ts';

const SHARDS = Number(process.env['IDLEWAVE_ENDURANCE_SHARDS'] ?? 20_000);
const MINUTES = Number(process.env['IDLEWAVE_ENDURANCE_MINUTES'] ?? 0);
/** Of one job. */
const JOB_SHARDS = 250;
const SEED = 2026;
/** As many as have four quarters. */
const MIN_ROWS = 4;
const MS_PER_MINUTE = 60_000;

const NOTES = [
  'A row is read after that many shards, with garbage collected: JavaScript heaps of page and worker, GPU buffers that are alive and their bytes, DOM nodes and listeners, memory of the renderer’s and the GPU’s process (resident, as the system counts).',
  'The last row is the growth from the second quarter of the run to the last one: medians, a ratio. Flat is 1.',
];

export async function bench(): Promise<BenchReport> {
  const rig = await startRig();
  const browser = await chromium.launch(rig.launch);
  try {
    const page = await browser.newPage();
    await givesAll(page);
    await page.goto(rig.url);
    const probe = await openTabProbe(page);
    await page.getByTestId('start').click();
    const rows: BenchRow[] = [];
    const beganMs = Date.now();
    for (let shards = 0, part = 0; isGoing(shards, beganMs); part++) {
      const kinds = await partOf(part);
      for (const options of kinds) await done(await rig.client.submit(options));
      shards += kinds.length * JOB_SHARDS;
      const minutes = (Date.now() - beganMs) / MS_PER_MINUTE;
      rows.push({ shards, minutes, ...(await read(browser, page, probe)) });
      console.error(JSON.stringify(rows.at(-1)));
    }
    await expectAllCounted(page, rows);
    const facts = { chromium: browser.version(), jobShards: JOB_SHARDS };
    return { name: 'endurance', notes: NOTES, facts, rows: [...rows, growthOf(rows)] };
  } finally {
    await browser.close();
    await rig.stop();
  }
}

const isGoing = (shards: number, beganMs: number): boolean =>
  shards < SHARDS || Date.now() - beganMs < MINUTES * MS_PER_MINUTE;

/** One job of each kind. Parameters change, so that each is another program. */
async function partOf(part: number): Promise<SubmitOptions[]> {
  const digits = await loadDigits();
  const { images } = pickDigits(digits, JOB_SHARDS, SEED + part);
  const common = { itemsPerShard: 1, verification: { kind: 'quorum', quorum: 1 } } as const;
  const balls = (samplesPerItem: number): SubmitOptions => ({
    ...common,
    name: `endurance ${part}`,
    program: {
      kernel: 'montecarlo@1',
      params: { dimensions: 3, samplesPerItem, seed: SEED + part },
    },
    items: JOB_SHARDS,
  });
  return [
    balls(ON_THE_GPU),
    balls(PLAIN),
    {
      ...common,
      name: `endurance ${part}`,
      program: { onnx: digits.model },
      inputs: { stacked: { image: images } },
    },
  ];
}

/** Points of an item: as many as only a GPU has done in time, and few. */
const ON_THE_GPU = 2 ** 22;
const PLAIN = 2 ** 10;

async function done(job: Job): Promise<void> {
  const { state, items } = await job.done();
  assert(state === 'done' && items.failed === 0, `endurance: a job ended as ${state}`);
}

async function read(browser: Browser, page: Page, probe: TabProbe): Promise<BenchRow> {
  const [renderer, gpu] = await Promise.all([
    residentMb(browser, 'renderer'),
    residentMb(browser, 'GPU'),
  ]);
  const engine = await page.locator('main').getAttribute('data-engine');
  return { engine, ...(await probe.read()), rendererMb: renderer, gpuMb: gpu };
}

/** Of all processes of the kind; null where the system does not tell (not Linux). */
async function residentMb(browser: Browser, type: string): Promise<number | null> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  let kb = 0;
  for (const process of processInfo.filter((it) => it.type === type)) {
    const status = await readFile(`/proc/${process.id}/status`, 'utf8').catch(() => '');
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (resident === undefined) return null;
    kb += Number(resident);
  }
  return kb / 1024;
}

async function expectAllCounted(page: Page, rows: readonly BenchRow[]): Promise<void> {
  const counted = Number(await page.locator('main').getAttribute('data-shards'));
  const expected = Number(rows.at(-1)!['shards']);
  assert(counted >= expected, `endurance: the tab counts ${counted} of ${expected} shards`);
}

/** Every figure of the last quarter beside that of the second. */
function growthOf(rows: readonly BenchRow[]): BenchRow {
  assert(rows.length >= MIN_ROWS, `endurance: ${rows.length} rows are too few to see growth`);
  const quarter = Math.floor(rows.length / 4);
  const [early, late] = [rows.slice(quarter, 2 * quarter), rows.slice(-quarter)];
  const growth: Record<string, string | number> = { shards: 'growth' };
  for (const key of Object.keys(rows[0]!)) {
    const values = (part: readonly BenchRow[]) => part.map((row) => row[key]);
    const isNumber = rows.every((row) => typeof row[key] === 'number');
    if (!isNumber || key === 'shards' || key === 'minutes') continue;
    const [before, after] = [
      medianOf(values(early) as number[]),
      medianOf(values(late) as number[]),
    ];
    growth[key] = before === after ? 1 : after / before;
  }
  return growth;
}
