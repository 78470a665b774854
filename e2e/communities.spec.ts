/**
 * Teams, sites and gifts in real browsers: what a visitor chose is posted with its credit, and seen in its receipt.
 */
import type { IdlewaveClient } from '../sdk/client.ts';
import { postDigits } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';
import { CreditsPage } from './pages/creditsPage.ts';

const UNCHECKED = { kind: 'quorum', quorum: 1 } as const;

async function openAccount({ page }: ContributePage): Promise<string> {
  await page.getByTestId('account').locator('summary').first().click();
  await expect(page.getByTestId('contributor')).toContainText('c_');
  return (await page.getByTestId('contributor').textContent())!;
}

/** A share of a micro-credit is nothing: the work is paid so that there is something to share. */
const RATE_PERCENT = 10_000;

/** A job that this visitor alone computes. */
async function earn(client: IdlewaveClient, visitor: ContributePage): Promise<void> {
  await visitor.start();
  const { job } = await postDigits(client, 12, UNCHECKED, RATE_PERCENT);
  await job.done();
  await visitor.stop();
  await visitor.expectState('stopped');
}

/** What a contributor was credited, and what of it went to the account. */
async function splitOf(client: IdlewaveClient, contributor: string, to: string) {
  const { rows } = await client.credits(contributor);
  let [earned, shared] = [0n, 0n];
  for (const { microCredits, shares = [] } of rows) {
    earned += BigInt(microCredits);
    for (const share of shares) if (share.to === to) shared += BigInt(share.microCredits);
  }
  return { earned, shared, rows };
}

test('a visitor joins a team, gives it 20 %, computes, and sees the split in a receipt', async ({
  client,
  volunteers,
}, testInfo) => {
  const founder = await volunteers.visit();
  await earn(client, founder);
  const founderId = await openAccount(founder);
  await founder.page.getByText('Found a team').click();
  await founder.page.getByTestId('team-new-name').fill('The Test Waves');
  await founder.page.getByTestId('team-new-rule').selectOption('code');
  await founder.page.getByTestId('team-found').click();
  await expect(founder.page.getByTestId('team-name')).toHaveText('The Test Waves');
  await founder.page.getByTestId('team-founder').locator('summary').click();
  const code = (await founder.page.getByTestId('team-code').textContent())!;
  const id = (await founder.page.getByTestId('team').locator('.id').textContent())!;

  const member = await volunteers.visit();
  const memberId = await openAccount(member);
  const { page } = member;
  await page.getByTestId('team-choice').selectOption(id);
  await page.getByTestId('team-code-input').fill('0000-0000');
  await page.getByTestId('team-join').click();
  await expect(page.getByTestId('team-join-status')).toContainText('not the team’s invite code');
  await page.getByTestId('team-code-input').fill(code.toLowerCase());
  await page.getByTestId('team-join').click();
  await expect(page.getByTestId('team-name')).toHaveText('The Test Waves');
  await page.getByTestId('team-share').fill('20');
  await page.getByTestId('team-share-save').click();
  await expect(page.getByTestId('team-share-status')).toContainText('Saved');
  await member.expectAccessible();
  await member.picture('team', testInfo);

  await earn(client, member);
  const { earned, shared, rows } = await splitOf(client, memberId, `team:${id}`);
  expect(shared).toBe(rows.reduce((sum, row) => sum + BigInt(row.microCredits) / 5n, 0n));
  expect(shared).toBeGreaterThan(0n);
  expect((await client.team(id)).balance).toBe(String(shared));

  const credits = new CreditsPage(page);
  await credits.open();
  const detail = await credits.follow(credits.row('credited').first());
  await expect(detail.getByTestId('receipt-shares')).toContainText(`to the team ${id}`);
  await expect(detail.getByTestId('receipt-shares')).toContainText('credits kept');
  await expect(detail.getByTestId('receipt-factors')).toContainText(
    '× 100 (what its author offers)',
  );
  const proof = detail.getByTestId('receipt-log').getByTestId('proof').first();
  await expect(proof).toHaveAttribute('data-state', 'proven');
  await member.expectAccessible();
  await member.picture('receipt-shares', testInfo);
  await credits.close();

  // Of the rest the member gives some to the founder; the founder some of the team's to the member.
  await page.reload();
  await openAccount(member);
  await expect(page.getByTestId('account-balance')).toHaveAttribute(
    'data-micro-credits',
    String(earned - shared),
  );
  await page.getByTestId('give-to').fill(founderId);
  await page.getByTestId('give-amount').fill('999999');
  await page.getByTestId('give-do').click();
  await expect(page.getByTestId('give-status')).toContainText('Credits:');
  await page.getByTestId('give-amount').fill('0.000003');
  await page.getByTestId('give-do').click();
  await page.getByTestId('give-do').click();
  await expect(page.getByTestId('give-status')).toContainText('were given');
  await expect(page.getByTestId('account-balance')).toHaveAttribute(
    'data-micro-credits',
    String(earned - shared - 3n),
  );
  await founder.page.reload();
  await openAccount(founder);
  await founder.page.getByTestId('give-from').selectOption('team');
  await founder.page.getByTestId('give-to').fill(memberId);
  await founder.page.getByTestId('give-amount').fill('0.000001');
  await founder.page.getByTestId('give-do').click();
  await founder.page.getByTestId('give-do').click();
  await expect(founder.page.getByTestId('give-status')).toContainText('were given');
  await expect(founder.page.getByTestId('team-state')).toHaveAttribute(
    'data-balance',
    String(shared - 1n),
  );
  await founder.picture('team-founder', testInfo);
  // A refusal is an answer of 4xx, which Chromium puts on the console.
  const errors = member.errors.filter((text) => !text.includes('the server responded with'));
  expect([member.foreignRequests, errors]).toEqual([[], []]);
});

test('a visitor of a site shares what it agreed to, and nothing before', async ({
  client,
  volunteers,
}, testInfo) => {
  const site = await client.addSite({
    name: 'The Test Journal',
    origins: ['https://journal.example'],
    proposedPercent: 25,
  });
  const visitor = await volunteers.visit();
  const { page } = visitor;
  await page.goto(`/?site=${site.id}`);
  await earn(client, visitor);
  expect((await client.sites()).find(({ id }) => id === site.id)?.balance).toBe('0');

  const contributor = await openAccount(visitor);
  await expect(page.getByTestId('site')).toContainText('The Test Journal asks for 25 %');
  await expect(page.getByTestId('site-share')).toHaveValue('25');
  await page.getByTestId('site-share').fill('10');
  await page.getByTestId('site-share-save').click();
  await expect(page.getByTestId('site-share-status')).toContainText('Saved');
  await visitor.expectAccessible();
  await visitor.picture('site-share', testInfo);
  await earn(client, visitor);
  const { shared } = await splitOf(client, contributor, `site:${site.id}`);
  expect(shared).toBeGreaterThan(0n);
  const own = (await client.sites()).find(({ id }) => id === site.id);
  expect(own?.balance).toBe(String(shared));
  const days = await client.siteDays(site.id);
  expect(days.reduce((sum, day) => sum + BigInt(day.microCredits), 0n)).toBe(shared);

  await page.goto('/?site=site_none');
  await openAccount(visitor);
  await expect(page.getByTestId('site')).toContainText('not registered here');
});
