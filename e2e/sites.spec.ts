/** The page of a site's owner: from a key to a registered site, its widget, its tag and its figures. */
import { IdlewaveClient } from '../sdk/client.ts';
import { postDigits } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';

/** A share of a micro-credit is nothing: the work is paid so that there is something to share. */
const RATE_PERCENT = 10_000;

test('an owner registers a site, sees the widget in each size, copies the tag, and reads figures', async ({
  client,
  coordinator,
  volunteers,
}, testInfo) => {
  const visitor = await volunteers.visit();
  const { page } = visitor;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByTestId('page-help').click();
  await page.getByTestId('to-sites').click();
  await expect(page.locator('h1')).toContainText('lend a hand');
  await visitor.expectAccessible();
  await page.getByTestId('sites-key').fill('iwk_wrong');
  await page.getByTestId('sites-open').click();
  await expect(page.getByTestId('sites-status')).toContainText('unknown or revoked');
  const { key } = await client.createKey('owner');
  await page.getByTestId('sites-key').fill(key);
  await page.getByTestId('sites-open').click();

  await page.getByTestId('site-name').fill('My Journal');
  await page.getByTestId('site-origins').fill('not an address');
  await page.getByTestId('site-save').click();
  await expect(page.getByTestId('site-status')).toContainText('is no address');
  // What people paste: with a path, in capitals.
  await page
    .getByTestId('site-origins')
    .fill('https://Journal.example/blog/\nhttp://localhost:8080');
  await page.getByTestId('site-percent').fill('30');
  await page.getByTestId('site-save').click();
  const preview = page.frameLocator('idlewave-widget iframe');
  await expect(preview.getByTestId('widget-share')).toContainText('30 % of the credit you earn');
  await expect(page.getByTestId('site-origins')).toHaveValue(
    'https://journal.example\nhttp://localhost:8080',
  );
  const own = new IdlewaveClient({ url: coordinator.url, key });
  const [site] = await own.sites();
  expect(site).toMatchObject({ name: 'My Journal', proposedPercent: 30 });

  for (const size of ['Badge', 'Small', 'Large', 'Medium']) {
    await page.getByRole('radio', { name: size }).check();
    await expect(preview.getByTestId('widget')).toHaveClass(new RegExp(size.toLowerCase()));
  }
  await page.getByRole('radio', { name: 'React' }).check();
  await expect(page.getByTestId('widget-tag')).toContainText('useEffect');
  await page.getByRole('radio', { name: 'HTML' }).check();
  await page.getByTestId('widget-copy').click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toContain(`<idlewave-widget site="${site!.id}" size="medium">`);

  await page.getByTestId('site-percent').fill('12');
  await page.getByTestId('site-save').click();
  await expect(page.getByTestId('site-status')).toContainText('Saved');
  await visitor.expectAccessible();
  await visitor.picture('sites', testInfo);
  expect((await own.sites())[0]).toMatchObject({ proposedPercent: 12 });

  // A visitor shares; the owner sees it.
  const giver = await volunteers.visit();
  await giver.page.goto(`/?site=${site!.id}`);
  await giver.page.getByTestId('account').locator('summary').first().click();
  await giver.page.getByTestId('site-share').fill('12');
  await giver.page.getByTestId('site-share-save').click();
  await expect(giver.page.getByTestId('site-share-status')).toContainText('Saved');
  await giver.start();
  const { job } = await postDigits(client, 12, { kind: 'quorum', quorum: 1 }, RATE_PERCENT);
  await job.done();
  await page.reload();
  await page.getByTestId('sites-key').fill(key);
  await page.getByTestId('sites-open').click();
  await expect(page.getByTestId('site-days')).not.toHaveAttribute('data-micro-credits', '0');
  await visitor.picture('sites-figures', testInfo);
});
