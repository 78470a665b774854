/**
 * Pages that want a visitor's computer without asking: none of them gets the widget to start, or so much as to load what
 * computes.
 */
import { ENDLESS, postBalls } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/widgetTest.ts';
import type { WidgetPage } from './pages/widgetPage.ts';

/** Longer than the widget takes from a click to the first request that a start makes. */
const LONG_ENOUGH_MS = 3_000;

const asStyle = (css: string) => ({ head: `<style>${css}</style>` });
const WIDGET = 'idlewave-widget';
const OVER =
  'position: fixed; inset: 0; z-index: 9; pointer-events: none; background: rgb(240, 240, 240)';

async function expectNothing(widget: WidgetPage): Promise<void> {
  await widget.page.waitForTimeout(LONG_ENOUGH_MS);
  widget.expectNothingFetched();
  expect(await widget.heard()).toEqual([]);
  await expect(widget.card).toHaveAttribute('data-phase', 'asking');
}

/** The middle of the start button on the page, wherever that is. */
async function middleOf(widget: WidgetPage): Promise<{ x: number; y: number }> {
  const box = (await widget.frame.getByTestId('widget-start').boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Presses and lets go where the pointer is: not `WidgetPage.click`, which aims first. */
async function press({ page }: WidgetPage): Promise<void> {
  await page.mouse.down();
  await page.mouse.up();
}

/** A person who clicks where the button is, whatever they see there. */
async function clickThrough(widget: WidgetPage): Promise<void> {
  await expect(widget.card).toBeAttached();
  await widget.page.waitForTimeout(1_000);
  const { x, y } = await middleOf(widget);
  await widget.page.mouse.move(x, y, { steps: 4 });
  await widget.page.waitForTimeout(1_000);
  await press(widget);
}

const HIDDEN: readonly (readonly [name: string, css: string, body: string, refusal: string])[] = [
  ['made transparent', `${WIDGET} { opacity: 0 }`, '', 'not-seen'],
  ['made nearly transparent', `${WIDGET} { opacity: 0.9 }`, '', 'not-seen'],
  ['transparent by a parent', 'body { opacity: 0.01 }', '', 'not-seen'],
  ['covered by what lets clicks through', '', `<div style="${OVER}">Win a prize</div>`, 'not-seen'],
  [
    'covered in part: who benefits cannot be read',
    '',
    `<div style="${OVER}; inset: 0 0 auto 0; height: 60px">Free video</div>`,
    'not-seen',
  ],
  ['transformed', `${WIDGET} { transform: rotate(2deg) }`, '', 'not-seen'],
  ['filtered', `${WIDGET} { filter: brightness(2) }`, '', 'not-seen'],
  ['clipped to its button', `${WIDGET} { clip-path: inset(150px 0 0 0) }`, '', 'not-seen'],
];

test('a frame that is not wholly seen starts nothing, and says why', async ({
  client,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  for (const [name, css, body, refusal] of HIDDEN) {
    await test.step(name, async () => {
      const widget = await visitWidget({ ...asStyle(css), body });
      await clickThrough(widget);
      await widget.expectRefusal(refusal);
      await expectNothing(widget);
      await widget.page.close();
    });
  }
});

test('a frame squeezed until nothing can be read starts nothing', async ({
  client,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  const widget = await visitWidget({
    body: `<script type="module">
      const frame = document.querySelector('${WIDGET}').shadowRoot.querySelector('iframe');
      const squeeze = () => { frame.style.height = '60px'; };
      new MutationObserver(squeeze).observe(frame, { attributes: true });
      squeeze();
    </script>`,
  });
  await expect(widget.card).toBeAttached();
  await widget.page.waitForTimeout(1_500);
  const start = widget.frame.getByTestId('widget-start');
  await start.evaluate((it) => (it as HTMLButtonElement).scrollIntoView());
  await clickThrough(widget);
  await expectNothing(widget);
});

test('a frame that is moved under the pointer at the click starts nothing', async ({
  client,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  const widget = await visitWidget(
    asStyle(`${WIDGET} { position: fixed; left: 500px; top: 20px }`),
  );
  const { page } = widget;
  await expect(widget.card).toBeVisible();
  await page.waitForTimeout(1_500);
  const { x, y } = await middleOf(widget);
  // Somebody is about to click on something of the page, at the left.
  await page.mouse.move(x - 480, y, { steps: 5 });
  await page.waitForTimeout(600);
  await page.locator(WIDGET).evaluate((it) => ((it as HTMLElement).style.left = '20px'));
  await press(widget);
  await expectNothing(widget);
  // The same with a frame to be drawn in between.
  await page.locator(WIDGET).evaluate((it) => ((it as HTMLElement).style.left = '500px'));
  await page.waitForTimeout(1_500);
  await page.locator(WIDGET).evaluate((it) => ((it as HTMLElement).style.left = '20px'));
  await page.waitForTimeout(150);
  await press(widget);
  await expectNothing(widget);
});

test('a frame that comes out from below just before the click starts nothing', async ({
  client,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  const widget = await visitWidget({
    body: `<div id="over" style="${OVER}">Click here</div>`,
  });
  const { page } = widget;
  await expect(widget.card).toBeAttached();
  const { x, y } = await middleOf(widget);
  await page.mouse.move(x, y, { steps: 4 });
  await page.waitForTimeout(1_000);
  await page.locator('#over').evaluate((it) => it.remove());
  await page.waitForTimeout(200);
  await press(widget);
  await expectNothing(widget);
});

test('a double click, whose first half was for the page, starts nothing', async ({
  client,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  const widget = await visitWidget();
  await expect(widget.card).toBeVisible();
  await widget.page.waitForTimeout(1_500);
  const { x, y } = await middleOf(widget);
  await widget.page.mouse.move(x, y, { steps: 4 });
  await widget.page.mouse.dblclick(x, y);
  await expectNothing(widget);
});

test('clicks, keys and messages that the page makes up start nothing', async ({
  client,
  coordinator,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  const widget = await visitWidget();
  const { page } = widget;
  await expect(widget.card).toBeVisible();
  await page.waitForTimeout(1_500);
  await page
    .locator(WIDGET)
    .evaluate((element, origin) => {
      const frame = element.shadowRoot!.querySelector('iframe')!;
      for (const it of [element, frame] as HTMLElement[]) {
        it.click();
        it.focus();
        it.dispatchEvent(new MouseEvent('click', { bubbles: true }));
        it.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
        it.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
      }
      for (const type of ['start', 'started', 'confirmed', 'look', 'ready', 'click']) {
        for (const extra of [{}, { nonce: '0'.repeat(32) }, { theme: 'dark', size: 'huge' }]) {
          frame.contentWindow!.postMessage({ idlewave: 1, type, ...extra }, origin);
          frame.contentWindow!.postMessage(JSON.stringify({ idlewave: 1, type }), '*');
        }
      }
      frame.contentWindow!.location.hash = '#confirm=' + '0'.repeat(32);
    }, coordinator.url)
    .catch(() => undefined);
  // The frame has the focus, and the visitor goes on typing to the page.
  await page.keyboard.press('Enter');
  await page.keyboard.press('Space');
  await expectNothing(widget);

  // Even a click inside of the frame, made by a script that somehow got there.
  await widget.frame.getByTestId('widget-start').evaluate((button) => {
    (button as HTMLButtonElement).click();
    button.dispatchEvent(new PointerEvent('click', { bubbles: true, detail: 1 }));
  });
  await widget.expectRefusal('not-a-person');
  await expectNothing(widget);
});

test('the page is not told what the frame never said', async ({ visitWidget }) => {
  const widget = await visitWidget();
  await expect(widget.card).toBeVisible();
  // The page posts to itself, and another frame of it to the page.
  await widget.page.evaluate(() => {
    postMessage({ idlewave: 1, type: 'credit', microCredits: '1', visitMicroCredits: '1' }, '*');
    const other = document.body.appendChild(document.createElement('iframe'));
    other.srcdoc = `<script>parent.postMessage({ idlewave: 1, type: 'started' }, '*')</script>`;
  });
  await widget.page.waitForTimeout(1_000);
  expect(await widget.heard()).toEqual([]);
});

test('taken out of sight, it starts nothing; it rests when it computed', async ({
  client,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  const widget = await visitWidget();
  const { page } = widget;
  await expect(widget.card).toBeVisible();
  await page.waitForTimeout(1_500);
  const { x, y } = await middleOf(widget);
  await page.mouse.move(x, y, { steps: 4 });
  await page.waitForTimeout(600);
  const style = (css: string) =>
    page.locator(WIDGET).evaluate((it, text) => it.setAttribute('style', text), css);
  await page.mouse.down();
  // Gone between the press and the release, and back.
  await style('opacity: 0');
  await page.mouse.up();
  await expectNothing(widget);
  await style('');

  await widget.click();
  await widget.expectHeard('credit');
  for (const css of ['opacity: 0', 'display: none']) {
    await style(css);
    await expect
      .poll(() => widget.lastStatus(), { message: css })
      .toMatchObject({ type: 'paused', detail: { reason: 'hidden' } });
    await style('');
    await expect
      .poll(() => widget.lastStatus(), { message: css })
      .toMatchObject({ type: 'started' });
  }
});

test('an unregistered page gets an explanation without a script; an unknown site too', async ({
  client,
  coordinator,
  hosts,
  visitWidget,
}) => {
  const other = await client.addSite({
    name: 'Elsewhere',
    origins: ['https://elsewhere.example'],
    proposedPercent: 5,
  });
  for (const site of [other.id, 'site_none']) {
    const widget = await visitWidget({}, { site });
    await expect(widget.frame.locator('h1')).toHaveText('Idlewave is not set up for this page');
    expect(widget.requests.filter((url) => url.includes('.js'))).toEqual([
      `${coordinator.url}/widget.js`,
    ]);
    // What the author wrote inside of the element is shown when the frame is not coming.
    await widget.expectHeard('unavailable');
    await expect(widget.page.getByRole('link', { name: 'Lend a tab' })).toBeVisible();
  }
  // A page that lies about where it is: the browser knows better.
  const query = `site=${other.id}&from=https://elsewhere.example`;
  for (const path of [`/widget/?${query}`, `/widget/?site=${other.id}`, '/', '/#contribute']) {
    const url = hosts.add('liar', {
      body: `<iframe id="it" src="${coordinator.url}${path}"></iframe>`,
    });
    const widget = await visitWidget();
    await widget.page.goto(url);
    await widget.page.waitForTimeout(1_000);
    const [frame] = widget.page.frames().filter((it) => it.parentFrame() !== null);
    expect(await frame!.evaluate(() => document.querySelector('#app') === null)).toBe(true);
    expect(frame!.url()).toMatch(/^chrome-error:/);
  }
});
