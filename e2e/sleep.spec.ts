/**
 * Tabs that the browser puts to sleep while they compute: frozen in place, or kept behind another page.
 */
import { faultsOfBooks, itemsNotOnce } from '../sdk/acceptance/testing/ledger.ts';
import type { Job } from '../sdk/client.ts';
import { expectBalls, postBalls } from './fixtures/jobs.ts';
import { givesAll } from './fixtures/givesAll.ts';
import { startOrdinaryBrowser } from './fixtures/ordinaryBrowser.ts';
import { expect, test as base } from './fixtures/test.ts';
import { ContributePage } from './pages/contributePage.ts';

interface Sleeping {
  /** A tab that computes, in a browser that lets it sleep. */
  readonly sleeper: ContributePage;
}

const test = base.extend<Sleeping>({
  sleeper: async ({ coordinator, launchOptions }, use) => {
    const browser = await startOrdinaryBrowser(launchOptions);
    const sleeper = new ContributePage(await browser.context.newPage(), coordinator.url);
    await givesAll(sleeper.page);
    await sleeper.page.goto(coordinator.url);
    await sleeper.start();
    await use(sleeper);
    await browser.close();
  },
});

/** One piece of work is some 100 ms: both volunteers are at it for a few seconds. */
const LONG = { items: 100, engine: 'any', itemsPerShard: 2 } as const;

interface Held {
  readonly state: string;
  readonly reason: string | undefined;
}

/** Every assignment of the contributor so far. */
async function assignmentsOf(job: Job, contributor: string): Promise<Held[]> {
  const { shards } = await job.explain();
  return shards
    .flatMap((shard) => shard.assignments)
    .filter((assignment) => assignment.contributor === contributor)
    .map(({ state, reason }) => ({ state, reason }));
}

const withState = (held: readonly Held[], state: string): Held[] =>
  held.filter((it) => it.state === state);

const reportsOf = (held: readonly Held[]): number =>
  withState(held, 'reported').length + withState(held, 'judged').length;

test('a frozen tab gives its work back at once, and computes again when it wakes', async ({
  client,
  sleeper,
  volunteers,
}) => {
  const job = await postBalls(client, LONG);
  await sleeper.expectMore('shards', 0);
  const id = (await client.leaderboard())[0]!.id;
  const devTools = await sleeper.page.context().newCDPSession(sleeper.page);
  await devTools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await expect.poll(async () => withState(await assignmentsOf(job, id), 'leased')).toEqual([]);

  const asleep = await assignmentsOf(job, id);
  const returned = withState(asleep, 'returned');
  expect(returned.length).toBeGreaterThan(0);
  expect(returned.map(({ reason }) => reason)).toContain('frozen');
  // What it had committed to it would hand in on waking; unless it was frozen just then, there is none.
  const lapsed = withState(asleep, 'expired').length;
  expect(lapsed).toBeLessThanOrEqual(1);
  expect(await client.network()).toMatchObject({ hosts: 0 });

  const awake = await volunteers.join();
  await awake.expectMore('micro-credits', 0);
  // At most: a shard that is being settled at this moment is not listed.
  expect(reportsOf(await assignmentsOf(job, id))).toBeLessThanOrEqual(reportsOf(asleep));

  await devTools.send('Page.setWebLifecycleState', { state: 'active' });
  await expectBalls(job, 'any');
  await sleeper.expectState('waiting');
  const after = await assignmentsOf(job, id);
  expect(reportsOf(after)).toBe(job.view.shards.total);
  expect(withState(after, 'expired').length).toBe(lapsed);
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(await faultsOfBooks(client, [job])).toEqual([]);
  sleeper.expectNothingForeign();
});

test.describe('the back-forward cache', () => {
  // A busy browser may throw away what it has put there; then there is nothing to come back to.
  test.describe.configure({ retries: 2 });

  test('a tab that is navigated away from sleeps, and computes again after a step back', async ({
    client,
    coordinator,
    sleeper,
    volunteers,
  }) => {
    const job = await postBalls(client, LONG);
    await sleeper.expectMore('shards', 0);
    // A service worker that takes over a page in the cache has it thrown away.
    await sleeper.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const id = (await client.leaderboard())[0]!.id;
    const items = await sleeper.number('items');
    await sleeper.page.goto(`${coordinator.url}/icon.svg`);
    await expect.poll(async () => withState(await assignmentsOf(job, id), 'leased')).toEqual([]);
    expect(await client.network()).toMatchObject({ hosts: 0 });
    expect(withState(await assignmentsOf(job, id), 'returned').length).toBeGreaterThan(0);

    await volunteers.join();
    await sleeper.page.evaluate(() => history.back());
    await expect(sleeper.main).toBeVisible();
    // Null for a document that was not loaded anew.
    expect(await sleeper.page.evaluate(notRestoredReasons)).toBeNull();
    await sleeper.expectMore('items', items);
    await expectBalls(job, 'any');
    expect(withState(await assignmentsOf(job, id), 'expired')).toEqual([]);
    expect(await itemsNotOnce(job)).toEqual([]);
    expect(await faultsOfBooks(client, [job])).toEqual([]);
  });
});

const notRestoredReasons = (): unknown =>
  (performance.getEntriesByType('navigation')[0] as { notRestoredReasons?: unknown })
    .notRestoredReasons;
