/**
 * The volunteer's controls, each from its switch on the page to what the tab then does.
 *
 * Signals of the device (battery, pressure, line, idleness, the clock) are faked in the page before its own code runs; no
 * line of the product knows of that.
 */
import { fakeSignals, type SignalFakes } from './fixtures/fakeSignals.ts';
import { ENDLESS, UNCHECKED, postBalls, postDigits } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';

test.describe('with faked signals', () => {
  const expectRest = (visitor: ContributePage, reason: string): Promise<void> =>
    expect(visitor.main).toHaveAttribute('data-resting', reason);
  const tell = (visitor: ContributePage, change: SignalFakes): Promise<void> =>
    visitor.page.evaluate((given) => {
      window.fakeSignals.tell(given);
    }, change);

  test.beforeEach(async ({ client }) => {
    await postBalls(client, ENDLESS);
  });

  test('on battery it rests below the charge that was chosen', async ({ volunteers }) => {
    const visitor = await volunteers.visit({ battery: 'above', batteryPercent: 50 }, fakeSignals);
    await visitor.start();
    await visitor.expectState('working');
    await tell(visitor, { battery: { charging: false, level: 0.5 } });
    await expectRest(visitor, 'battery');
    await expect(visitor.main).toContainText('because the battery is at 50 %');
    await visitor.expectAccessible();
    await tell(visitor, { battery: { charging: true, level: 0.5 } });
    await visitor.expectState('working');
    await expectRest(visitor, '');
  });

  test('under pressure it works less, and then not at all', async ({ volunteers }) => {
    const visitor = await volunteers.visit({ yieldsToPressure: true }, fakeSignals);
    await visitor.start();
    await visitor.expectState('working');
    await tell(visitor, { pressure: 'serious' });
    await expect(visitor.page.getByTestId('slowed')).toContainText('a lot to do');
    await visitor.expectState('working');
    await tell(visitor, { pressure: 'critical' });
    await expectRest(visitor, 'pressure');
    await tell(visitor, { pressure: 'nominal' });
    await expectRest(visitor, 'pressure');
    await visitor.expectState('working');
  });

  test('only when away: it waits until the device is idle', async ({ volunteers }) => {
    const visitor = await volunteers.visit({ whenUsed: 'rest' }, fakeSignals);
    await visitor.start();
    await expectRest(visitor, 'in-use');
    expect(visitor.sockets).toEqual([]);
    await visitor.page.getByText('More controls').click();
    await visitor.page.getByRole('button', { name: 'when the whole device is idle' }).click();
    await tell(visitor, { user: 'idle' });
    await visitor.expectState('working');
    await tell(visitor, { user: 'active' });
    await expectRest(visitor, 'in-use');
  });

  test('on a line that saves data it rests', async ({ volunteers }) => {
    const visitor = await volunteers.visit({ onMeteredLine: false }, fakeSignals);
    await visitor.start();
    await visitor.expectState('working');
    await tell(visitor, { saveData: true });
    await expectRest(visitor, 'metered');
    await visitor.page.getByText('More controls').click();
    await visitor.page.getByLabel('Also on a mobile or data-saving line').check();
    await visitor.expectState('working');
  });

  test('a covered tab rests unless it may go on', async ({ volunteers }) => {
    const visitor = await volunteers.visit({ inBackground: false }, fakeSignals);
    await visitor.start();
    await visitor.expectState('working');
    await tell(visitor, { visibility: 'hidden' });
    await expectRest(visitor, 'hidden');
    await tell(visitor, { visibility: 'visible' });
    await visitor.expectState('working');
    await visitor.page.getByLabel('Keep going in the background').check();
    await tell(visitor, { visibility: 'hidden' });
    const items = await visitor.number('items');
    await visitor.expectMore('items', items);
    await expectRest(visitor, '');
  });

  test('it begins at its hour by itself', async ({ volunteers }) => {
    const days = [true, true, true, true, true, true, true];
    const schedule = { days, from: 12 * 60, to: 13 * 60 };
    const visitor = await volunteers.visit({ schedule }, fakeSignals);
    await tell(visitor, { localTime: [11, 59, 55] });
    await visitor.start();
    await expectRest(visitor, 'schedule');
    await expect(visitor.main).toContainText('it begins at 12:00');
    await visitor.expectState('working');
    await tell(visitor, { localTime: [13, 0, 0] });
    await visitor.page.getByText('More controls').click();
    await visitor.page.getByLabel('Keep the screen on').check();
    await expectRest(visitor, 'schedule');
  });
});

test('a day’s data ends the day’s work', async ({ client, volunteers }) => {
  const visitor = await volunteers.visit({ dataCapMb: 10 });
  await visitor.page.evaluate(() => {
    const now = new Date();
    const day = `${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}`;
    localStorage.setItem('idlewave:data', `${day} ${10e6 - 50_000}`);
  });
  await visitor.reload();
  await postDigits(client, 400, UNCHECKED);
  await visitor.start();
  await expect(visitor.main).toHaveAttribute('data-resting', 'data-cap');
  await expect(visitor.main).toContainText('today’s 10 MB are used up');
  await visitor.page.getByText('More controls').click();
  await visitor.page.getByTestId('dataCapMb-number').fill('5000');
  await visitor.page.getByTestId('dataCapMb-number').blur();
  await expect(visitor.main).toHaveAttribute('data-resting', '');
});

test('a break of an hour outlives the page, and ends when it is told to', async ({
  client,
  volunteers,
}) => {
  await postBalls(client, ENDLESS);
  const visitor = await volunteers.visit();
  await visitor.page.getByLabel('Start again by itself').check();
  await visitor.start();
  await visitor.expectState('working');
  await visitor.page.getByTestId('break').click();
  await expect(visitor.main).toHaveAttribute('data-resting', 'break');
  await visitor.reload();
  await expect(visitor.main).toHaveAttribute('data-resting', 'break');
  expect(visitor.page.workers()).toEqual([]);
  await visitor.page.getByTestId('end-break').click();
  await visitor.expectState('working');
});

test('finish, then stop: what is in hand is reported', async ({ client, volunteers }) => {
  await postBalls(client, ENDLESS);
  const visitor = await volunteers.join();
  await visitor.expectMore('micro-credits', 0);
  await visitor.page.getByTestId('hand-over').click();
  await visitor.expectState('stopped');
  const [contributor] = await client.leaderboard();
  expect(contributor!.verifiedItems).toBe(await visitor.number('items'));
});

test('the panel is accessible and looks right, and what is chosen is kept', async ({
  client,
  volunteers,
}, testInfo) => {
  await postBalls(client, ENDLESS);
  const visitor = await volunteers.visit();
  const { page } = visitor;
  await page.evaluate(() => {
    localStorage.setItem('idlewave:controls', '{"version":99}');
  });
  await visitor.reload();
  await expect(page.getByTestId('controls')).toContainText('could not be read');
  await expect(page.getByLabel('Balanced')).toBeChecked();
  await page.getByLabel('Gentle').check();
  await visitor.reload();
  await expect(page.getByLabel('Gentle')).toBeChecked();
  await expect(page.getByTestId('controls')).not.toContainText('could not be read');

  await page.getByText('More controls').focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Only at certain hours').check();
  await page.getByTestId('schedule-from').fill('00:00');
  await page.getByTestId('schedule-to').fill('00:00');
  await page.getByLabel('At most this much data a day').check();
  await page.getByLabel('At most this much memory').check();
  await visitor.expectAccessible();
  await visitor.picture('controls', testInfo);
  await page.getByLabel('All I have').check();
  await page.getByLabel('Graphics card').fill('30');
  await expect(page.getByTestId('controls')).toContainText('Your own choice');
  await visitor.start();
  await visitor.expectState('working');
  await expect(page.getByTestId('duty')).toBeVisible();
  await visitor.expectAccessible();
  await visitor.picture('controls-working', testInfo);
  visitor.expectNothingForeign();
});
