/**
 * A route as its volunteers see it: who holds what, how the neighbours are reached, and a place that is handed over.
 */
import { expectSame } from './fixtures/jobs.ts';
import { postStaged } from './fixtures/stagedJobs.ts';
import { expect, test, type Fixtures } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';

/** More than these tests wait for: the route goes on while it is looked at. */
const LONG = 6_000;
const ITEMS_PER_SHARD = 4;

const REACHED =
  /directly, browser to browser \([\d.]+\sms there and back, [1-9][\d.]*\s.*B so far\)/;

const route = ({ page }: ContributePage) => page.getByTestId('route');
const edges = ({ page }: ContributePage) =>
  page.locator('[data-testid^=edge-][data-path]:not([data-path=link])');

/** Two tabs of one route that reach each other. A tab that starts slowly may lose its place to the other, and rightly. */
async function pair({ client, volunteers }: Pick<Fixtures, 'client' | 'volunteers'>) {
  for (let tries = 0; tries < 3; tries++) {
    const pages = [await volunteers.join(), await volunteers.join()];
    const { job } = await postStaged(client, 2, LONG, ITEMS_PER_SHARD);
    const reached = pages.map((page) =>
      expect(page.page.getByTestId('route-words')).toContainText(REACHED, { timeout: 30_000 }),
    );
    const results = await Promise.allSettled(reached);
    if (results.every(({ status }) => status === 'fulfilled')) return { pages, job };
    await job.cancel();
    for (const page of pages) await page.leave();
  }
  throw new Error('two tabs never came to exchange anything');
}

test('the panel says who holds what, and how the neighbours are reached', async ({
  client,
  volunteers,
}, testInfo) => {
  const { pages, job } = await pair({ client, volunteers });
  const seen = await Promise.all(
    pages.map(async (page) => ({
      mine: await page.page.locator('[data-stage].mine').allTextContents(),
      paths: await edges(page).evaluateAll((all) => all.map((it) => it.dataset['path'])),
    })),
  );
  expect(seen.map(({ mine }) => Number(mine.join())).sort()).toEqual([1, 2]);
  expect(seen.map(({ paths }) => paths)).toEqual([['direct'], ['direct']]);
  await expect(route(pages[0]!)).toContainText('digits in 2 stages');

  await pages[0]!.expectAccessible();
  await pages[0]!.picture('route', testInfo);
  for (const page of pages) page.expectNothingForeign();
  await job.cancel();
  for (const page of pages) await expect(route(page)).toHaveCount(0);
});

test('a tab hands its place over: it finishes, another goes on, and the job ends right', async ({
  client,
  volunteers,
}, testInfo) => {
  const pages = [await volunteers.join(), await volunteers.join(), await volunteers.join()];
  const { job, truth } = await postStaged(client, 2, LONG, ITEMS_PER_SHARD);
  await expect.poll(async () => (await job.refresh()).route?.places.length).toBe(2);
  // Not only what is final: that may be the end of the job.
  await expect
    .poll(async () => {
      const { settled, provisional } = (await job.refresh()).items;
      return settled + provisional;
    })
    .toBeGreaterThan(16);
  let seated: ContributePage[] = [];
  // A place may just be on its way from one tab to another.
  await expect(async () => {
    const counts = await Promise.all(pages.map((page) => route(page).count()));
    seated = pages.filter((_, i) => counts[i]! > 0);
    expect(seated).toHaveLength(2);
  }).toPass({ timeout: 60_000 });
  const [leaver] = seated;
  const [spare] = pages.filter((page) => !seated.includes(page));

  const button = leaver!.page.getByTestId('hand-over');
  await button.focus();
  const atMs = Date.now();
  await leaver!.page.keyboard.press('Enter');
  await leaver!.expectState('handing-over', 'stopped');
  await leaver!.expectState('stopped');
  testInfo.annotations.push({ type: 'handed over after', description: `${Date.now() - atMs} ms` });
  await expect(leaver!.page.getByTestId('start')).toBeFocused();
  await expect(route(spare!)).toBeVisible();
  expect((await client.network()).hosts).toBe(2);

  await expectSame(job, truth);
  expect(job.view.executions).toMatchObject({ byHosts: LONG, disagreed: 0 });
  for (const page of pages) page.expectNothingForeign();
});
