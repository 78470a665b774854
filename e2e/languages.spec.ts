/** The pages in the visitor's language: chosen or the browser's own, also from right to left, and light at first. */
import { gzipSync } from 'node:zlib';
import { postBalls } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import { ContributePage } from './pages/contributePage.ts';

/** More work than the test waits for, and credited at once. */
const ENDLESS = {
  items: 2000,
  engine: 'any',
  verification: { kind: 'quorum', quorum: 1 },
} as const;

/** Every address, and what is there when its page is. */
const PAGES = [
  ['contribute', '#', '[data-testid=pause]'],
  ['credits', '#credits', '[data-testid=receipt]'],
  ['mine', '#mine', '[data-testid=history-total]'],
  ['certificate', '#certificate', '[data-testid=certificate-root]'],
  ['leaderboard', '#leaderboard', '#exports-title'],
  ['network', '#network', '[data-testid=network-cards]'],
  ['jobs', '#jobs', '[data-testid=open-job]'],
  ['sites', '#sites', '[data-testid=sites-open]'],
  ['ready', '#ready', '[data-testid=device]'],
  ['help', '#help', '#what-runs'],
] as const;

/** JavaScript that the page loads before a click, compressed. */
const MAX_FIRST_BYTES = 120_000;

test('every page in Arabic runs from right to left, and the choice outlives a reload', async ({
  client,
  volunteers,
}, testInfo) => {
  await postBalls(client, ENDLESS);
  const visitor = await volunteers.join();
  const { page } = visitor;
  await visitor.expectMore('micro-credits', 0);

  await page.getByTestId('language').selectOption('ar');
  const html = page.locator('html');
  await expect(html).toHaveAttribute('lang', 'ar');
  await expect(html).toHaveAttribute('dir', 'rtl');
  for (const [name, hash, ready] of PAGES) {
    await page.evaluate((to) => (location.hash = to), hash);
    await expect(page.locator(ready).first()).toBeVisible();
    if (name === 'contribute') {
      await page.getByTestId('more-controls').locator('summary').click();
      await page.getByTestId('account').locator('summary').first().click();
      await expect(page.getByTestId('contributor')).toBeVisible();
    }
    if (name === 'credits') {
      await page.getByTestId('receipt-open').first().click();
      await expect(page.getByTestId('receipt-log')).toContainText('السجلّ');
    }
    await expect(html).toHaveAttribute('dir', 'rtl');
    await expect(page.locator('h1').first()).toHaveText(/^[^a-z]*\p{Script=Arabic}[^a-z]*$/iu);
    await visitor.expectAccessible();
    await visitor.picture(`ar-${name}`, testInfo);
  }

  await page.reload();
  await expect(html).toHaveAttribute('dir', 'rtl');
  await expect(page.getByTestId('language')).toHaveValue('ar');
  await expect(page).toHaveTitle(/\p{Script=Arabic}/u);
  visitor.expectNothingForeign();

  await page.getByTestId('language').selectOption('en');
  await expect(html).toHaveAttribute('dir', 'ltr');
  await expect(html).toHaveAttribute('lang', 'en');
});

test('a German browser gets German, and a French one English', async ({ browser, coordinator }) => {
  const german = await browser.newContext({ baseURL: coordinator.url, locale: 'de-AT' });
  const page = await german.newPage();
  await page.goto('/');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByTestId('start')).toHaveText('Mitrechnen');
  await expect(page).toHaveTitle(/Leih einem gemeinsamen Computer/);
  await expect(page.getByTestId('language')).toHaveValue('de');
  // Words of another page come with it, in the same language.
  await page.getByTestId('page-help').click();
  await expect(page.locator('h1')).toHaveText('Klare Antworten.');
  await page.getByTestId('language').selectOption('es');
  await expect(page.locator('h1')).toHaveText('Respuestas claras.');
  await german.close();

  const french = await browser.newContext({ baseURL: coordinator.url, locale: 'fr-FR' });
  const other = await french.newPage();
  await other.goto('/');
  await expect(other.getByTestId('start')).toHaveText('Start computing');
  await french.close();
});

test('the first page is light, and brings no language but its own', async ({
  browser,
  coordinator,
}) => {
  const context = await browser.newContext({ baseURL: coordinator.url });
  const visitor = new ContributePage(await context.newPage(), coordinator.url);
  const scripts: Promise<Buffer>[] = [];
  visitor.page.on('response', (response) => {
    if (new URL(response.url()).pathname.endsWith('.js')) scripts.push(response.body());
  });
  await visitor.open();
  await visitor.page.waitForLoadState('networkidle');
  const bodies = await Promise.all(scripts);
  const bytes = bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0);
  console.log(`First load: ${bytes} bytes of JavaScript, compressed, in ${bodies.length} files`);
  expect(bytes).toBeLessThanOrEqual(MAX_FIRST_BYTES);
  const text = bodies.map((body) => body.toString('utf8')).join('\n');
  expect(text).toContain('Start computing');
  expect(text).not.toContain('Mitrechnen');
  await context.close();
});
