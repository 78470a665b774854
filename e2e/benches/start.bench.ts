/**
 * From opening the page to the first kernel shard accepted, and where the time goes, for a first visit and for
 * later ones.
 *
 * The button is pressed by a script the moment it shows, as a visitor cannot: what is measured is the software. The
 * browser is running already; only in the visits `after a restart` and at first it has just been started.
 */
import { givesAll } from '../fixtures/givesAll.ts';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { assert } from '../../shared/result.ts';
import { medianOf, type BenchReport, type BenchRow } from '../../shared/testing/bench.ts';
import { installProbe } from './pageProbe.ts';
import { startRig, type Rig } from './rig.ts';

/** Profiles, each visited once in every way. The first one warms up the machine's file cache and does not count. */
const PROFILES = 6;
const SAMPLES_PER_ITEM = 10_000;
const ITEMS_PER_SHARD = 16;

const VISITS = ['first', 'second', 'afterRestart'] as const;
type Visit = (typeof VISITS)[number];

/** As `installProbe` names them, in the order in which they happen. */
const STEPS = [
  ['button shown', 'page loaded, button pressed'],
  ['link opening', 'key read'],
  ['challenge came', 'link open'],
  ['facts answered', 'worker up, adapter and device there'],
  ['welcome came', 'key proven'],
  ['assign came', 'first assignment came'],
  ['load answered', 'program loaded'],
  ['run answered', 'engines compiled and compared, shard computed'],
  ['received came', 'report durable'],
  ['settled came', 'shard accepted'],
] as const;

type Marks = Readonly<Record<string, number>>;

export async function bench(): Promise<BenchReport> {
  const rig = await startRig();
  const marks: Record<Visit, Marks[]> = { first: [], second: [], afterRestart: [] };
  let version = '';
  let engine = '';
  try {
    await rig.client.submit({
      name: 'start',
      program: {
        kernel: 'montecarlo@1',
        params: { dimensions: 2, samplesPerItem: SAMPLES_PER_ITEM, seed: 2026 },
      },
      items: 1_000_000,
      itemsPerShard: ITEMS_PER_SHARD,
      verification: { kind: 'quorum', quorum: 1 },
    });
    for (let profile = 0; profile < PROFILES; profile++) {
      const folder = join(rig.folder, `profile-${profile}`);
      const open = () => chromium.launchPersistentContext(folder, rig.launch);
      const browser = await open();
      const first = await visit(rig, browser);
      const second = await visit(rig, browser);
      version = browser.browser()?.version() ?? '';
      await browser.close();
      const again = await open();
      const afterRestart = await visit(rig, again);
      await again.close();
      engine = afterRestart.engine;
      if (profile === 0) continue;
      marks.first.push(first.marks);
      marks.second.push(second.marks);
      marks.afterRestart.push(afterRestart.marks);
    }
  } finally {
    await rig.stop();
  }
  const shard = `montecarlo@1, ${ITEMS_PER_SHARD} items of ${SAMPLES_PER_ITEM} samples`;
  const facts = { chromium: version, engine, shard, visitsOfEachKind: PROFILES - 1 };
  return { name: 'start', notes: NOTES, facts, rows: STEPS.map((step) => rowOf(step, marks)) };
}

const NOTES = [
  'Milliseconds from the start of the navigation until the step was reached, medians. Goal: a second visit’s shard accepted before 2000.',
  'first: a new profile, nothing cached. second: the same browser opens the page again. afterRestart: the same profile in a browser just started.',
];

function rowOf([mark, step]: (typeof STEPS)[number], marks: Record<Visit, Marks[]>): BenchRow {
  const cells: Record<string, string | number | readonly number[]> = { step };
  for (const visit of VISITS) cells[`${visit}Ms`] = medianOf(marks[visit].map((at) => at[mark]!));
  for (const visit of VISITS) cells[`${visit}EachMs`] = marks[visit].map((at) => at[mark]!);
  return cells;
}

async function visit(rig: Rig, browser: BrowserContext) {
  const page = await browser.newPage();
  await givesAll(page);
  await page.addInitScript(installProbe, true);
  await page.goto(rig.url);
  const settled = await page.evaluate(() => window.idlewaveProbe.settled(1));
  assert(settled.refused === 0, 'start: the first shard was not accepted');
  const marks = await page.evaluate(() => window.idlewaveProbe.firstMs);
  const main = page.locator('[data-engine]');
  const engine = (await main.getAttribute('data-engine')) ?? '';
  // Left, not closed: closing over DevTools skips the page's goodbye.
  await page.goto('about:blank');
  await page.close();
  return { marks, engine };
}
