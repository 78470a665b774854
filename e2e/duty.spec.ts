/**
 * How much a tab works, how soon it stops and how soon another takes over, measured on a machine that does nothing else.
 *
 * How much is work is recorded apart from the product's own measure: submissions to the GPU and their ends, and the
 * worker's rests, as the browser's interfaces are called.
 */
import { ENDLESS, UNCHECKED, postBalls } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';
import { recordWork, workOf } from './fixtures/workRecord.ts';

/** Items that only the GPU computes, so that its slices can be counted. */
const ON_GPU = { items: 4000, engine: 'gpu', verification: UNCHECKED, itemsPerShard: 2 } as const;

/** `IDLEWAVE_DUTY_SECONDS=60` measures as long as is promised; so long a piece of it shows the same. */
const WINDOW_MS = Number(process.env['IDLEWAVE_DUTY_SECONDS'] ?? 15) * 1_000;

test.describe('the duty cycle', () => {
  for (const engine of ['any', 'gpu'] as const) {
    for (const percent of [25, 50, 100]) {
      const what = engine === 'gpu' ? 'the GPU' : 'the processor';
      test(`${what} works ${percent} % of a minute, within 5 points`, async ({
        client,
        volunteers,
      }) => {
        await postBalls(client, engine === 'gpu' ? ON_GPU : { ...ENDLESS, itemsPerShard: 4 });
        const visitor = await volunteers.visit({ gpuPercent: percent, cpuPercent: percent });
        await recordWork(visitor.page, engine === 'gpu');
        await visitor.start();
        await visitor.expectMore('shards', 1);
        await expect(visitor.main).toHaveAttribute(
          'data-engine',
          engine === 'gpu' ? 'webgpu' : 'cpu',
        );
        const fromMs = await workOf(visitor.page).nowMs();
        await visitor.page.waitForTimeout(WINDOW_MS);
        const share = await workOf(visitor.page).shareSince(fromMs, engine === 'gpu');
        test.info().annotations.push({ type: 'measured', description: `${share * 100} %` });
        console.log(`${what}: ${percent} % wanted, ${(share * 100).toFixed(1)} % measured`);
        expect(Math.abs(share * 100 - percent)).toBeLessThanOrEqual(5);
        // What the page says of itself is of the same minute.
        const shown = Number(await visitor.page.getByTestId('controls').getAttribute('data-duty'));
        expect(Math.abs(shown * 100 - percent)).toBeLessThanOrEqual(5);
      });
    }
  }
});

test('pause stops the GPU within 100 ms', async ({ client, volunteers }) => {
  await postBalls(client, ON_GPU);
  const visitor = await volunteers.visit();
  await recordWork(visitor.page);
  await visitor.start();
  await visitor.expectMore('shards', 1);
  const lateMs: number[] = [];
  for (let i = 0; i < 5; i++) {
    await visitor.expectState('working');
    const shards = await visitor.number('shards');
    await visitor.expectMore('shards', shards);
    const clickedMs = await visitor.page.getByTestId('pause').evaluate((button: HTMLElement) => {
      button.click();
      return Date.now();
    });
    await visitor.expectState('paused');
    lateMs.push((await workOf(visitor.page).lastGpuEndMs()) - clickedMs);
    await visitor.resume();
  }
  console.log(`after the click the GPU worked for ${lateMs.join(', ')} ms`);
  // Recorded ends, and the middle one of five: the GPU is software and shares its cores with everything else here.
  const middle = [...lateMs].sort((a, b) => a - b)[2]!;
  expect(middle).toBeLessThanOrEqual(100);
});

test('another tab takes over within two seconds when the one that computes is closed', async ({
  client,
  volunteers,
}) => {
  await postBalls(client, ENDLESS);
  const first = await volunteers.join();
  await first.expectState('working');
  const second = await volunteers.secondTab(first);
  await second.start();
  await second.expectState('elsewhere');
  await second.page.evaluate(noteWhenOn);
  const leftMs = await second.page.evaluate(() => Date.now());
  await first.leave();
  await second.expectState('working');
  const onMs = await second.page.evaluate(() => (window as unknown as { onMs: number }).onMs);
  console.log(`another tab took over ${onMs - leftMs} ms after the first was closed`);
  expect(onMs - leftMs).toBeLessThanOrEqual(2_000);
});

/** In the page: when it no longer says that another tab computes. */
function noteWhenOn(): void {
  const main = document.querySelector<HTMLElement>('main[data-state]')!;
  const observer = new MutationObserver(() => {
    if (main.dataset['state'] === 'elsewhere') return;
    (window as unknown as { onMs: number }).onMs = Date.now();
    observer.disconnect();
  });
  observer.observe(main, { attributeFilter: ['data-state'] });
}
