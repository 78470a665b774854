/**
 * Every credit is followed from the page to shard, checks and log entry by clicking; refused work says why.
 */
import { lying } from '../sdk/acceptance/testing/testHost.ts';
import { UNCHECKED, expectRightDigits, postDigits } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import { CreditsPage } from './pages/creditsPage.ts';

test('a credit is followed by clicking to shard, checks and log entry', async ({
  client,
  volunteers,
}, testInfo) => {
  const visitor = await volunteers.visit();
  const credits = new CreditsPage(visitor.page);
  await credits.open();
  await expect(credits.page.getByTestId('receipts-empty')).toContainText('Nothing yet');
  await credits.expectLog('proven');
  await visitor.expectAccessible();
  await visitor.picture('credits-empty', testInfo);
  await credits.close();

  await visitor.start();
  const other = await volunteers.host();
  const digits = await postDigits(client, 48);
  await expectRightDigits(digits);
  await expect(visitor.main).not.toHaveAttribute('data-micro-credits', '0');
  const { contributor } = other;
  const [me] = (await client.leaderboard()).filter(({ id }) => id !== contributor);
  const { rows: told } = await client.credits(me!.id);
  expect(told).toHaveLength(digits.job.view.shards.total);

  await credits.open();
  await expect(credits.view).toContainText(me!.id);
  await expect(credits.row('credited')).toHaveCount(told.length);
  await expect(credits.row('refused')).toHaveCount(0);
  await credits.expectLog('proven');
  await expect(credits.status).toContainText('of your credits were found in it');
  for (const [at, { shard, assignment, logIndex, microCredits }] of told.entries()) {
    const detail = await credits.follow(credits.rows.nth(at));
    await expect(detail.getByTestId('receipt-shard')).toHaveText(shard);
    await expect(detail).toContainText('of “handwritten digits”');
    await expect(detail.getByTestId('receipt-checks')).toContainText('2 unrelated volunteers');
    await expect(detail.getByTestId('receipt-checks')).toContainText(contributor);
    const proof = detail.getByTestId('receipt-log').getByTestId('proof').first();
    await expect(proof).toHaveAttribute('data-state', 'proven');
    await expect(proof).toHaveAttribute('data-index', String(logIndex));
    await expect(proof).toContainText(
      new RegExp(`Proven: entry ${logIndex} of \\d+, checkpoint signed by idlewave-`),
    );
    await proof.getByText('The entry as it is in the log').click();
    const entry: unknown = JSON.parse((await proof.locator('pre').textContent())!);
    expect(entry).toMatchObject({ type: 'credit', contributor: me!.id, assignment, microCredits });
    const ofShard = detail.getByTestId('receipt-log').getByTestId('proof').last();
    await expect(ofShard).toContainText('The shard’s result. Proven: entry');
    if (at === 0) {
      await visitor.expectAccessible();
      await visitor.picture('credits-open', testInfo);
    } else break;
  }

  // The other's report is in the log too, and its name leads to all that it did.
  const checks = credits.rows.first().getByTestId('receipt-checks');
  await checks.getByRole('button', { name: /prove it/ }).click();
  await expect(checks.getByTestId('proof')).toHaveAttribute('data-state', 'proven');
  await checks.getByRole('link', { name: contributor }).click();
  await expect(credits.view).toContainText('Credits of another volunteer');
  await expect(credits.row('credited')).toHaveCount(told.length);
  await credits.page.getByRole('link', { name: 'Show mine' }).click();
  await expect(credits.view).toContainText('Your credits');
  await expect(credits.alarm).toHaveCount(0);
  visitor.expectNothingForeign();

  // What was seen outlives the page, and so does the list without computing again.
  await visitor.reload();
  await visitor.expectState('idle');
  await expect(credits.row('credited')).toHaveCount(told.length);
  await expect(credits.status).toContainText('that this browser saw before');
});

test('a tab whose work is refused sees why, and so does anybody of a liar', async ({
  client,
  volunteers,
}, testInfo) => {
  const tab = await volunteers.visit();
  // A line that changes what the tab is given: it computes honestly, and is wrong.
  await tab.page.routeWebSocket(/\/v1\/link/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (typeof message !== 'string') message.fill(0, Math.floor(message.length / 2));
      socket.send(message);
    });
  });
  await tab.reload();
  await tab.start();
  await tab.expectState('waiting');
  await volunteers.host();
  const digits = await postDigits(client, 48);
  await expectRightDigits(digits);
  const credits = new CreditsPage(tab.page);
  await credits.open();
  const refused = credits.row('refused');
  await expect(refused.first()).toContainText('refused: the result was found wrong');
  await expect(refused.first()).toContainText('The referee disagreed: output "logits" of an item');
  await expect(refused.first()).toContainText('no credit');
  const detail = await credits.follow(refused.first());
  await expect(detail.getByTestId('receipt-checks')).toContainText('referee');
  await expect(detail.getByTestId('receipt-checks')).toContainText('You: refused');
  await expect(detail.getByTestId('receipt-log')).toContainText('no entry of its own');
  // The shard itself is in the log, with this tab's report refused.
  const proof = detail.getByTestId('receipt-log').getByTestId('proof');
  await expect(proof).toHaveAttribute('data-state', 'proven');
  await proof.getByText('The entry as it is in the log').click();
  await expect(proof.locator('pre')).toContainText('"verdict": "disagree"');
  await tab.expectAccessible();
  await tab.picture('credits-refused', testInfo);

  await credits.close();
  await tab.stop();
  const liar = await volunteers.host(lying);
  await expectRightDigits(await postDigits(client, 48));
  const { rows } = await client.receipts(liar.contributor);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    expect(row).toMatchObject({ kind: 'refused', code: 'disagree' });
    const { reports } = await client.shard(row.shard);
    expect(reports).toContainEqual(
      expect.objectContaining({ contributor: liar.contributor, verdict: 'disagree' }),
    );
  }
  await tab.page.goto(`/#credits/${liar.contributor}`);
  await tab.page.reload();
  await expect(credits.view).toContainText('Credits of another volunteer');
  await expect(credits.row('refused')).toHaveCount(rows.length);
  await expect(credits.row('credited')).toHaveCount(0);
});

test('a coordinator that is away is no alarm, and the list says so', async ({
  client,
  coordinator,
  volunteers,
}, testInfo) => {
  const visitor = await volunteers.join();
  const { job } = await postDigits(client, 24, UNCHECKED);
  await job.done();
  const credits = new CreditsPage(visitor.page);
  await expect(visitor.main).toHaveAttribute('data-micro-credits', job.view.price);
  await credits.open();
  await credits.expectLog('proven');
  await credits.close();
  await coordinator.kill9();
  await credits.open();
  await credits.expectLog('unreachable');
  await expect(credits.page.getByTestId('receipts-offline')).toBeVisible();
  await expect(credits.alarm).toHaveCount(0);
  await visitor.expectAccessible();
  await visitor.picture('credits-offline', testInfo);
  await coordinator.restart();
  await credits.page.getByTestId('receipts-offline').getByRole('button').click();
  await expect(credits.row('credited')).not.toHaveCount(0);
  await credits.page.getByTestId('log-check').click();
  await credits.expectLog('proven');
});

test('the credits are followed with the keyboard alone', async ({ client, volunteers }) => {
  const visitor = await volunteers.join();
  const { job } = await postDigits(client, 24, UNCHECKED);
  await job.done();
  await expect(visitor.main).toHaveAttribute('data-micro-credits', job.view.price);
  const { keyboard } = visitor.page;
  await visitor.page.getByTestId('my-credits').focus();
  await keyboard.press('Enter');
  const credits = new CreditsPage(visitor.page);
  await expect(credits.view.getByRole('heading').first()).toBeFocused();
  await expect(credits.row('credited')).not.toHaveCount(0);
  const first = credits.rows.first().getByTestId('receipt-open');
  for (let tabs = 0; tabs < 8; tabs++) {
    if (await first.evaluate((it) => it === document.activeElement)) break;
    await keyboard.press('Tab');
  }
  await expect(first).toBeFocused();
  await keyboard.press('Enter');
  await expect(first).toHaveAttribute('aria-expanded', 'true');
  const proof = credits.rows.first().getByTestId('receipt-log').getByTestId('proof').first();
  await expect(proof).toHaveAttribute('data-state', 'proven');
  await keyboard.press('Enter');
  await expect(first).toHaveAttribute('aria-expanded', 'false');
});
