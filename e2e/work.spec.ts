/**
 * Choosing work and seeing it: what a volunteer wishes for is what its tab is given, and what the page shows of the work is
 * what was computed.
 */
import { readFile } from 'node:fs/promises';
import { IdlewaveClient } from '../sdk/client.ts';
import { runDirectly } from '../sdk/demo/digits.ts';
import { itemOf, tensorOf, valuesOf } from '../shared/tensor.ts';
import { SETTINGS_KEY } from '../web/volunteer/controls/settings.ts';
import { postBalls, postDigits } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';

const UNCHECKED = { kind: 'quorum', quorum: 1 } as const;
const ENDLESS = { items: 4000, engine: 'any', verification: UNCHECKED } as const;

const go = async ({ page }: ContributePage, hash: string): Promise<void> => {
  await page.evaluate((next) => (location.hash = next), hash);
};

test.describe('choosing work', () => {
  test('a tab that leaves an author out gets none of his work and gets the other’s, from the next piece on', async ({
    coordinator,
    client,
    volunteers,
  }) => {
    const { key } = await client.createKey('another author');
    const other = new IdlewaveClient({ url: coordinator.url, key });
    const [mine, theirs] = [await postBalls(client, ENDLESS), await postBalls(other, ENDLESS)];
    const visitor = await volunteers.join();
    // Authors take turns.
    await expect.poll(async () => (await mine.refresh()).items.settled).toBeGreaterThan(0);
    await expect.poll(async () => (await theirs.refresh()).items.settled).toBeGreaterThan(0);

    await go(visitor, '#jobs');
    const card = visitor.page
      .getByTestId('open-job')
      .filter({ has: visitor.page.locator('code', { hasText: 'operator' }) });
    await card.getByTestId('authors-not').click();
    await expect(card.getByTestId('against')).toContainText('left out its author');
    await visitor.expectAccessible();
    await visitor.picture('jobs-chosen', test.info());
    const theirsGrows = async (): Promise<void> => {
      const { settled } = (await theirs.refresh()).items;
      await expect
        .poll(async () => (await theirs.refresh()).items.settled)
        .toBeGreaterThan(settled + 10);
    };
    // What the tab had begun before is in by then.
    await theirsGrows();
    const before = (await mine.refresh()).items.settled;
    await theirsGrows();
    expect((await mine.refresh()).items.settled).toBe(before);
    // Over the same link: nothing was opened anew.
    expect(visitor.sockets).toHaveLength(1);
    const { waiting, shards } = await mine.explain();
    expect(waiting.map(({ text }) => text)).toContain('1 volunteer excludes it: 1 by its author.');
    expect(shards.at(-1)?.reason).toContain('1 volunteer excludes it');

    // Kept over a visit, said by the tab itself, and taken back among the controls.
    await card.getByTestId('jobs-not').click();
    await visitor.reload();
    await go(visitor, '#');
    await visitor.page.getByTestId('more-controls').locator('summary').click();
    const wished = visitor.page.getByTestId('wished');
    await expect(wished).toHaveCount(2);
    await visitor.expectAccessible();
    await wished.getByRole('button').first().click();
    await wished.getByRole('button').first().click();
    await expect(wished).toHaveCount(0);
    if ((await visitor.main.getAttribute('data-state')) === 'idle') await visitor.start();
    await expect.poll(async () => (await mine.refresh()).items.settled).toBeGreaterThan(before);
    visitor.expectNothingForeign();
  });

  test('who wants models only, or a better rate, is told why it waits, and gets what comes', async ({
    client,
    volunteers,
  }) => {
    await postBalls(client, ENDLESS);
    const visitor = await volunteers.join();
    await visitor.expectMore('shards', 0);
    await visitor.page.getByTestId('more-controls').locator('summary').click();
    await visitor.page.getByLabel('Kinds of work').selectOption('model');
    await visitor.expectState('waiting');
    await expect(visitor.main).toContainText('is not what you have chosen');
    await visitor.page.getByLabel('Kinds of work').selectOption('any');
    await visitor.expectState('working');
    await visitor.page.getByLabel('At least this much credit').fill('150');
    await visitor.page.getByLabel('At least this much credit').blur();
    await visitor.expectState('waiting');
    const before = await visitor.number('items');
    await client.submit({
      name: 'dearer',
      program: {
        kernel: 'montecarlo@1',
        params: { dimensions: 3, samplesPerItem: 2 ** 16, seed: 1 },
      },
      items: 5,
      itemsPerShard: 1,
      verification: UNCHECKED,
      ratePercent: 150,
    });
    await expect.poll(() => visitor.number('items')).toBe(before + 5);
    await visitor.expectState('waiting');
  });
});

test.describe('seeing the work', () => {
  test('the digit that is shown is what the model reads in that item, and the session is summed up', async ({
    client,
    volunteers,
  }) => {
    const { job, model, images } = await postDigits(client, 3000, UNCHECKED);
    const { logits } = await runDirectly(model, images);
    // Slowly, so that there are several to see.
    const visitor = await volunteers.visit({ cpuPercent: 5, gpuPercent: 5 });
    await visitor.start();
    const { page } = visitor;
    const figure = page.getByTestId('work-picture');
    await expect(figure).toHaveAttribute('data-kind', 'digit');
    await expect(page.getByTestId('now-running')).toContainText(job.view.name);
    await expect(page.getByTestId('now-running')).toContainText('operator');
    for (let i = 0; i < 3; i++) {
      const shown = await figure.evaluate((it: HTMLElement) => ({
        item: Number(it.dataset['item']),
        caption: it.querySelector('[data-testid=work-caption]')!.textContent ?? '',
      }));
      const scores = [...(valuesOf(itemOf(logits!, shown.item)) as Float32Array)];
      const digit = scores.indexOf(Math.max(...scores));
      expect(shown.caption).toContain(`Read as ${digit}.`);
      if (i < 2) await expect(figure).not.toHaveAttribute('data-item', String(shown.item));
    }
    await expect(page.getByTestId('credit-final')).not.toHaveText('0.00');
    await visitor.picture('seeing-digits', test.info());
    await visitor.expectAccessible();

    await visitor.stop();
    const summary = page.getByTestId('session-summary');
    await expect(summary).toContainText(job.view.name);
    await visitor.picture('session', test.info());
    await visitor.expectAccessible();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByTestId('share').click(),
    ]);
    const png = await readFile(await download.path());
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630]);
    await download.saveAs(test.info().outputPath('card.png'));
    await expect(summary).toContainText('was saved');

    // Where the system can share, it is handed the picture and its words.
    await page.evaluate(() => {
      navigator.canShare = () => true;
      navigator.share = (data) => {
        const [file] = data!.files!;
        (window as unknown as { handed: string }).handed = `${file!.type} ${data!.text!}`;
        return Promise.resolve();
      };
    });
    await page.getByTestId('share').click();
    await expect
      .poll(() => page.evaluate(() => (window as unknown as { handed?: string }).handed))
      .toContain('image/png I lent a browser tab');
    visitor.expectNothingForeign();

    // A session begins anew with the next start.
    await visitor.start();
    await expect(page.getByTestId('session-summary')).toHaveCount(0);
  });

  test('what has no picture shows none, also not that of the job before', async ({
    client,
    volunteers,
  }) => {
    const ball = await postBalls(client, { ...ENDLESS, items: 60 });
    const visitor = await volunteers.join();
    const { page } = visitor;
    const figure = page.getByTestId('work-picture');
    await expect(figure).toHaveAttribute('data-kind', 'volume');
    await expect(page.getByTestId('work-caption')).toContainText('4.18879 in truth');
    await visitor.picture('seeing-volume', test.info());
    await ball.done();

    const bodies = 200;
    const cloud = (spread: number) =>
      tensorOf(
        'F32',
        [20, bodies, 4],
        Float32Array.from({ length: 20 * bodies * 4 }, (_, i) =>
          i % 4 === 3 ? 1 / bodies : spread * Math.sin(i * 12.9898) * Math.cos(i * 0.37),
        ),
      );
    const params = { bodies, steps: 64, dtSeconds: 0.01, softeningMetres: 0.1 };
    await client.submit({
      name: 'a cloud of bodies',
      program: { kernel: 'nbody@1', params },
      inputs: { stacked: { positions: cloud(1), velocities: cloud(0.3) } },
      itemsPerShard: 1,
      verification: UNCHECKED,
    });
    await expect(figure).toHaveAttribute('data-kind', 'bodies');
    await visitor.picture('seeing-bodies', test.info());

    const square = (value: number) =>
      tensorOf('F32', [400, 96, 96], new Float32Array(400 * 96 * 96).fill(value));
    await client.submit({
      name: 'products',
      program: { kernel: 'matmul@1', params: { m: 96, k: 96, n: 96 } },
      inputs: { stacked: { a: square(1), b: square(2) } },
      itemsPerShard: 2,
      verification: UNCHECKED,
    });
    await expect(page.getByTestId('now-running')).toContainText('products');
    await expect(figure).toHaveCount(0);
    visitor.expectNothingForeign();
  });
});

test.describe('ready for work', () => {
  test('says what the device can run, and why an open job does not fit', async ({
    client,
    volunteers,
  }) => {
    await postBalls(client, ENDLESS);
    const visitor = await volunteers.visit();
    const { page } = visitor;
    await go(visitor, '#ready');
    await expect(page.locator('h1')).toBeFocused();
    const device = page.getByTestId('device');
    await expect(device).toContainText('WebAssembly');
    const job = page.getByTestId('ready-job');
    await expect(job).toHaveAttribute('data-fits', 'true');
    // Looking is not computing, and nothing was joined.
    expect(visitor.sockets).toEqual([]);
    await page.getByTestId('measure').click();
    await expect(page.getByTestId('measured')).toContainText('operations a second');
    expect(visitor.sockets).toEqual([]);
    await visitor.picture('ready', test.info());
    await visitor.expectAccessible();

    await go(visitor, '#');
    await page.getByTestId('more-controls').locator('summary').click();
    await page.getByLabel('Kinds of work').selectOption('model');
    await go(visitor, '#ready');
    await expect(job).toHaveAttribute('data-fits', 'false');
    await expect(job).toContainText('you chose the other kind of work');
    visitor.expectNothingForeign();
  });

  test('settings travel in the address, are shown first, and taken by a click only', async ({
    coordinator,
    volunteers,
  }) => {
    const giver = await volunteers.visit({ gpuPercent: 35, inBackground: false });
    await go(giver, '#ready');
    const address = await giver.page.getByTestId('settings-link').inputValue();
    expect(address.startsWith(`${coordinator.url}/#ready/`)).toBe(true);
    await expect(giver.page.getByRole('img', { name: 'QR' })).toBeVisible();

    const taker = await volunteers.visit();
    const { page } = taker;
    const kept = (): Promise<{ gpuPercent: number }> =>
      page.evaluate((key) => JSON.parse(localStorage.getItem(key)!) as never, SETTINGS_KEY);
    await page.goto(address);
    await page.reload();
    const offered = page.getByTestId('offered');
    await expect(page.getByTestId('offered-gpuPercent')).toContainText('100%');
    await expect(page.getByTestId('offered-gpuPercent')).toContainText('35%');
    await expect(page.getByTestId('offered-inBackground')).toContainText('yes');
    expect((await kept()).gpuPercent).toBe(100);
    await taker.picture('offered', test.info());
    await taker.expectAccessible();
    await page.getByTestId('keep').click();
    await expect(offered).toHaveCount(0);
    expect((await kept()).gpuPercent).toBe(100);

    await go(taker, new URL(address).hash);
    await page.getByTestId('take').click();
    await expect(page.getByTestId('settings-outcome')).toContainText('yours now');
    expect((await kept()).gpuPercent).toBe(35);
    await page.reload();
    await expect(page.getByTestId('device')).toBeVisible();
    await expect(offered).toHaveCount(0);

    await go(taker, '#ready/eyJncHVQZXJjZW50IjowfQ');
    await expect(offered).toContainText('cannot be read');
    expect((await kept()).gpuPercent).toBe(35);
    await taker.expectAccessible();
    taker.expectNothingForeign();
  });
});
