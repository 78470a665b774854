/**
 * What a visitor's own work looks like over time: chart and table, badges, leaderboard with the opt-out, certificate.
 * The work is real, and so are the figures.
 */
import { postDigits } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';

const UNCHECKED = { kind: 'quorum', quorum: 1 } as const;
const NAME = '=Ada, "the first"';

const turnTo = async ({ page }: ContributePage, name: 'mine' | 'leaderboard'): Promise<void> => {
  await page.getByTestId(`page-${name}`).click();
  await expect(page.locator('h1')).toBeFocused();
};

test('work is shown over time, by device, with badges, and on a certificate that the log bears out', async ({
  client,
  volunteers,
}, testInfo) => {
  const visitor = await volunteers.visit();
  const { page } = visitor;
  await turnTo(visitor, 'mine');
  await expect(page.getByTestId('mine-empty')).toContainText('Nothing yet');
  await visitor.expectAccessible();
  await page.getByTestId('page-contribute').click();
  await visitor.start();
  const { job } = await postDigits(client, 120, UNCHECKED);
  const { granted } = await job.done();

  await turnTo(visitor, 'mine');
  const figures = page.getByTestId('mine');
  await expect(figures).toHaveAttribute('data-micro-credits', granted);
  await expect(figures).toHaveAttribute('data-items', '120');
  await expect(page.locator('[data-badge=first-checked]')).toContainText('First result checked');
  await expect(page.locator('[data-badge=items-100]')).toBeVisible();
  await expect(page.getByTestId('next-badges')).toContainText('880 more items');
  await expect(page.getByTestId('device-work').locator('tbody tr')).toHaveCount(1);
  for (const [period, rows] of [
    ['Today', 24],
    ['30 days', 30],
    ['All', 1],
    ['7 days', 7],
  ] as const) {
    await page.getByRole('radio', { name: period, exact: true }).check();
    const table = page.getByTestId('history-table');
    await expect(table.locator('tbody tr')).toHaveCount(rows);
    await expect(page.getByTestId('history-total')).toContainText('for 120 items');
  }
  await expect(page.locator('canvas')).toHaveCount(2);
  await visitor.expectAccessible();
  await visitor.picture('mine', testInfo);
  await page.getByTestId('history-table').locator('summary').click();
  await expect(page.getByTestId('history-table').locator('tbody tr').first()).toContainText('120');
  await visitor.expectAccessible();

  await page.getByTestId('to-certificate').click();
  const certificate = page.getByTestId('certificate');
  await expect(certificate).toHaveAttribute('data-log', 'proven');
  await expect(certificate).toContainText('120');
  const [me] = await client.leaderboard();
  await expect(page.getByTestId('certificate-name')).toHaveText(me!.id);
  await expect(page.getByTestId('certificate-root')).toHaveText(/^[0-9a-f]{64}$/);
  await expect(certificate).toContainText('looked up in it by this browser');
  await visitor.expectAccessible();
  await visitor.picture('certificate', testInfo);
  await page.emulateMedia({ media: 'print', colorScheme: 'light' });
  await expect(certificate).toBeVisible();
  for (const hidden of [page.locator('header'), page.getByTestId('print')])
    await expect(hidden).toBeHidden();
  await page.emulateMedia({ media: 'screen' });
  visitor.expectNothingForeign();
});

test('the leaderboard marks one’s own row, and whoever does not want to be in it is not', async ({
  client,
  coordinator,
  volunteers,
}, testInfo) => {
  const [first, second] = [await volunteers.join(), await volunteers.visit()];
  const { page } = first;
  await (await postDigits(client, 24, UNCHECKED)).job.done();
  await first.stop();
  await second.start();
  await (await postDigits(client, 12, UNCHECKED)).job.done();
  await page.getByTestId('account').locator('summary').click();
  await page.getByTestId('display-name').fill(NAME);
  await page.getByRole('button', { name: 'Save name' }).click();
  await expect.poll(async () => (await client.leaderboard())[0]?.name).toBe(NAME);
  const id = (await page.getByTestId('contributor').textContent())!;

  // Made anew once a minute and at every start, and asked for again when the page is turned to.
  const nextRound = async (): Promise<void> => {
    await coordinator.kill9();
    await coordinator.restart();
  };
  await nextRound();
  const board = page.getByTestId('board');
  await expect(async () => {
    await page.getByTestId('page-help').click();
    await turnTo(first, 'leaderboard');
    await expect(board.locator('tbody tr')).toHaveCount(2, { timeout: 2_000 });
    await expect(board).toContainText(NAME, { timeout: 2_000 });
  }).toPass();
  const own = board.locator('tr.own');
  await expect(own).toHaveAttribute('data-id', id);
  await expect(own).toContainText('you');
  for (const name of ['7 days', 'All time', 'Today']) {
    await page.getByRole('radio', { name, exact: true }).check();
    await expect(board.locator('tbody tr')).toHaveCount(2);
  }
  await first.expectAccessible();
  await first.picture('leaderboard', testInfo);
  const csv = async (): Promise<string> =>
    (await fetch(`${coordinator.url}/v1/stats/contributors.csv`)).text();
  expect(await csv()).toContain(`"'=Ada, ""the first"""`);

  // With the keyboard alone.
  const listed = page.getByTestId('listed');
  await listed.focus();
  await expect(listed).toBeChecked();
  await page.keyboard.press('Space');
  await expect(page.getByText('You are not shown from the next round on')).toBeVisible();
  await nextRound();
  await expect.poll(csv).not.toContain(id);
  await page.reload();
  await expect(board.locator('tbody tr')).toHaveCount(1);
  await expect(page.getByTestId('board-not-in')).toBeVisible();
  await expect(page.getByTestId('listed')).not.toBeChecked();
  await first.expectAccessible();
  expect(await csv()).not.toContain('Ada');
  first.expectNothingForeign(/ERR_CONNECTION_REFUSED|status of 503/); // while it starts
});
