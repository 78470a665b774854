/**
 * A route as its volunteers see it: who holds what, how the neighbours are reached, and a place that is handed over.
 */
import type { Job } from '../sdk/client.ts';
import type { NamedTensors } from '../shared/tensor.ts';
import { expectSame } from './fixtures/jobs.ts';
import { postStaged } from './fixtures/stagedJobs.ts';
import { expect, test, type Fixtures } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';

/** More than these tests wait for: the route goes on while it is looked at. */
const LONG = 3_000;
const ITEMS_PER_SHARD = 4;

const REACHED =
  /directly, browser to browser \([\d.]+\sms there and back, [1-9][\d.]*\s.*B so far\)/;

const route = ({ page }: ContributePage) => page.getByTestId('route');
const routeWords = ({ page }: ContributePage) => page.getByTestId('route-words');
const edges = ({ page }: ContributePage) =>
  page.locator('[data-testid^=edge-][data-path]:not([data-path=link])');

interface OnRoute {
  /** The two that have a place and reach each other. */
  readonly seated: ContributePage[];
  /** They had none. */
  readonly others: ContributePage[];
  readonly job: Job;
  readonly truth: NamedTensors;
}

/**
 * Tabs of which two are the route of a job and exchange tensors. A tab that starts slowly may lose its place to
 * another, and rightly: then all begin anew, since it is given none for a while.
 */
async function routeOf(
  tabs: number,
  { client, volunteers }: Pick<Fixtures, 'client' | 'volunteers'>,
): Promise<OnRoute> {
  for (let tries = 0; tries < 3; tries++) {
    const pages: ContributePage[] = [];
    while (pages.length < tabs) pages.push(await volunteers.join());
    const posted = await postStaged(client, 2, LONG, ITEMS_PER_SHARD);
    const reaching = async (): Promise<ContributePage[]> => {
      const words = await Promise.all(pages.map((page) => routeWords(page).allTextContents()));
      return pages.filter((_, i) => REACHED.test(words[i]!.join()));
    };
    const inTime = await expect
      .poll(async () => (await reaching()).length, { timeout: 30_000 })
      .toBe(2)
      .then(
        () => true,
        () => false,
      );
    const seated = await reaching();
    const others = pages.filter((page) => !seated.includes(page));
    const computed = await Promise.all(others.map((page) => page.number('items')));
    if (inTime && computed.every((items) => items === 0)) return { ...posted, seated, others };
    await posted.job.cancel();
    for (const page of pages) await page.leave();
  }
  throw new Error('two tabs never came to exchange anything');
}

test('the panel says who holds what, and how the neighbours are reached', async ({
  client,
  volunteers,
}, testInfo) => {
  const { seated: pages, job } = await routeOf(2, { client, volunteers });
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
  const { seated, others, job, truth } = await routeOf(3, { client, volunteers });
  const [leaver] = seated;
  const [spare] = others;

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
  for (const page of [...seated, ...others]) page.expectNothingForeign();
});
