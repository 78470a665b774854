/**
 * The contribute page, as a visitor meets it.
 */
import { shardsHeld, postBalls, postDigits } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';

/** One volunteer is enough: nothing is checked, so that its credit comes at once. */
const UNCHECKED = { kind: 'quorum', quorum: 1 } as const;
/** More work than any test waits for: a page that computes goes on computing. */
const ENDLESS = { items: 2000, engine: 'any', verification: UNCHECKED } as const;

test('nothing computes before the click', async ({ client, volunteers }) => {
  const { job } = await postDigits(client, 12, UNCHECKED);
  const visitor = await volunteers.visit();
  await visitor.expectState('idle');
  await expect(visitor.network).toContainText('1 job');
  expect(visitor.sockets).toEqual([]);
  expect(visitor.page.workers()).toEqual([]);
  expect(await visitor.page.context().cookies()).toEqual([]);
  expect(await client.network()).toMatchObject({ hosts: 0, contributors: 0 });
  expect((await job.refresh()).items.settled).toBe(0);
  visitor.expectNothingForeign();
});

test('a click, and the tab computes and is credited', async ({ client, volunteers }) => {
  const visitor = await volunteers.visit();
  const { job } = await postDigits(client, 64, UNCHECKED);
  await visitor.start();
  await expect(visitor.page.getByTestId('pause')).toBeVisible();
  expect(await job.done()).toMatchObject({ state: 'done', granted: job.view.price });
  await expect(visitor.main).toHaveAttribute('data-micro-credits', job.view.granted);
  await expect(visitor.main).toHaveAttribute('data-items', '64');
  await expect(visitor.main).toHaveAttribute('data-engine', 'wasm');
  const [contributor] = await client.leaderboard();
  expect(contributor).toMatchObject({ microCredits: job.view.granted, verifiedItems: 64 });
  visitor.expectNothingForeign();
});

test('pause gives the work back, resume goes on, stop ends it', async ({ client, volunteers }) => {
  const job = await postBalls(client, ENDLESS);
  const visitor = await volunteers.join();
  await visitor.expectState('working');
  await visitor.expectMore('micro-credits', 0);

  await visitor.pause();
  await visitor.expectState('paused');
  await expect.poll(() => shardsHeld(job)).toBe(0);
  const items = await visitor.number('items');
  const { executions } = await job.refresh();

  await visitor.resume();
  await visitor.expectMore('items', items);
  expect((await job.refresh()).executions.byHosts).toBeGreaterThanOrEqual(executions.byHosts);

  await visitor.stop();
  await visitor.expectState('stopped');
  await expect(visitor.page.getByTestId('start')).toBeFocused();
  await expect.poll(async () => (await client.network()).hosts).toBe(0);
  await expect.poll(() => shardsHeld(job)).toBe(0);
  await expect.poll(() => visitor.page.workers().length).toBe(0);

  await visitor.start();
  await visitor.expectState('working');
  visitor.expectNothingForeign();
});

test('one tab of a browser computes, the other says so', async ({ client, volunteers }) => {
  await postBalls(client, ENDLESS);
  const first = await volunteers.join();
  await first.expectState('working');
  const second = await volunteers.secondTab(first);
  await second.start();
  await second.expectState('elsewhere');
  await expect(second.main).toContainText('Another tab of this browser is computing already');
  expect(second.sockets).toEqual([]);
  expect(await client.network()).toMatchObject({ hosts: 1, contributors: 1 });

  await first.pause();
  await first.expectState('paused');
  await second.start();
  await second.expectState('working');
  await first.resume();
  await first.expectState('elsewhere');

  await second.stop();
  await second.expectState('stopped');
  await first.start();
  await first.expectState('working');
});

test('a reload keeps the identity and the credit', async ({ client, volunteers }) => {
  const { job } = await postDigits(client, 24, UNCHECKED);
  const visitor = await volunteers.join();
  await job.done();
  await expect(visitor.main).toHaveAttribute('data-micro-credits', job.view.price);

  await visitor.reload();
  await visitor.expectState('idle');
  expect(visitor.page.workers()).toEqual([]);
  await visitor.start();
  await visitor.expectState('waiting');
  await expect(visitor.main).toHaveAttribute('data-micro-credits', job.view.price);
  expect(await client.leaderboard()).toHaveLength(1);
});

test('who asked to be resumed is, and who paused is not', async ({ client, volunteers }) => {
  await postBalls(client, ENDLESS);
  const visitor = await volunteers.visit();
  await visitor.page.getByLabel('Start again by itself').check();
  await visitor.start();
  await visitor.expectState('working');
  await visitor.reload();
  await visitor.expectState('working');
  await expect(visitor.main).toContainText('Computing again by itself');
  await visitor.pause();
  await visitor.reload();
  await visitor.expectState('idle');
});

test('the page is accessible, and looks right, in every state', async ({
  client,
  coordinator,
  volunteers,
}, testInfo) => {
  const visitor = await volunteers.visit();
  await visitor.expectAccessible();
  await visitor.picture('idle', testInfo);

  await visitor.start();
  await visitor.expectState('waiting');
  await expect(visitor.main).toContainText('There is no work just now');
  await visitor.expectAccessible();
  await visitor.picture('waiting', testInfo);

  await postBalls(client, ENDLESS);
  await visitor.expectState('working');
  await visitor.expectMore('micro-credits', 0);
  await visitor.expectAccessible();
  await visitor.expectState('working');
  await visitor.picture('working', testInfo);

  await visitor.pause();
  await visitor.expectState('paused');
  await visitor.expectAccessible();
  await visitor.picture('paused', testInfo);

  const second = await volunteers.secondTab(visitor);
  await visitor.resume();
  await visitor.expectState('working');
  await second.start();
  await second.expectState('elsewhere');
  await second.expectAccessible();
  await second.picture('elsewhere', testInfo);

  await visitor.stop();
  await visitor.expectState('stopped');
  await visitor.expectAccessible();
  await visitor.picture('stopped', testInfo);
  visitor.expectNothingForeign();

  await visitor.start();
  await visitor.expectState('working');
  await coordinator.kill9();
  await visitor.expectState('backing-off');
  await expect(visitor.network).toContainText('does not answer');
  await visitor.expectAccessible();
  await visitor.picture('offline', testInfo);
});

test('it works with the keyboard alone', async ({ client, volunteers }) => {
  await postBalls(client, ENDLESS);
  const visitor = await volunteers.visit();
  const { keyboard } = visitor.page;
  const start = visitor.page.getByTestId('start');
  // Past the head of the page, by its first link.
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await keyboard.press('Tab');
  await expect(start).toBeFocused();
  await keyboard.press('Enter');
  await visitor.expectState('working');
  await expect(visitor.page.getByTestId('pause')).toBeFocused();
  await keyboard.press('Enter');
  await visitor.expectState('paused');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await visitor.expectState('stopped');
});
