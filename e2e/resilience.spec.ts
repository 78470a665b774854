/**
 * What a volunteer's evening does to a tab: its GPU process dies again and again, the tab itself is killed, the line is
 * gone for half a minute. Each time the page resumes by itself, and no item is lost or credited twice.
 */
import { faultsOfBooks, itemsNotOnce } from '../sdk/acceptance/testing/ledger.ts';
import type { IdlewaveClient, Job } from '../sdk/client.ts';
import { openLine } from './fixtures/cuttableLine.ts';
import { gpuProcessOf } from './fixtures/gpuProcess.ts';
import { expectBalls, postBalls } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import { ContributePage } from './pages/contributePage.ts';

const UNCHECKED = { kind: 'quorum', quorum: 1 } as const;
const KILLS = 4;
const OFFLINE_MS = 30_000;

/** Every item has its result once, and what the visitor sees is what the books say. */
async function expectWhole(
  client: IdlewaveClient,
  job: Job,
  visitor: ContributePage,
  engine: 'gpu' | 'any',
): Promise<void> {
  await expectBalls(job, engine);
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(await faultsOfBooks(client, [job])).toEqual([]);
  await expect(visitor.main).toHaveAttribute('data-micro-credits', job.view.price);
}

test('the GPU process dies four times in the middle of a shard: the page says so and goes on', async ({
  client,
  volunteers,
}) => {
  test.skip(process.platform !== 'linux', 'finds the GPU process in /proc');
  const job = await postBalls(client, { items: 16, engine: 'gpu', verification: UNCHECKED });
  const visitor = await volunteers.visit();
  await visitor.page.evaluate(noteStates);
  await visitor.start();
  for (let kill = 0; kill < KILLS; kill++) {
    const shards = await visitor.number('shards');
    await visitor.expectMore('shards', shards);
    await visitor.expectState('working');
    process.kill(gpuProcessOf(process.pid), 'SIGKILL');
    await expect.poll(() => visitor.page.evaluate(notedRecoveries)).toBe(kill + 1);
    await visitor.expectMore('shards', shards + 1);
  }
  await expectWhole(client, job, visitor, 'gpu');
  const said = await visitor.page.evaluate(
    () => (window as unknown as { recoveries: string[] }).recoveries,
  );
  for (const text of said) expect(text).toContain('The engine went away and is being restarted');
});

/** In the page: what it says whenever it begins to recover. */
function noteStates(): void {
  const main = document.querySelector<HTMLElement>('main[data-state]')!;
  const recoveries: string[] = [];
  (window as unknown as { recoveries: string[] }).recoveries = recoveries;
  let before = '';
  new MutationObserver(() => {
    const state = main.dataset['state']!;
    if (state === 'recovering' && before !== state) recoveries.push(main.innerText);
    before = state;
  }).observe(main, { subtree: true, childList: true, attributeFilter: ['data-state'] });
}

const notedRecoveries = (): number =>
  (window as unknown as { recoveries: string[] }).recoveries.length;

test('a tab that was killed resumes by itself when it is loaded again', async ({
  client,
  volunteers,
}) => {
  const job = await postBalls(client, {
    items: 30,
    engine: 'any',
    itemsPerShard: 2,
    verification: UNCHECKED,
  });
  const visitor = await volunteers.visit();
  await visitor.page.getByLabel('Start again by itself').check();
  await visitor.start();
  await visitor.expectMore('shards', 0);
  const crashed = visitor.page.waitForEvent('crash');
  await visitor.page.goto('chrome://crash').catch(() => undefined);
  await crashed;
  // Playwright loads nothing in a page that crashed: another of the same browser is what a reload gives a person.
  const again = await volunteers.secondTab(visitor);
  await again.expectState('working', 'waiting');
  await expectWhole(client, job, again, 'any');
});

test('a line that is gone for 30 s: what is in hand goes on, and what was done is handed in', async ({
  browser,
  client,
  coordinator,
}) => {
  const line = await openLine(coordinator.url);
  const context = await browser.newContext({ baseURL: line.url });
  try {
    const job = await postBalls(client, {
      items: 60,
      engine: 'any',
      itemsPerShard: 2,
      verification: UNCHECKED,
    });
    const visitor = new ContributePage(await context.newPage(), line.url);
    await visitor.open();
    await visitor.start();
    await visitor.expectMore('shards', 1);
    // What a page had not loaded yet when its line went has to be asked for by a click.
    await visitor.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    line.cut();
    await visitor.page.waitForTimeout(OFFLINE_MS);
    line.mend();
    await expectWhole(client, job, visitor, 'any');
  } finally {
    await context.close();
    await line.close();
  }
});
