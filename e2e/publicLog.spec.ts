/**
 * The page checks the public log itself: whoever changes history, or what is said of it, is found out by the browser of
 * whoever was credited, and what was not changed raises no alarm.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IdlewaveClient } from '../sdk/client.ts';
import { decodeBundle, encodeBundle } from '../shared/tlog/tiles.ts';
import { UNCHECKED, postBalls } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';
import { CreditsPage } from './pages/creditsPage.ts';

/** A job of so many shards, computed by the one who is there; its credits have come to the page. */
async function earn(client: IdlewaveClient, visitor: ContributePage, shards: number) {
  const before = await visitor.number('micro-credits');
  const job = await postBalls(client, { items: shards, engine: 'any', verification: UNCHECKED });
  await job.done();
  const earned = before + Number(job.view.price);
  await expect(visitor.main).toHaveAttribute('data-micro-credits', String(earned));
}

type Change = (bytes: Buffer) => Buffer;

/** From now on files of the log whose path begins so are changed on their way to the page. */
async function tamper(visitor: ContributePage, path: string, change: Change): Promise<void> {
  await visitor.page.route(
    (url) => url.pathname.startsWith(path),
    async (route) => {
      try {
        const response = await route.fetch();
        await route.fulfill({ response, body: change(await response.body()) });
      } catch {
        // The page went on to somewhere else meanwhile: nobody waits for it.
        await route.abort().catch(() => undefined);
      }
    },
  );
}

const bundle = (bytes: Buffer): Uint8Array[] => {
  const entries = decodeBundle(new Uint8Array(bytes));
  if (!entries.ok) throw new Error(entries.error);
  return entries.value;
};
const bent: Change = (bytes) => {
  const copy = Buffer.from(bytes);
  copy[5]! ^= 1;
  return copy;
};

const TAMPERINGS: readonly [string, string, string, Change][] = [
  ['a tile that was tampered with', 'tile', '/log/tile/0/', bent],
  [
    'an entry that was rewritten',
    'entry-rewritten',
    '/log/tile/entries/',
    (bytes) =>
      Buffer.from(
        bytes.toString('latin1').replaceAll(/"microCredits":"\d/g, '"microCredits":"9'),
        'latin1',
      ),
  ],
  [
    'an entry that was dropped',
    'entry-dropped',
    '/log/tile/entries/',
    (bytes) => Buffer.from(encodeBundle(bundle(bytes).slice(1))),
  ],
  [
    'a checkpoint that was changed',
    'signature',
    '/log/checkpoint',
    (bytes) => Buffer.from(bytes.toString().replace(/\n(\d+)\n/, '\n1$1\n')),
  ],
];

for (const [name, kind, path, change] of TAMPERINGS) {
  test(`the page finds ${name}, and does not forget it`, async ({
    client,
    volunteers,
  }, testInfo) => {
    const visitor = await volunteers.join();
    await earn(client, visitor, 3);
    const credits = new CreditsPage(visitor.page);
    await credits.open();
    await credits.expectLog('proven');
    await credits.close();
    await visitor.stop();

    await tamper(visitor, path, change);
    await visitor.reload();
    await credits.open();
    await credits.expectAlarm(kind);
    await expect(visitor.page.getByTestId('log-alarm-line')).toBeVisible();
    await visitor.expectAccessible();
    if (kind === 'tile') await visitor.picture('credits-alarm', testInfo);

    // What is right again afterwards takes nothing back, and no other tab or visit hides it.
    await visitor.page.unrouteAll();
    await credits.close();
    await visitor.reload();
    await expect(visitor.page.getByTestId('log-alarm-line')).toBeVisible();
    await visitor.page.getByRole('link', { name: 'See what was found' }).click();
    await credits.expectAlarm(kind);
    const evidence: unknown = JSON.parse(
      (await credits.page.getByTestId('log-evidence').textContent())!,
    );
    expect(evidence).toMatchObject({
      kind,
      evidence: { verifierKey: (await client.log()).verifierKey },
    });

    await visitor.page.getByTestId('log-accept').click();
    await visitor.page.getByTestId('log-accept-sure').click();
    await credits.expectLog('proven');
    await expect(credits.alarm).toHaveCount(0);
    await expect(visitor.page.getByTestId('log-alarm-line')).toHaveCount(0);
  });
}

test('the page finds it by itself, while it computes and nobody looks', async ({
  client,
  volunteers,
}) => {
  const visitor = await volunteers.join();
  await tamper(visitor, '/log/tile/0/', bent);
  await earn(client, visitor, 3);
  await expect(visitor.page.getByTestId('log-alarm-line')).toBeVisible();
  await expect(new CreditsPage(visitor.page).view).toHaveCount(0);
  await earn(client, visitor, 3);
});

test('a log that only passes through other hands raises no alarm', async ({
  client,
  volunteers,
}) => {
  const visitor = await volunteers.join();
  await earn(client, visitor, 3);
  const credits = new CreditsPage(visitor.page);
  await tamper(visitor, '/log/', (bytes) => Buffer.from(bytes));
  await credits.open();
  await credits.expectLog('proven');
  await earn(client, visitor, 150);
  await visitor.page.getByTestId('log-check').click();
  await expect(credits.status).toContainText('that this browser saw before');
  await visitor.reload();
  await credits.expectLog('proven');
  const detail = await credits.follow(credits.rows.first());
  await expect(detail.getByTestId('receipt-log').getByTestId('proof').first()).toHaveAttribute(
    'data-state',
    'proven',
  );
  await expect(credits.alarm).toHaveCount(0);
  await expect(visitor.page.getByTestId('log-alarm-line')).toHaveCount(0);
});

test('the page finds a fork: two signed histories, of a store that was put back', async ({
  client,
  coordinator,
  volunteers,
}) => {
  const backup = await mkdtemp(join(tmpdir(), 'idlewave-backup-'));
  try {
    const visitor = await volunteers.join();
    await earn(client, visitor, 2);
    await coordinator.kill9();
    await cp(coordinator.dataDir, backup, { recursive: true });
    await coordinator.restart();
    await visitor.expectState('waiting');
    await earn(client, visitor, 3);
    const credits = new CreditsPage(visitor.page);
    await credits.open();
    await credits.expectLog('proven');
    const checkpoint = async () => new TextDecoder().decode(await client.logFile('checkpoint'));
    const entries = async () => Number((await checkpoint()).split('\n')[1]);
    const seen = await entries();

    await credits.close();
    await visitor.stop();
    await credits.open();
    await coordinator.kill9();
    await rm(coordinator.dataDir, { recursive: true });
    await cp(backup, coordinator.dataDir, { recursive: true });
    await rm(join(coordinator.dataDir, 'log'), { recursive: true });
    await coordinator.restart();
    await volunteers.host();
    const job = await postBalls(client, { items: 6, engine: 'any', verification: UNCHECKED });
    await job.done();
    await expect.poll(entries).toBeGreaterThan(seen);
    await visitor.page.getByTestId('log-check').click();
    await credits.expectAlarm('fork');
    const text = (await credits.page.getByTestId('log-evidence').textContent())!;
    const { evidence } = JSON.parse(text) as { evidence: Record<string, string> };
    const { origin } = await client.log();
    for (const note of [evidence['knownCheckpoint'], evidence['servedCheckpoint']]) {
      expect(note).toContain(`\u2014 ${origin} `);
    }
    expect(evidence['knownCheckpoint']).not.toBe(evidence['servedCheckpoint']);
  } finally {
    await rm(backup, { recursive: true, force: true });
  }
});
