/**
 * The widget on pages of another site, in a real Chromium: it asks, computes after a click, and is heard by its page.
 */
import type { HostPage } from './fixtures/hostPages.ts';
import { ENDLESS, postBalls } from './fixtures/jobs.ts';
import { expect, tagOf, test } from './fixtures/widgetTest.ts';
import { aimAt, WidgetPage } from './pages/widgetPage.ts';

const CONTEXTS: readonly (readonly [string, (coordinator: string) => Partial<HostPage>])[] = [
  ['a plain page', () => ({})],
  [
    'a strict policy',
    (coordinator) => ({
      headers: {
        'Content-Security-Policy': `default-src 'none'; script-src ${coordinator}; frame-src ${coordinator}; img-src data:; require-trusted-types-for 'script'`,
      },
    }),
  ],
  [
    'an isolated page (COOP and COEP)',
    () => ({
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    }),
  ],
];

/** From consent to a credit, and to the end by one click. */
async function expectComputes(widget: WidgetPage): Promise<void> {
  await expect(widget.card).toContainText('The Test Journal');
  await expect(widget.frame.getByTestId('widget-share')).toContainText('25 %');
  widget.expectNothingFetched();
  await widget.click();
  await widget.expectHeard('started');
  await widget.expectHeard('credit');
  const credit = (await widget.heard()).find(({ type }) => type === 'credit');
  expect(Number(credit?.detail?.['microCredits'])).toBeGreaterThan(0);
  await widget.frame.getByTestId('widget-stop').click();
  await widget.expectHeard('stopped');
}

for (const [name, page] of CONTEXTS) {
  test(`${name}: it computes after a click, and the page hears of credit`, async ({
    client,
    coordinator,
    site,
    visitWidget,
  }) => {
    await postBalls(client, ENDLESS);
    const widget = await visitWidget(page(coordinator.url));
    await expectComputes(widget);
    expect(widget.errors).toEqual([]);
    expect(await widget.page.evaluate(() => Object.hasOwn(globalThis, 'IdlewaveWidget'))).toBe(
      false,
    );
    const own = (await client.sites()).find(({ id }) => id === site);
    expect(BigInt(own!.balance)).toBeGreaterThan(0n);
  });
}

const LANGUAGES = [
  ['de-CH', 'de-AT', 'de', 'ltr', 'Mitrechnen', 'Rechnet'],
  ['es', 'fr-FR', 'es', 'ltr', 'Empezar a calcular', 'Calculando'],
  ['ar', 'ar-EG', 'ar', 'rtl', 'ابدأ الحساب', 'يحسب'],
  // What is agreed to has to be understood.
  ['ar', 'en-US', 'en', 'ltr', 'Start computing', 'Computing'],
] as const;

for (const [tag, locale, code, direction, start, computing] of LANGUAGES) {
  test(`the page speaks ${tag}, the visitor ${locale}: it speaks ${code}`, async ({
    client,
    visitWidget,
  }) => {
    await postBalls(client, ENDLESS);
    const widget = await visitWidget({}, { attributes: `lang="${tag}" size="large"`, locale });
    await expect(widget.frame.getByTestId('widget-start')).toHaveText(start);
    const document = widget.frame.locator('html');
    await expect(document).toHaveAttribute('lang', code);
    await expect(document).toHaveAttribute('dir', direction);
    await widget.expectAccessible();
    widget.expectNothingFetched();
    await widget.click();
    await widget.expectHeard('credit');
    await expect(widget.card).toContainText(computing);
    await widget.expectAccessible();
    expect(widget.errors).toEqual([]);
  });
}

test('inside a sandboxed iframe it computes too', async ({
  browser,
  client,
  coordinator,
  hosts,
  site,
}) => {
  await postBalls(client, ENDLESS);
  const inner = hosts.add('inner', {
    body: `<script>
      for (const type of ['started', 'stopped', 'credit'])
        addEventListener(type, (event) => parent.document.dispatchEvent(
          new CustomEvent(type, { detail: event.detail })));
      </script>${tagOf(coordinator.url, site)}`,
  });
  const url = hosts.add('outer', {
    body: `<iframe id="inner" src="${inner}" width="500" height="400" sandbox="allow-scripts allow-same-origin"></iframe>`,
  });
  const context = await browser.newContext();
  const page = await context.newPage();
  const frame = page.frameLocator('#inner').frameLocator('idlewave-widget iframe');
  const widget = new WidgetPage(page, coordinator.url, frame);
  await widget.open(url);
  await expectComputes(widget);
  await context.close();
});

test('where the browser keeps nothing in frames of others, it works for the visit', async ({
  client,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  const widget = await visitWidget();
  // No pretence: a window without a profile is one in which Chromium shuts them all.
  const doors = await widget.card.evaluate(async () => {
    const shut = async (open: () => unknown): Promise<boolean> => {
      try {
        await open();
        return false;
      } catch {
        return true;
      }
    };
    return [
      await shut(() => localStorage.length),
      await shut(() => navigator.locks.query()),
      await shut(
        () =>
          new Promise((resolve, reject) => {
            const request = indexedDB.open('any');
            request.onsuccess = resolve;
            request.onerror = () => reject(new Error('refused'));
          }),
      ),
    ];
  });
  expect(doors).toEqual([true, true, true]);
  await widget.click();
  await widget.expectHeard('credit');
  await expect(widget.frame.getByTestId('widget-session')).toContainText('keeps nothing');
  expect(widget.errors).toEqual([]);
});

test('the answer is remembered, and nothing starts without a click', async ({
  client,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  const widget = await visitWidget({}, { profile: true });
  await widget.click();
  await widget.expectHeard('credit');
  await expect(widget.frame.getByTestId('widget-session')).toHaveCount(0);
  const fetched = widget.requests.length;
  await widget.page.reload();
  await expect(widget.frame.getByTestId('widget-before')).toContainText('said yes here before');
  await expect(widget.frame.getByTestId('widget-start')).toHaveText('Continue');
  const isCompute = (url: string): boolean => /\/v1\/|browserVolunteer/.test(url);
  expect(widget.requests.slice(fetched).filter(isCompute)).toEqual([]);
  await widget.click();
  await widget.expectHeard('credit');
  await widget.frame.getByTestId('widget-stop').click();
  await widget.expectHeard('stopped');
  await widget.page.reload();
  await expect(widget.frame.getByTestId('widget-before')).toContainText('stopped it here');
});

test('it follows the theme of its page, live, and takes the size it is given', async ({
  visitWidget,
}, testInfo) => {
  const widget = await visitWidget();
  const { page, frame } = widget;
  const ground = () => widget.card.evaluate((it) => getComputedStyle(it).backgroundColor);
  const [light, dark] = ['rgb(255, 255, 255)', 'rgb(17, 29, 33)'];
  await expect.poll(ground).toBe(light);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(ground).toBe(dark);
  // What the page declares goes before what the visitor prefers, and the attribute before both.
  await page.evaluate(() => (document.documentElement.style.colorScheme = 'light'));
  await expect.poll(ground).toBe(light);
  const set = (name: string, value: string) =>
    page
      .locator('idlewave-widget')
      .evaluate((it, [n, v]) => it.setAttribute(n!, v!), [name, value]);
  await set('theme', 'dark');
  await expect.poll(ground).toBe(dark);
  const height = () =>
    page.locator('idlewave-widget iframe').evaluate((it) => it.getBoundingClientRect().height);
  for (const size of ['badge', 'small', 'large', 'medium']) {
    await set('size', size);
    await expect(widget.card).toHaveClass(new RegExp(`\\b${size}\\b`));
    const own = await widget.card.evaluate((it) => Math.ceil(it.getBoundingClientRect().height));
    await expect.poll(height).toBe(own);
    await widget.expectAccessible();
    for (const theme of ['light', 'dark']) {
      await set('theme', theme);
      await page.screenshot({ path: testInfo.outputPath(`${size}-${theme}.png`) });
    }
  }
  await expect(frame.getByTestId('widget-start')).toBeVisible();
});

test('with the keyboard alone: a badge opens, starts and stops', async ({
  client,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  const widget = await visitWidget({}, { attributes: 'size="badge"' });
  const { page, frame } = widget;
  await expect(frame.getByTestId('widget-open')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(frame.getByTestId('widget-open')).toBeFocused();
  await page.keyboard.press('Enter');
  const start = frame.getByTestId('widget-start');
  await expect(start).toBeFocused();
  // At once it does not count; a moment later it does.
  await page.waitForTimeout(1_000);
  await page.keyboard.press('Enter');
  await widget.expectHeard('started');
  await widget.expectAccessible();
  await expect(frame.getByTestId('widget-stop')).toBeFocused();
  await page.keyboard.press('Enter');
  await widget.expectHeard('stopped');
  await expect(frame.getByTestId('widget-again')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(start).toBeFocused();
  await page.waitForTimeout(1_000);
  await page.keyboard.press('Enter');
  await expect(frame.getByTestId('widget-stop')).toBeFocused();
  await expect.poll(async () => (await widget.lastStatus())?.type).toBe('started');
});

test('a browser that cannot tell what hides a frame asks in a window of its own', async ({
  client,
  visitWidget,
}) => {
  await postBalls(client, ENDLESS);
  const widget = await visitWidget(
    {},
    {
      // As Firefox and Safari are: Intersection Observer without its second version.
      prepare: (page) =>
        page
          .context()
          .addInitScript(() =>
            Reflect.deleteProperty(IntersectionObserverEntry.prototype, 'isVisible'),
          ),
    },
  );
  const opened = widget.page.waitForEvent('popup');
  await widget.click();
  const popup = await opened;
  await expect(popup.getByTestId('widget-confirm')).toContainText('Compute for The Test Journal?');
  widget.expectNothingFetched();
  const yes = popup.getByTestId('widget-start');
  await aimAt(popup, yes);
  const closed = popup.waitForEvent('close');
  await popup.mouse.down();
  await popup.mouse.up();
  await closed;
  await widget.expectHeard('credit');
});
