/**
 * How long a tab takes from the death of the browser's GPU process to its next accepted shard, beside a cold start: from
 * opening the page in a new profile to the first one. In turn, in one browser, with the same shards.
 *
 * Every recovery must end with a shard, or the bench does not.
 */
import { chromium, type Browser, type Page } from 'playwright-core';
import { assert } from '../../shared/result.ts';
import { medianOf, type BenchReport } from '../../shared/testing/bench.ts';
import { gpuProcessOf } from '../fixtures/gpuProcess.ts';
import { givesAll } from '../fixtures/givesAll.ts';
import { startRig, type Rig } from './rig.ts';

const ROUNDS = 8;
/** Shards of some 100 ms in software, which nothing but the GPU computes. */
const SAMPLES_PER_ITEM = 2 ** 24;
/** Shards before the kill: the tab is in the middle of one. */
const SHARDS_BEFORE = 3;
const DEADLINE_MS = 120_000;

export async function bench(): Promise<BenchReport> {
  const rig = await startRig();
  const browser = await chromium.launch(rig.launch);
  const [cold, recovered]: [number[], number[]] = [[], []];
  try {
    await rig.client.submit({
      name: 'recovery',
      program: {
        kernel: 'montecarlo@1',
        params: { dimensions: 3, samplesPerItem: SAMPLES_PER_ITEM, seed: 2026 },
      },
      items: 100_000,
      itemsPerShard: 1,
      verification: { kind: 'quorum', quorum: 1 },
    });
    // The first warms up the machine's file cache and does not count.
    for (let round = 0; round <= ROUNDS; round++) {
      const { coldMs, recoveryMs } = await oneRound(rig, browser);
      if (round === 0) continue;
      cold.push(coldMs);
      recovered.push(recoveryMs);
    }
  } finally {
    await browser.close();
    await rig.stop();
  }
  const [coldMs, recoveryMs] = [medianOf(cold), medianOf(recovered)];
  const row = {
    coldMs,
    recoveryMs,
    ratio: recoveryMs / coldMs,
    coldEachMs: cold,
    recoveryEachMs: recovered,
  };
  const facts = { chromium: browser.version(), rounds: ROUNDS };
  return { name: 'recovery', notes: NOTES, facts, rows: [row] };
}

const NOTES = [
  'Milliseconds, medians. coldMs: from opening the page in a new profile to the first accepted shard. recoveryMs: from killing the GPU process to the next. Goal: ratio at most 1.5.',
];

async function oneRound(rig: Rig, browser: Browser) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await givesAll(page);
    const openedMs = Date.now();
    await page.goto(rig.url);
    await page.evaluate(noteShards);
    await page.getByTestId('start').click();
    const coldMs = (await shardAfter(page, openedMs)) - openedMs;
    for (let shard = 0; shard < SHARDS_BEFORE; shard++) await shardAfter(page, Date.now());
    const killedMs = Date.now();
    process.kill(gpuProcessOf(process.pid), 'SIGKILL');
    await page.locator('main[data-state=recovering]').waitFor({ timeout: DEADLINE_MS });
    // One that was computed before may be accepted after the kill: what counts is the first after the new beginning.
    await page.locator('main[data-state=working]').waitFor({ timeout: DEADLINE_MS });
    const engine = await page.locator('main').getAttribute('data-engine');
    assert(engine === 'webgpu', `recovery: computed on ${engine}, not on the GPU`);
    const recoveryMs = (await shardAfter(page, Date.now())) - killedMs;
    await page.goto('about:blank');
    return { coldMs, recoveryMs };
  } finally {
    await context.close();
  }
}

interface Noting {
  shardsMs: number[];
}

/** In the page: when each shard was accepted. */
function noteShards(): void {
  const main = document.querySelector<HTMLElement>('main[data-state]')!;
  const shardsMs: number[] = [];
  (window as unknown as Noting).shardsMs = shardsMs;
  new MutationObserver(() => shardsMs.push(Date.now())).observe(main, {
    attributeFilter: ['data-shards'],
  });
}

async function shardAfter(page: Page, afterMs: number): Promise<number> {
  const handle = await page.waitForFunction(
    (after) => (window as unknown as Noting).shardsMs.find((ms) => ms > after),
    afterMs,
    { timeout: DEADLINE_MS, polling: 50 },
  );
  return (await handle.jsonValue())!;
}
