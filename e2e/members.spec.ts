/**
 * Two coordinators on one PostgreSQL, as visitors have them: tabs of different coordinators form one route by WebRTC, and
 * go on computing when the coordinator that leads is killed.
 */
import { expect, test as base, type Browser } from '@playwright/test';
import { NO_POSTGRES } from '../coordinator/store/testing/postgres.ts';
import type { CoordinatorProcess } from '../sdk/acceptance/testing/idlewaveProcess.ts';
import { itemsNotOnce } from '../sdk/acceptance/testing/ledger.ts';
import { Coordinators } from '../sdk/acceptance/testing/coordinators.ts';
import { expectSame } from './fixtures/jobs.ts';
import { postStaged } from './fixtures/stagedJobs.ts';
import { ContributePage } from './pages/contributePage.ts';

const test = base.extend<{ both: Coordinators }>({
  both: async ({}, use) => {
    const both = await Coordinators.start(2);
    test.skip(both === null, NO_POSTGRES);
    await use(both!);
    await both!.stop();
  },
});

async function join(browser: Browser, { url }: CoordinatorProcess): Promise<ContributePage> {
  const context = await browser.newContext({ baseURL: url });
  const page = new ContributePage(await context.newPage(), url);
  await page.open();
  await page.start();
  return page;
}

test('two tabs attached to different coordinators form one route, directly', async ({
  both,
  browser,
}) => {
  const { first, second } = both;
  const tabs = [await join(browser, first), await join(browser, second)];
  const { job, truth } = await postStaged(second.client(), 2, 512, 8);
  const contributors = new Set<string>();
  const paths = new Set<string>();
  const watch = setInterval(() => {
    void job.refresh().then(({ route }) => {
      for (const { contributor, next } of route?.places ?? []) {
        contributors.add(contributor);
        if (next !== null && next.path !== 'connecting') paths.add(next.path);
      }
    });
  }, 100);
  await expectSame(job, truth).finally(() => {
    clearInterval(watch);
  });
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(job.view.executions.disagreed).toBe(0);
  expect(contributors.size).toBe(2);
  expect([...paths]).toEqual(['direct']);
  for (const tab of tabs) tab.expectNothingForeign();
  // Each has its own coordinator's sockets, and no other's.
  for (const [at, { url }] of [first, second].entries()) {
    for (const socket of tabs[at]!.sockets) expect(new URL(socket).host).toBe(new URL(url).host);
    expect(tabs[at]!.sockets.some((socket) => socket.includes('/v1/peers/peerjs'))).toBe(true);
  }
});

test('tabs of a member go on when the coordinator that leads is killed', async ({
  both,
  browser,
}) => {
  const { first, second } = both;
  for (let i = 0; i < 2; i++) await join(browser, second);
  const { job, truth } = await postStaged(second.client(), 2, 1_024, 8);
  await expect.poll(async () => (await job.refresh()).items.provisional).toBeGreaterThan(0);
  await first.kill9();
  await both.leads(second);
  await expectSame(job, truth);
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(job.view.executions.disagreed).toBe(0);
});
