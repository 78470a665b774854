/** The pages around the work: one can look at all of them while the tab computes, with and without a mouse. */
import { ENDLESS, postBalls } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';

const PAGES = ['network', 'jobs', 'help'] as const;

test('the tab goes on computing while one looks around', async ({ client, volunteers }) => {
  const job = await postBalls(client, ENDLESS);
  const visitor = await volunteers.join();
  await visitor.expectState('working');
  const { page } = visitor;

  for (const name of PAGES) {
    await page.getByTestId(`page-${name}`).click();
    // Who cannot see the page turn is told where one is.
    await expect(page.locator('h1')).toBeFocused();
    await expect(page.getByTestId('running-label')).toHaveText('Computing');
    await visitor.expectMore('items', await visitor.number('items'));
  }
  await page.getByTestId('page-jobs').click();
  await expect(page.getByTestId('open-job')).toHaveCount(1);
  await expect(page.getByTestId('open-job')).toContainText(job.view.name);

  await page.getByTestId('page-network').click();
  await expect(page.getByTestId('network-cards')).toContainText('in one tab');
  await page.getByRole('button', { name: 'Pause' }).click();
  await visitor.expectState('paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await visitor.expectState('working', 'waiting');

  await page.goBack();
  await expect(page.getByTestId('open-job')).toBeVisible();
  await page.getByTestId('page-contribute').click();
  await expect(page.getByTestId('pause')).toBeVisible();
  expect(visitor.sockets.filter((url) => url.endsWith('/v1/link'))).toHaveLength(1);
  visitor.expectNothingForeign();
});

test('every page is accessible, in both schemes, and reached by keyboard', async ({
  client,
  volunteers,
}, testInfo) => {
  await postBalls(client, ENDLESS);
  const visitor = await volunteers.visit();
  const { page } = visitor;
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(visitor.main).toBeFocused();
  for (const name of PAGES) {
    const link = page.getByTestId(`page-${name}`);
    await link.focus();
    await page.keyboard.press('Enter');
    await expect(page.locator('h1')).toBeFocused();
    await expect(link).toHaveAttribute('aria-current', 'page');
    await visitor.expectAccessible();
    await visitor.picture(name, testInfo);
  }
});

test('a page that cannot be loaded says so, and is loaded when the network is back', async ({
  volunteers,
}) => {
  const { page } = await volunteers.visit();
  await page.context().setOffline(true);
  await page.getByTestId('page-help').click();
  await expect(page.getByRole('alert')).toContainText('could not be loaded');
  // Nobody answers: what is there is not given up.
  await page.getByTestId('load-anew').click();
  await expect(page.getByTestId('reload')).toContainText('does not answer');
  await page.context().setOffline(false);
  await page.getByTestId('load-anew').click();
  await expect(page.locator('h1')).toContainText('Plain answers');
});

test('a tab is counted in its part of the world when its visitor says so, and not before', async ({
  volunteers,
}) => {
  const visitor = await volunteers.visit({}, async (page) => {
    const devTools = await page.context().newCDPSession(page);
    await devTools.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Tokyo' });
  });
  const { page } = visitor;
  await visitor.start();
  await visitor.expectState('waiting');
  await page.getByTestId('page-network').click();
  await expect(page.getByTestId('network-cards')).toContainText('in one tab');
  await expect(page.getByTestId('regions')).toHaveCount(0);

  await page.getByTestId('page-contribute').click();
  await page.getByTestId('more-controls').locator('summary').click();
  await page.getByLabel('Count my part of the world').check();
  await page.getByTestId('page-network').click();
  await expect(page.getByTestId('regions')).toContainText('Asia');
  await page.getByTestId('page-contribute').click();
  await page.getByTestId('more-controls').locator('summary').click();
  await page.getByLabel('Count my part of the world').uncheck();
  await page.getByTestId('page-network').click();
  await expect(page.getByTestId('regions')).toHaveCount(0);
  await visitor.expectAccessible();
});
