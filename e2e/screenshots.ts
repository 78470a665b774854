/**
 * Pictures of every page: `npm run screenshots [-- PAGE ...]` writes them to `docs/screenshots/`.
 *
 * A coordinator of its own with real jobs, and a real tab that computes: what is seen has happened.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { IdlewaveClient } from '../sdk/client.ts';
import { loadDigits, pickDigits } from '../sdk/demo/digits.ts';
import { givesAll } from './fixtures/givesAll.ts';
import { startRig, type Rig } from './benches/rig.ts';

const FOLDER = join(import.meta.dirname, '../docs/screenshots');
const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } };
const SCHEMES = ['light', 'dark'] as const;

interface Scene {
  readonly name: string;
  readonly hash: string;
  /** What has to be seen first. */
  readonly selector: string;
}

/** Taken in the tab that computes, in this order; `invitation` before it begins. */
const INVITATION: Scene = { name: 'invitation', hash: '#', selector: '[data-testid=start]' };
const SCENES: readonly Scene[] = [
  { name: 'contribute', hash: '#', selector: '[data-testid=pause]' },
  { name: 'jobs', hash: '#jobs', selector: '[data-testid=open-job]' },
  { name: 'credits', hash: '#credits', selector: '[data-testid=receipt]' },
  { name: 'mine', hash: '#mine', selector: '[data-testid=history-total]' },
  { name: 'certificate', hash: '#certificate', selector: '[data-testid=certificate-root]' },
  { name: 'leaderboard', hash: '#leaderboard', selector: '[data-testid=board]' },
  { name: 'network', hash: '#network', selector: '[data-testid=network-cards]' },
  { name: 'ready', hash: '#ready', selector: '[data-testid=device]' },
  { name: 'help', hash: '#help', selector: '#what-runs' },
];
/** With a key typed in, of an owner with one site. */
const SITES: Scene = { name: 'sites', hash: '#sites', selector: '[data-testid=widget-preview]' };

const JOBS = [
  ['Handwritten digits, archive', 60_000],
  ['Handwritten digits, spring survey', 240_000],
] as const;

const only = process.argv.slice(2);
const rig = await startRig();
// A picture of a whole page is cut by the width of a scroll bar that it does not show.
const args = [...rig.launch.args, '--hide-scrollbars'];
const browser = await chromium.launch({ ...rig.launch, args });
try {
  if (only.length === 0) await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const page = await visit(browser);
  await take(page, INVITATION);
  await post(rig.client);
  await turnTo(page, INVITATION);
  await page.getByTestId('start').click();
  // Results are compared with somebody else's.
  const other = await visit(browser);
  await other.getByTestId('start').click();
  await page.waitForFunction(
    () => Number(document.querySelector('main')?.dataset['microCredits']) > 0,
    undefined,
    { timeout: 120_000 },
  );
  for (const scene of SCENES) await take(page, scene);
  if (only.length === 0 || only.includes(SITES.name)) {
    await openSites(page, rig);
    await take(page, SITES);
  }
} finally {
  await browser.close();
  await rig.stop();
}

async function visit(from: Browser): Promise<Page> {
  const context = await from.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await givesAll(page);
  await page.goto(rig.url);
  return page;
}

/** More than is computed while pictures are taken. */
async function post(client: IdlewaveClient): Promise<void> {
  const digits = await loadDigits();
  for (const [seed, [name, items]] of JOBS.entries()) {
    const { images } = pickDigits(digits, items, seed);
    const program = { onnx: digits.model };
    const inputs = { stacked: { image: images } };
    const verification = { kind: 'quorum', quorum: 2 } as const;
    await client.submit({ name, program, inputs, verification, itemsPerShard: 256 });
  }
}

async function openSites(page: Page, { client, url }: Rig): Promise<void> {
  const { key } = await client.createKey('Journal');
  const own = new IdlewaveClient({ url, key });
  const origins = ['https://journal.example'];
  await own.addSite({ name: 'The Open Journal', origins, proposedPercent: 25 });
  await turnTo(page, { ...SITES, selector: '[data-testid=sites-key]' });
  await page.getByTestId('sites-key').fill(key);
  await page.getByTestId('sites-open').click();
  const frame = page.frameLocator('idlewave-widget iframe');
  await frame.getByTestId('widget-start').waitFor();
}

async function turnTo(page: Page, { hash, selector }: Scene): Promise<void> {
  await page.evaluate((next) => (location.hash = next), hash);
  await page.locator(selector).first().waitFor({ timeout: 90_000 });
}

async function take(page: Page, scene: Scene): Promise<void> {
  if (only.length > 0 && !only.includes(scene.name)) return;
  await turnTo(page, scene);
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const path = join(FOLDER, `${scene.name}-${size}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
      console.log(path);
    }
  }
}
