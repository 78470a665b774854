/**
 * What it costs when peers of a route are killed: tabs of a running job crash at random moments, the first stage, the
 * last one, any, and two at once, without a word to anybody.
 *
 * Every run must end with all items right and once, or the bench fails. Measured is how long results stood still.
 */
import { givesAll } from '../fixtures/givesAll.ts';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { compareOutputs } from '../../shared/acceptance.ts';
import { assert } from '../../shared/result.ts';
import { medianOf, type BenchReport, type BenchRow } from '../../shared/testing/bench.ts';
import type { RouteView } from '../../shared/protocol/job.ts';
import { itemsNotOnce } from '../../sdk/acceptance/testing/ledger.ts';
import { stagedDigits } from '../../sdk/acceptance/testing/stagedDigits.ts';
import { collectResults, type Job } from '../../sdk/client.ts';
import { loadDigits, runDirectly } from '../../sdk/demo/digits.ts';
import { seeded, type Random } from '../../sdk/demo/random.ts';
import { installProbe } from './pageProbe.ts';
import { startRig, type Rig } from './rig.ts';

const RUNS = 30;
const STAGES = 3;
/** One more than stages: who is killed has somebody to follow. */
const TABS = STAGES + 1;
const ITEMS = 2_400;
const ITEMS_PER_SHARD = 8;
const LOOK_EVERY_MS = 50;
/** Of the job's first results: a kill falls anywhere within. */
const KILL_WITHIN_MS = 1_500;

interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly contributor: string;
}

const VICTIMS: Readonly<Record<string, (route: RouteView, random: Random) => number[]>> = {
  'the first stage': () => [0],
  'the last stage': ({ places }) => [places.length - 1],
  'two at once': ({ places }, random) => {
    const first = random.below(places.length - 1);
    return [first, first + 1];
  },
  'any stage': ({ places }, random) => [random.below(places.length)],
};

export async function bench(): Promise<BenchReport> {
  const rig = await startRig();
  const browser = await chromium.launch(rig.launch);
  const random = seeded(2026);
  const stood = new Map<string, number[]>(Object.keys(VICTIMS).map((name) => [name, []]));
  try {
    let tabs: Tab[] = [];
    for (let run = 0; run < RUNS; run++) {
      while (tabs.length < TABS) tabs.push(await openTab(rig, browser));
      const [name, choose] = Object.entries(VICTIMS)[run % stood.size]!;
      const { stoodMs, killed } = await oneRun(rig, tabs, choose, random, run);
      stood.get(name)!.push(stoodMs);
      console.error(`run ${run + 1} of ${RUNS}: ${name}, results stood still for ${stoodMs} ms`);
      for (const tab of killed) await tab.context.close();
      tabs = tabs.filter((tab) => !killed.includes(tab));
    }
    const facts = { chromium: browser.version(), runs: RUNS, stages: STAGES, tabs: TABS };
    return { name: 'departures', notes: NOTES, facts, rows: [...stood].map(rowOf) };
  } finally {
    await browser.close();
    await rig.stop();
  }
}

const NOTES = [
  'Killed: the tab’s renderer crashes; its sockets and channels end without a goodbye.',
  'Stood still: the longest time without a new result between the kill and the end of the job, as its author sees it, to 50 ms. Goal: at most 2 s and one stage.',
  'Every run ended with each item once and equal to the whole model’s result, or the bench would have failed.',
];

const rowOf = ([victims, stoodMs]: [string, number[]]): BenchRow => ({
  victims,
  runs: stoodMs.length,
  medianMs: medianOf(stoodMs),
  mostMs: Math.max(...stoodMs),
  stoodMs,
});

async function openTab({ url, client }: Rig, browser: Browser): Promise<Tab> {
  const known = new Set((await client.leaderboard()).map(({ id }) => id));
  const context = await browser.newContext();
  const page = await context.newPage();
  await givesAll(page);
  await page.addInitScript(installProbe, true);
  await page.goto(url);
  for (;;) {
    const contributor = (await client.leaderboard()).find(({ id }) => !known.has(id))?.id;
    if (contributor !== undefined) return { context, page, contributor };
    await wait(LOOK_EVERY_MS);
  }
}

async function oneRun(
  { client }: Rig,
  tabs: readonly Tab[],
  choose: (route: RouteView, random: Random) => number[],
  random: Random,
  seed: number,
): Promise<{ stoodMs: number; killed: Tab[] }> {
  const work = await stagedDigits(await loadDigits(), STAGES, ITEMS, ITEMS_PER_SHARD, seed);
  const job = await client.submit(work.options);
  const route = await wholeRoute(job);
  await wait(random.below(KILL_WITHIN_MS));
  const killed = choose(route, random).map((place) => {
    const { contributor } = route.places[place]!;
    const tab = tabs.find((it) => it.contributor === contributor);
    assert(tab !== undefined, 'departures: a place of somebody unknown');
    return tab;
  });
  await Promise.all(killed.map(({ page }) => crash(page)));
  assert(job.view.state !== 'done', 'departures: the job was over before the kill');
  const stoodMs = await longestStandstill(job);
  const { outputs, missing } = await collectResults(job);
  assert(missing.length === 0, `departures: ${missing.length} items have no result`);
  assert((await itemsNotOnce(job)).length === 0, 'departures: an item came twice');
  const truth = await runDirectly(work.model, work.images);
  const compared = compareOutputs(outputs, truth, ITEMS, job.view.acceptance);
  assert(compared.kind === 'agree', `departures: wrong results: ${JSON.stringify(compared)}`);
  return { stoodMs, killed };
}

/** Waits until the stages are shared by two hosts or three, as their speed has it, and results have begun to come. */
async function wholeRoute(job: Job): Promise<RouteView> {
  for (;;) {
    const { route, items } = await job.refresh();
    const hosts = new Set(route?.places.map(({ contributor }) => contributor));
    if (route !== undefined && hosts.size > 1 && items.provisional > 0) return route;
    assert(
      job.view.state !== 'done',
      'departures: the job was over before its route had two hosts',
    );
    await wait(LOOK_EVERY_MS);
  }
}

async function crash(page: Page): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  // Never answered: who should answer has crashed.
  void devTools.send('Page.crash').catch(() => undefined);
  await page.waitForEvent('crash');
}

async function longestStandstill(job: Job): Promise<number> {
  let longestMs = 0;
  let seen = -1;
  let sinceMs = performance.now();
  for (;;) {
    const { items, state } = await job.refresh();
    const results = items.settled + items.provisional;
    const nowMs = performance.now();
    if (results !== seen) {
      longestMs = Math.max(longestMs, nowMs - sinceMs);
      seen = results;
      sinceMs = nowMs;
    }
    if (state === 'done') return Math.round(longestMs);
    assert(state === 'running', `departures: the job is ${state}`);
    await wait(LOOK_EVERY_MS);
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
