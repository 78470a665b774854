/**
 * One account over several browsers: linked by a code, brought back by a phrase, deleted. Each browser is a profile of
 * its own and really computes; the coordinator and its database are real.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Page } from '@playwright/test';
import type { IdlewaveClient } from '../sdk/client.ts';
import { CoordinatorProcess } from '../sdk/acceptance/testing/idlewaveProcess.ts';
import { UNCHECKED, postDigits } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';

const NAME = 'Ada of the tests';

async function openAccount({ page }: ContributePage): Promise<void> {
  await page.getByTestId('account').locator('summary').click();
  await expect(page.getByTestId('contributor')).toContainText('c_');
}

const creditsOf = (page: Page) => page.getByTestId('account-credits');

/** A job that this visitor alone computes; what it was paid. */
async function earn(client: IdlewaveClient, visitor: ContributePage): Promise<bigint> {
  await visitor.start();
  const { job } = await postDigits(client, 12, UNCHECKED);
  const { granted } = await job.done();
  await visitor.stop();
  await visitor.expectState('stopped');
  return BigInt(granted);
}

test('two browsers are one account, a phrase brings it back on a third', async ({
  client,
  volunteers,
}, testInfo) => {
  const first = await volunteers.visit();
  const paidFirst = await earn(client, first);
  await openAccount(first);
  await expect(creditsOf(first.page)).toHaveAttribute('data-micro-credits', String(paidFirst));
  await first.page.getByTestId('display-name').fill(NAME);
  await first.page.getByRole('button', { name: 'Save name' }).click();
  await expect.poll(async () => (await client.leaderboard())[0]?.name).toBe(NAME);
  const account = await first.page.getByTestId('contributor').textContent();

  await first.page.getByTestId('make-code').click();
  const code = (await first.page.getByTestId('link-code').textContent())!;
  await expect(first.page.getByRole('img', { name: 'QR code' })).toBeVisible();
  await first.expectAccessible();
  await first.picture('account-code', testInfo);

  // The second one has earned something by itself before, and is at work while it is linked.
  const second = await volunteers.visit();
  const paidSecond = await earn(client, second);
  await second.start();
  await second.expectState('waiting');
  await openAccount(second);
  await second.page.getByTestId('code-input').fill(code.toLowerCase());
  await second.page.getByRole('button', { name: 'Join by code' }).click();
  await expect(second.page.getByTestId('device')).toHaveCount(2);
  await expect(second.page.getByTestId('contributor')).toHaveText(account!);
  await expect(second.page.getByTestId('display-name')).toHaveValue(NAME);
  const both = paidFirst + paidSecond;
  await expect(creditsOf(second.page)).toHaveAttribute('data-micro-credits', String(both));
  // Its link is opened anew under the account, and what it earns from now on is the account's.
  await expect(second.main).toHaveAttribute('data-micro-credits', String(both));
  const { job } = await postDigits(client, 12, UNCHECKED);
  const three = both + BigInt((await job.done()).granted);
  await expect
    .poll(async () => (await client.leaderboard()).map((it) => it.microCredits))
    .toEqual([String(three)]);
  await second.stop();
  await second.expectAccessible();
  await second.picture('account-devices', testInfo);

  // The code is good once.
  const thief = await volunteers.visit();
  await thief.page.goto(`/#link=${code.replace('-', '')}`);
  await expect(thief.page.getByTestId('code-input')).toHaveValue(code);
  await thief.page.getByRole('button', { name: 'Join by code' }).click();
  await expect(thief.page.getByTestId('join-status')).toContainText('used already');

  await first.page.getByTestId('code-done').click();
  await first.page.getByTestId('make-phrase').click();
  const items = first.page.getByTestId('phrase').locator('li');
  await expect(items).toHaveCount(12);
  const words = await items.allTextContents();
  await first.picture('account-phrase', testInfo);
  await first.page.getByTestId('phrase-written').click();
  await expect(first.page.getByTestId('make-phrase')).toHaveText('Make a new phrase');
  await expect(first.page.getByTestId('phrase')).toHaveCount(0);

  const third = await volunteers.visit();
  await openAccount(third);
  await third.page.getByTestId('phrase-input').fill(words.join(' '));
  await third.page.getByRole('button', { name: 'Restore by phrase' }).click();
  await expect(third.page.getByTestId('device')).toHaveCount(3);
  await expect(third.page.getByTestId('contributor')).toHaveText(account!);
  await expect(creditsOf(third.page)).toHaveAttribute('data-micro-credits', String(three));
  for (const visitor of [first, second, third, thief]) {
    // A refusal is an answer of 4xx, which Chromium puts on the console.
    const errors = visitor.errors.filter((text) => !text.includes('the server responded with'));
    expect([visitor.foreignRequests, errors]).toEqual([[], []]);
  }
});

test('a deleted account leaves no name and no key, in any table', async ({ browser }) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'idlewave-deleted-'));
  const coordinator = await CoordinatorProcess.start({ dataDir });
  const client = coordinator.client();
  const { ContributePage } = await import('./pages/contributePage.ts');
  const visit = async (): Promise<ContributePage> => {
    const context = await browser.newContext({ baseURL: coordinator.url });
    const page = new ContributePage(await context.newPage(), coordinator.url);
    await page.open();
    return page;
  };
  const [first, second] = [await visit(), await visit()];
  const keys: string[] = [];
  for (const { page } of [first, second]) {
    page.on('request', (request) => {
      const body = request.postData() ?? '';
      const key = /"publicKey":"([0-9a-f]{64})"/.exec(body)?.[1];
      if (key !== undefined && !keys.includes(key)) keys.push(key);
    });
  }
  const paid = await earn(client, first);
  await openAccount(first);
  await first.page.getByTestId('display-name').fill(NAME);
  await first.page.getByRole('button', { name: 'Save name' }).click();
  await first.page.getByTestId('make-code').click();
  const code = (await first.page.getByTestId('link-code').textContent())!;
  const paidToo = await earn(client, second);
  await openAccount(second);
  await second.page.getByTestId('code-input').fill(code);
  await second.page.getByRole('button', { name: 'Join by code' }).click();
  await expect(second.page.getByTestId('device')).toHaveCount(2);
  const deviceName = (await second.page
    .getByTestId('device')
    .locator('.name')
    .last()
    .textContent())!;
  const personal = [NAME, 'First device', deviceName, 'Linux computer', ...keys];
  expect(keys).toHaveLength(2);

  await coordinator.kill9();
  const before = await textOfDatabase(dataDir);
  // The search finds what is there: else it would find nothing afterwards either.
  expect(personal.filter((text) => !before.includes(text))).toEqual([]);
  await coordinator.restart();

  await first.page.getByTestId('delete').click();
  await first.page.getByTestId('delete-confirm').click();
  await expect(first.page.getByTestId('account')).not.toHaveAttribute('open');
  await second.reload();
  await second.page.getByTestId('account').locator('summary').click();
  await expect(second.page.getByTestId('retired')).toBeVisible();
  await second.page.getByTestId('begin-anew').click();
  await expect(creditsOf(second.page)).toHaveAttribute('data-micro-credits', '0');

  const rows = await client.leaderboard();
  expect(rows.map(({ microCredits }) => microCredits)).toEqual([String(paid + paidToo)]);
  await coordinator.kill9();
  const after = await textOfDatabase(dataDir);
  expect(personal.filter((text) => after.includes(text))).toEqual([]);
  for (const { page } of [first, second]) await page.context().close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Every row of every table, as text. */
async function textOfDatabase(dataDir: string): Promise<string> {
  const database = new PGlite(join(dataDir, 'store', 'database'));
  try {
    const tables = await database.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    expect(tables.rows.length).toBeGreaterThan(10);
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await database.query<{ text: string }>(
        `select encode(convert_to(it::text, 'UTF8'), 'escape') as text from "${name}" as it`,
      );
      texts.push(name, ...rows.map(({ text }) => text));
    }
    return texts.join('\n');
  } finally {
    await database.close();
  }
}
