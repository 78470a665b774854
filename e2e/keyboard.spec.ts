/** What visitors and owners do on the pages, with the keyboard alone. (Computing itself: `contribute`, `credits`, `widget`.) */
import { IdlewaveClient } from '../sdk/client.ts';
import { postBalls, postDigits } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';
import { KeyboardUser } from './pages/keyboardUser.ts';

const UNCHECKED = { kind: 'quorum', quorum: 1 } as const;

async function openAccount({ page }: ContributePage): Promise<KeyboardUser> {
  const keys = new KeyboardUser(page);
  await keys.press(page.getByTestId('account').locator('summary').first());
  await expect(page.getByTestId('contributor')).toContainText('c_');
  return keys;
}

test('an account: a name, a code for another browser, a phrase, and the end of it', async ({
  client,
  volunteers,
}) => {
  const first = await volunteers.visit();
  const { page } = first;
  const keys = await openAccount(first);
  await keys.write(page.getByTestId('display-name'), 'Ada');
  await keys.press(page.getByRole('button', { name: 'Save name' }));
  const account = (await page.getByTestId('contributor').textContent())!;
  // Not there before it has said something of itself.
  const nameOf = () =>
    client.contributor(account).then(
      ({ name }) => name,
      () => undefined,
    );
  await expect.poll(nameOf).toBe('Ada');
  await keys.press(page.getByTestId('make-code'));
  const code = (await page.getByTestId('link-code').textContent())!;

  const second = await volunteers.visit();
  const others = await openAccount(second);
  await others.write(second.page.getByTestId('code-input'), code);
  await others.press(second.page.getByRole('button', { name: 'Join by code' }));
  await expect(second.page.getByTestId('contributor')).toHaveText(account);

  await keys.press(page.getByTestId('code-done'));
  await keys.press(page.getByTestId('make-phrase'));
  const items = page.getByTestId('phrase').locator('li');
  await expect(items).toHaveCount(12);
  const words = await items.allTextContents();
  await keys.press(page.getByTestId('phrase-written'));
  await expect(page.getByTestId('phrase')).toHaveCount(0);

  const third = await volunteers.visit();
  const last = await openAccount(third);
  await last.write(third.page.getByTestId('phrase-input'), words.join(' '));
  await last.press(third.page.getByRole('button', { name: 'Restore by phrase' }));
  await expect(third.page.getByTestId('device')).toHaveCount(3);
  await last.press(third.page.getByTestId('delete'));
  await last.press(third.page.getByTestId('delete-confirm'));
  await expect.poll(nameOf).not.toBe('Ada');
});

test('a team: founded, joined, shared with, left', async ({ client, volunteers }) => {
  const founder = await volunteers.visit();
  await new KeyboardUser(founder.page).press(founder.page.getByTestId('start'));
  const { job } = await postDigits(client, 12, UNCHECKED);
  await job.done();
  await new KeyboardUser(founder.page).press(founder.page.getByTestId('stop'));
  await founder.expectState('stopped');
  const keys = await openAccount(founder);
  await keys.press(founder.page.getByText('Found a team'));
  await keys.write(founder.page.getByTestId('team-new-name'), 'The Test Waves');
  await keys.press(founder.page.getByTestId('team-found'));
  await expect(founder.page.getByTestId('team-name')).toHaveText('The Test Waves');
  const id = (await founder.page.getByTestId('team').locator('.id').textContent())!;

  const member = await volunteers.visit();
  const { page } = member;
  const others = await openAccount(member);
  await others.choose(page.getByTestId('team-choice'), 'The Test');
  await others.press(page.getByTestId('team-join'));
  await expect(page.getByTestId('team-name')).toHaveText('The Test Waves');
  expect((await client.team(id)).members).toBe(2);
  await others.write(page.getByTestId('team-share'), '20');
  await others.press(page.getByTestId('team-share-save'));
  await expect(page.getByTestId('team-share-status')).toContainText('Saved');
  await others.press(page.getByTestId('team-leave'));
  await expect(page.getByTestId('team-choice')).toBeVisible();
  expect((await client.team(id)).members).toBe(1);
});

test('a site: registered, looked at in each size, its tag copied, and removed', async ({
  client,
  coordinator,
  volunteers,
}) => {
  const { page } = await volunteers.visit();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const { key } = await client.createKey('owner');
  const own = new IdlewaveClient({ url: coordinator.url, key });
  const keys = new KeyboardUser(page);
  await keys.press(page.getByTestId('page-help'));
  await keys.press(page.getByTestId('to-sites'));
  await keys.write(page.getByTestId('sites-key'), key);
  await keys.press(page.getByTestId('sites-open'));
  await keys.write(page.getByTestId('site-name'), 'My Journal');
  await keys.write(page.getByTestId('site-origins'), 'https://journal.example');
  await keys.write(page.getByTestId('site-percent'), '30');
  await keys.press(page.getByTestId('site-save'));
  const preview = page.frameLocator('idlewave-widget iframe');
  await expect(preview.getByTestId('widget-share')).toContainText('30 %');
  await keys.press(page.getByRole('radio', { name: 'Medium' }), 'ArrowRight');
  await expect(preview.getByTestId('widget')).toHaveClass(/large/);
  await keys.press(page.getByTestId('widget-copy'));
  const [site] = await own.sites();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toContain(`<idlewave-widget site="${site!.id}" size="large">`);
  await keys.press(page.getByTestId('site-remove'));
  await keys.press(page.getByTestId('site-remove'));
  await expect.poll(async () => (await own.sites()).length).toBe(0);
});

test('what a tab gives and takes: presets, controls, authors, languages', async ({
  client,
  volunteers,
}) => {
  await postBalls(client, { items: 4, engine: 'any', verification: UNCHECKED });
  const { page } = await volunteers.visit();
  const keys = new KeyboardUser(page);
  const balanced = page.getByRole('radio', { name: /^Balanced/ });
  await keys.press(page.getByRole('radio', { checked: true }), 'ArrowUp');
  await expect(balanced).toBeChecked();
  await keys.press(page.getByTestId('more-controls').locator('summary'));
  await keys.press(page.getByLabel('At most this much data a day'), 'Space');
  await keys.write(page.getByTestId('dataCapMb-number'), '123');
  await page.keyboard.press('Tab');
  await page.reload();
  await keys.press(page.getByTestId('more-controls').locator('summary'));
  await expect(page.getByTestId('dataCapMb-number')).toHaveValue('123');

  await keys.press(page.getByTestId('page-jobs'));
  const card = page.getByTestId('open-job');
  await keys.press(card.getByTestId('authors-not'));
  await expect(card.getByTestId('against')).toContainText('left out its author');

  await keys.press(page.getByTestId('page-leaderboard'));
  await keys.press(page.getByRole('radio', { checked: true }), 'ArrowRight');
  await keys.choose(page.getByTestId('language'), 'Deu');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
});
