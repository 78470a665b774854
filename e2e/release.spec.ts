/**
 * The pages as something installed: kept on the device of who computes, opened without a network, and updated under a tab
 * that computes without a lease being lost.
 */
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CoordinatorProcess } from '../sdk/acceptance/testing/idlewaveProcess.ts';
import { faultsOfBooks, itemsNotOnce } from '../sdk/acceptance/testing/ledger.ts';
import type { Job } from '../sdk/client.ts';
import { decodeFrame } from '../shared/frame.ts';
import type { CoordinatorMessage } from '../shared/protocol/link.ts';
import { expectBalls, postBalls, postDigits } from './fixtures/jobs.ts';
import { expect, test as base } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';

/** Twins of what a test changes. */
const COMPRESSED = /\.(br|gz)$/;
const BUILT = fileURLToPath(new URL('../dist/web', import.meta.url));

/** A copy of the built pages, which the test's coordinator serves. */
class Pages {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async copied(): Promise<Pages> {
    const folder = await mkdtemp(join(tmpdir(), 'idlewave-pages-'));
    for (const name of await readdir(BUILT)) {
      const [from, to] = [join(BUILT, name), join(folder, name)];
      await cp(from, to, { recursive: true, filter: (path) => !COMPRESSED.test(path) });
    }
    return new Pages(folder);
  }

  /** As a build of changed sources does: every script has another name, and the ones before are gone. */
  async release(): Promise<void> {
    const assets = join(this.folder, 'assets');
    const scripts = (await readdir(assets)).filter((name) => name.endsWith('.js'));
    const newName = (name: string) => name.replace(/\.js$/, '2.js');
    const rewritten = async (path: string): Promise<void> => {
      let text = await readFile(path, 'utf8');
      for (const name of scripts) text = text.replaceAll(name, newName(name));
      await writeFile(path, text);
    };
    for (const name of scripts) {
      await rewritten(join(assets, name));
      await rename(join(assets, name), join(assets, newName(name)));
    }
    for (const name of ['index.html', 'service-worker.js']) {
      const path = join(this.folder, name);
      await rewritten(path);
      if (name === 'service-worker.js') {
        const text = await readFile(path, 'utf8');
        await writeFile(path, text.replace(/("?release"?:\s*)(["'`])/, '$1$2next-'));
      }
    }
  }

  remove = (): Promise<void> => rm(this.folder, { recursive: true });
}

const test = base.extend<{ readonly pages: Pages }>({
  pages: async ({}, use) => {
    const pages = await Pages.copied();
    await use(pages);
    await pages.remove();
  },
  coordinator: async ({ pages }, use) => {
    const coordinator = await CoordinatorProcess.start({ flags: ['--pages', pages.folder] });
    await use(coordinator);
    await coordinator.stop();
  },
});

const controlled = ({ page }: ContributePage): Promise<boolean> =>
  page.evaluate(() => navigator.serviceWorker.controller !== null);
const expectKept = (visitor: ContributePage) => expect.poll(() => controlled(visitor)).toBe(true);
const entryOf = ({ page }: ContributePage) =>
  page.locator('script[src]').first().getAttribute('src');

async function assignmentsIn(job: Job, state: 'returned' | 'expired'): Promise<string[]> {
  const { shards } = await job.explain();
  const all = shards.flatMap(({ assignments }) => assignments);
  return all.filter((it) => it.state === state).map(({ id }) => id);
}

/** The assignments that came to the page before it said that it hands over. */
class InHand {
  readonly ids: string[] = [];
  #handsOver = false;

  constructor({ page }: ContributePage) {
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => {
        if (textOf(payload).includes('"type":"hand-over"')) this.#handsOver = true;
      });
      socket.on('framereceived', ({ payload }) => {
        const text = textOf(payload);
        if (this.#handsOver || !text.includes('"type":"assign"')) return;
        const message = JSON.parse(text) as CoordinatorMessage;
        if (message.type === 'assign') this.ids.push(message.assignment);
      });
    });
  }
}

function textOf(payload: string | Buffer): string {
  if (typeof payload === 'string') return payload;
  const frame = decodeFrame(payload);
  return frame.ok ? frame.value.control : '';
}

test('the page can be installed', async ({ volunteers }) => {
  const visitor = await volunteers.visit();
  const devTools = await visitor.page.context().newCDPSession(visitor.page);
  const { errors, url } = await devTools.send('Page.getAppManifest');
  expect(url).toContain('/manifest.webmanifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await devTools.send('Page.getInstallabilityErrors');
  // A test's profile is one of a private window, which installs nothing.
  expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(['in-incognito']);
});

test('it is kept for who computes, and opens while the network is away', async ({
  client,
  coordinator,
  volunteers,
}) => {
  const visitor = await volunteers.visit();
  const registered = () =>
    visitor.page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
  expect(await registered()).toBe(0);
  expect(await visitor.page.evaluate(() => caches.keys())).toEqual([]);
  await visitor.page.getByLabel('Start again by itself').check();
  await visitor.start();
  await visitor.expectState('waiting');
  await expectKept(visitor);

  await coordinator.kill9();
  await visitor.page.reload();
  await visitor.expectState('backing-off', 'connecting');
  await visitor.page.getByRole('link', { name: 'Help', exact: true }).click();
  await expect(visitor.page.getByRole('heading', { level: 1 })).toBeVisible();
  await coordinator.restart();
  await visitor.expectState('waiting');

  await (await postDigits(client, 4, { kind: 'quorum', quorum: 1 })).job.done();
  const hasModels = () => visitor.page.evaluate(() => caches.has('idlewave-blobs-1'));
  expect(await hasModels()).toBe(true);
  await visitor.page.getByRole('link', { name: 'Contribute' }).click();
  await visitor.page.getByTestId('more-controls').locator('summary').click();
  await expect(visitor.page.getByTestId('kept-files')).toContainText('Kept on this device');
  await visitor.page.getByTestId('remove-files').click();
  await expect(visitor.page.getByTestId('kept-files')).toContainText('Removed.');
  expect(await hasModels()).toBe(false);
});

test('a coordinator is updated under a tab that computes: no lease is lost, and the tab is updated when it is asked to', async ({
  client,
  coordinator,
  pages,
  volunteers,
}) => {
  const job = await postBalls(client, {
    items: 400,
    engine: 'any',
    itemsPerShard: 2,
    verification: { kind: 'quorum', quorum: 1 },
  });
  const visitor = await volunteers.visit();
  const inHand = new InHand(visitor);
  await visitor.start();
  await expectKept(visitor);
  await visitor.expectMore('shards', 1);
  const before = await entryOf(visitor);

  await coordinator.kill9();
  await pages.release();
  await coordinator.restart();
  const notice = visitor.page.getByTestId('reload');
  await expect(notice).toContainText('A newer version of this page is here.');
  const shards = await visitor.number('shards');
  await visitor.expectMore('shards', shards);
  // A part that it had not loaded: the coordinator does not have it any more.
  await visitor.page.getByRole('link', { name: 'Leaderboard' }).click();
  await expect(visitor.page.getByRole('heading', { level: 1 })).toContainText('Who gave most');
  expect(await entryOf(visitor)).toBe(before);

  const returnedBefore = await assignmentsIn(job, 'returned');
  const loaded = visitor.page.waitForEvent('load');
  await visitor.page.getByTestId('load-anew').click();
  await loaded;
  expect(await entryOf(visitor)).not.toBe(before);
  await visitor.expectMore('shards', 0);
  await expect(notice).toHaveCount(0);

  // What was in hand was finished; only what was still on its way to the page is given back.
  expect(inHand.ids.length).toBeGreaterThan(1);
  const returned = await assignmentsIn(job, 'returned');
  const givenBack = returned.filter((id) => !returnedBefore.includes(id));
  expect(givenBack.filter((id) => inHand.ids.includes(id))).toEqual([]);
  await expectBalls(job, 'any');
  expect(await assignmentsIn(job, 'expired')).toEqual([]);
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(await faultsOfBooks(client, [job])).toEqual([]);
});

test('who stops while the page waits to be loaded anew has stopped', async ({
  client,
  coordinator,
  pages,
  volunteers,
}) => {
  // One piece takes a second and more: there is time to think better of it.
  await postBalls(client, { items: 200, engine: 'gpu', itemsPerShard: 20 });
  const visitor = await volunteers.visit();
  await visitor.start();
  await visitor.expectState('working');
  // What it computes with is fetched when it is first needed: without its page kept, it would have nothing in hand.
  await expectKept(visitor);
  await coordinator.kill9();
  await pages.release();
  await coordinator.restart();
  await expect(visitor.page.getByTestId('reload')).toBeVisible();
  await visitor.expectState('working');
  const before = await entryOf(visitor);
  await visitor.page.getByTestId('load-anew').click();
  await visitor.expectState('handing-over');
  // It stays, after all: then nothing is loaded anew behind its back.
  await visitor.page.getByTestId('stay').click();
  await expect(visitor.page.getByTestId('load-anew')).toBeVisible();
  await visitor.page.getByTestId('load-anew').click();
  await visitor.expectState('handing-over');
  await visitor.stop();
  await visitor.expectState('stopped');
  expect(await entryOf(visitor)).toBe(before);
  expect(await visitor.page.evaluate(() => sessionStorage.length)).toBe(0);
});

test('a page that was never kept says why a part of it is missing', async ({
  coordinator,
  pages,
  volunteers,
}, testInfo) => {
  const visitor = await volunteers.visit();
  await coordinator.kill9();
  await pages.release();
  await coordinator.restart();
  await visitor.page.getByRole('link', { name: 'Leaderboard' }).click();
  await expect(visitor.page.getByTestId('reload')).toBeVisible();
  await visitor.expectAccessible();
  await visitor.picture('newer', testInfo);
  await visitor.page.getByTestId('load-anew').click();
  await expect(visitor.page.getByRole('heading', { level: 1 })).toContainText('Who gave most');
});
