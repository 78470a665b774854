/**
 * The network as a whole: volunteers in browsers, one author, and what goes wrong between them.
 */
import { lying } from '../sdk/acceptance/testing/testHost.ts';
import { faultsOfBooks, itemsNotOnce } from '../sdk/acceptance/testing/ledger.ts';
import { gpuProcessOf } from './fixtures/gpuProcess.ts';
import { expectBalls, expectRightDigits, postBalls, postDigits } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';

test('two honest volunteers settle a job, and every result is right', async ({
  client,
  volunteers,
}) => {
  const pages = [await volunteers.join(), await volunteers.join()];
  const digits = await postDigits(client, 128);
  await expectRightDigits(digits);
  const { view } = digits.job;
  expect(view).toMatchObject({
    executions: { byHosts: 2 * 128, byReferee: 0, disagreed: 0 },
    checkOverhead: 1,
    granted: view.price,
  });
  expect(await faultsOfBooks(client, [digits.job])).toEqual([]);
  for (const page of pages) {
    await expect(page.main).toHaveAttribute('data-items', '128');
    expect(BigInt(await page.number('micro-credits'))).toBe(BigInt(view.price) / 2n);
    page.expectNothingForeign();
  }
});

test('a liar earns nothing, changes nothing, and is told why', async ({ client, volunteers }) => {
  const honest = await volunteers.join();
  const liar = await volunteers.host(lying);
  const digits = await postDigits(client, 48);
  await expectRightDigits(digits);
  const { view } = digits.job;
  const shards = view.shards.total;
  // One against one: the referee decides every shard, and credits only who agreed with it.
  expect(view.executions).toMatchObject({ byReferee: 48, disagreed: shards });
  await expect(honest.main).toHaveAttribute('data-micro-credits', view.granted);

  await expect.poll(() => liar.eventsOf('settled').length).toBe(shards);
  for (const { verdict, microCredits, reason } of liar.eventsOf('settled')) {
    expect({ verdict, microCredits }).toEqual({ verdict: 'disagree', microCredits: 0n });
    expect(reason).toContain('referee');
    expect(reason).toContain('logits');
  }
  expect(await client.contributor(liar.contributor)).toMatchObject({
    microCredits: '0',
    verifiedItems: 0,
    agreed: 0,
    disagreed: shards,
  });
});

test('alone, all say what is missing; then the referee gives the second opinion', async ({
  client,
  coordinator,
  volunteers,
}) => {
  const alone = await volunteers.join();
  const digits = await postDigits(client, 24);
  const { job } = digits;
  const shards = job.view.shards.total;
  await alone.expectState('waiting');
  await expect(alone.main).toContainText('It now waits for a second contributor to check it');
  await expect(alone.main).toHaveAttribute('data-items', '24');
  await expect(alone.main).toHaveAttribute('data-micro-credits', '0');

  const [waiting] = (await job.refresh()).waiting;
  expect(waiting).toMatchObject({ code: 'needs-other-contributor', shards });
  const show = await coordinator.command('jobs', 'show', job.id);
  expect(show).toMatchObject({ code: 0 });
  const unwrapped = (text: string) => text.replace(/\s+/g, ' ');
  expect(unwrapped(show.stdout)).toMatch(/each needs 2 \w+ contributors, 1 connected/);
  const explain = await coordinator.command('jobs', 'explain', job.id);
  expect(unwrapped(explain.stdout)).toContain('has 1 report and waits for another contributor');
  expect(unwrapped(explain.stdout)).toContain(`jobs second-opinion ${job.id}`);

  const opinion = await coordinator.command('jobs', 'second-opinion', job.id);
  expect(opinion).toMatchObject({ code: 0 });
  await expectRightDigits(digits);
  expect(job.view.executions).toMatchObject({ byHosts: 24, byReferee: 24, disagreed: 0 });
  await expect(alone.main).toHaveAttribute('data-micro-credits', job.view.granted);
});

test('a tab that is closed gives its work back at once', async ({ client, volunteers }) => {
  const job = await postBalls(client, { items: 24, engine: 'any', itemsPerShard: 2 });
  const leaving = await volunteers.join();
  await leaving.expectMore('shards', 0);
  await leaving.leave();
  const assignments = async (state: string) =>
    (await job.explain()).shards
      .flatMap((shard) => shard.assignments)
      .filter((assignment) => assignment.state === state);
  // Long before the lease of 15 s ends.
  await expect.poll(() => assignments('leased'), { timeout: 10_000 }).toEqual([]);
  const returned = await assignments('returned');
  expect(returned.map(({ reason }) => reason)).toContain('closing');
  expect((await client.network()).hosts).toBe(0);

  await volunteers.join();
  await volunteers.join();
  await expectBalls(job, 'any');
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(await faultsOfBooks(client, [job])).toEqual([]);
});

test('a tab that vanishes without a word loses its lease, and no item', async ({
  client,
  volunteers,
}) => {
  const job = await postBalls(client, { items: 24, engine: 'any', itemsPerShard: 2 });
  const vanishing = await volunteers.join();
  await vanishing.expectMore('shards', 0);
  // Closing over DevTools runs none of the page's handlers.
  await vanishing.page.context().close();
  await volunteers.join();
  await volunteers.join();
  await expectBalls(job, 'any');
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(await faultsOfBooks(client, [job])).toEqual([]);
});

test('tabs outlast a coordinator that is killed, and credit survives', async ({
  client,
  coordinator,
  volunteers,
}) => {
  const pages = [await volunteers.join(), await volunteers.join()];
  const job = await postBalls(client, { items: 60, engine: 'any', itemsPerShard: 2 });
  for (const page of pages) await page.expectMore('micro-credits', 0);
  const before = await client.leaderboard();
  await coordinator.kill9();
  for (const page of pages) {
    await page.expectState('backing-off', 'connecting');
    await expect(page.main).toContainText(/cannot be reached|Connecting/);
  }
  await coordinator.restart();
  await expectBalls(job, 'any');
  for (const page of pages) await page.expectState('waiting');
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(await faultsOfBooks(client, [job])).toEqual([]);

  const after = await client.leaderboard();
  expect(after).toHaveLength(2);
  for (const { id, microCredits } of before) {
    const now = await client.contributor(id);
    expect(BigInt(now.microCredits)).toBeGreaterThan(BigInt(microCredits));
  }
  // The author may hear of the end before the pages do.
  const earned = after.map(({ microCredits }) => Number(microCredits)).sort();
  const shown = () => Promise.all(pages.map((page) => page.number('micro-credits')));
  await expect.poll(async () => (await shown()).sort()).toEqual(earned);
});

test('the GPU process dies in the middle of a kernel job, and nothing is lost', async ({
  client,
  volunteers,
}) => {
  test.skip(process.platform !== 'linux', 'finds the GPU process in /proc');
  const pages = [await volunteers.join(), await volunteers.join()];
  const job = await postBalls(client, { items: 8, engine: 'gpu' });
  for (const page of pages) await page.expectMore('shards', 0);
  await expect(pages[0]!.main).toHaveAttribute('data-engine', 'webgpu');
  expect((await job.refresh()).state).toBe('running');
  const victim = gpuProcessOf(process.pid);
  process.kill(victim, 'SIGKILL');
  await expectBalls(job, 'gpu');
  // Chromium has started another one: what came after was computed on it.
  expect(gpuProcessOf(process.pid)).not.toBe(victim);
  expect(job.view.executions).toMatchObject({ disagreed: 0, byReferee: 0 });
  expect(await itemsNotOnce(job)).toEqual([]);
  expect(await faultsOfBooks(client, [job])).toEqual([]);
});
