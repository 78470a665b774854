/**
 * Two tabs, in browser profiles of their own, exchange tensors over real WebRTC, and tell when the other one is gone.
 */
import { test as base, expect, type Browser, type Page } from '@playwright/test';
import { noiseBytes } from './peers/noiseBytes.ts';
import { startPeerSite, type PeerSite } from './peers/peerSite.ts';
import type { ConnectAsk, PeersInPage } from './peers/peersInPage.ts';
import { digestOf } from '../shared/digest.ts';

const test = base.extend<object, { site: PeerSite }>({
  site: [
    async ({}, use) => {
      const site = await startPeerSite();
      await use(site);
      site.stop();
    },
    { scope: 'worker' },
  ],
});

declare global {
  interface Window {
    peers: PeersInPage;
  }
}

async function openTab(
  browser: Browser,
  site: PeerSite,
  id: string,
  signals = true,
): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => 'peers' in window);
  const options = { url: site.url, id, signalling: signals ? site.signalling : null };
  await page.evaluate((given) => window.peers.start(given), options);
  return page;
}

let pair = 0;

/** Two tabs that are connected, the caller first. */
async function connectedTabs(
  browser: Browser,
  site: PeerSite,
  options: Partial<ConnectAsk> = {},
): Promise<{ tabs: [Page, Page]; paths: string[] }> {
  pair += 1;
  const ids = [`caller-${pair}`, `polite-${pair}`] as const;
  const tabs: [Page, Page] = [
    await openTab(browser, site, ids[0]),
    await openTab(browser, site, ids[1]),
  ];
  const paths = await Promise.all(
    tabs.map((tab, i) =>
      tab.evaluate((ask) => window.peers.connect(ask), {
        ...options,
        to: ids[1 - i]! + (options.onPage === true ? '-page' : ''),
        polite: i === 1,
      }),
    ),
  );
  return { tabs, paths };
}

const closeAll = (tabs: readonly Page[]): Promise<unknown> =>
  Promise.all(tabs.map((tab) => tab.context().close()));

const SIZES = [1, 100, 10_000, 65_536, 262_112, 262_113, 1_000_003, 8 * 1024 * 1024];

async function exchange(tabs: readonly [Page, Page]): Promise<void> {
  const all = await Promise.all(
    tabs.map((tab, i) =>
      tab.evaluate(([sizes, first]) => window.peers.send(sizes, first), [SIZES, i * 100] as const),
    ),
  );
  const ends = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.peers.ended())));
  expect(ends).toEqual([null, null]);
  expect(all.flat()).toEqual(Array.from({ length: 2 * SIZES.length }, () => 'sent'));
  for (const [i, tab] of tabs.entries()) {
    const arrived = () =>
      tab.evaluate(() => ({ came: window.peers.came().length, ended: window.peers.ended() }));
    await expect.poll(arrived).toEqual({ came: SIZES.length, ended: null });
    const first = (1 - i) * 100;
    expect(await tab.evaluate(() => window.peers.came())).toEqual(
      SIZES.map((bytes, at) => ({
        sequence: first + at,
        digest: digestOf(noiseBytes(bytes, first + at)),
        bytes,
      })),
    );
    await tab.waitForFunction((n) => window.peers.acked().length === n, SIZES.length);
  }
}

test('peers: a data channel keeps the contract of a byte channel', async ({ browser, site }) => {
  const tab = await openTab(browser, site, 'alone');
  const results = await tab.evaluate(() => window.peers.conformance());
  expect(Object.keys(results).length).toBeGreaterThan(4);
  expect(results).toEqual(Object.fromEntries(Object.keys(results).map((n) => [n, 'passed'])));
  expect(await tab.evaluate(() => window.peers.loadedPeerJs())).toBe(false);
  await closeAll([tab]);
});

/** With every core busy, an association of Chromium's stood still for up to 22 s, and then went on (T3-rtx backs off). */
const PATIENT = { messageStallMs: 100_000, creditStallMs: 100_000, silenceMs: 100_000 };

for (const [how, options] of [
  ['over one lane', {}],
  ['over three lanes', { lanes: 3 }],
  ['with links on the page', { onPage: true }],
] as const) {
  test(`peers: two tabs exchange tensors of all sizes ${how}`, async ({ browser, site }) => {
    const before = site.relayedBytes();
    const { tabs, paths } = await connectedTabs(browser, site, { ...options, limits: PATIENT });
    expect(paths).toEqual(['direct', 'direct']);
    expect(await tabs[0].evaluate(() => window.peers.hello())).toBe('hello of the polite');
    expect(await tabs[1].evaluate(() => window.peers.hello())).toBe('hello of the caller');
    await exchange(tabs);
    expect(site.relayedBytes()).toBe(before);
    await closeAll(tabs);
  });
}

test('peers: links live in a worker, with channels that moved there', async ({ browser, site }) => {
  const { tabs } = await connectedTabs(browser, site);
  for (const tab of tabs) {
    expect(await tab.evaluate(() => window.peers.usesWorker())).toBe(true);
    expect(await tab.evaluate(() => window.peers.loadedPeerJs())).toBe(true);
    expect(tab.workers()).toHaveLength(1);
  }
  await closeAll(tabs);
});

test('peers: without a direct path tabs use the relay, and say so', async ({ browser, site }) => {
  const before = site.relayedBytes();
  const tabs: [Page, Page] = [
    await openTab(browser, site, 'no-rtc-1', false),
    await openTab(browser, site, 'no-rtc-2'),
  ];
  const asks = [
    { to: 'no-rtc-2', polite: false },
    { to: 'no-rtc-1', polite: true, deadlineMs: 2_000 },
  ];
  const paths = await Promise.all(
    tabs.map((tab, i) => tab.evaluate((ask) => window.peers.connect(ask), asks[i]!)),
  );
  expect(paths).toEqual(['relayed', 'relayed']);
  await exchange(tabs);
  expect(site.relayedBytes() - before).toBeGreaterThan(2 * 8 * 1024 * 1024);
  await closeAll(tabs);
});

test('peers: a caller that is early calls again', async ({ browser, site }) => {
  const caller = await openTab(browser, site, 'early');
  const late = await openTab(browser, site, 'late');
  const calling = caller.evaluate((ask) => window.peers.connect(ask), {
    to: 'late',
    polite: false,
  });
  await late.waitForTimeout(1_000);
  const answered = await late.evaluate((ask) => window.peers.connect(ask), {
    to: 'early',
    polite: true,
  });
  expect([await calling, answered]).toEqual(['direct', 'direct']);
  await exchange([caller, late]);
  await closeAll([caller, late]);
});

test('peers: nobody answers a stranger', async ({ browser, site }) => {
  const caller = await openTab(browser, site, 'stranger', true);
  const other = await openTab(browser, site, 'other', true);
  const waiting = other.evaluate((ask) => window.peers.connect(ask), {
    to: 'somebody-else',
    polite: true,
    deadlineMs: 3_000,
  });
  const ask = { to: 'other', polite: false, deadlineMs: 2_000 };
  expect(await caller.evaluate((given) => window.peers.connect(given), ask)).toMatch(/^no-path/);
  expect(await waiting).toMatch(/^no-path/);
  await closeAll([caller, other]);
});

/** A tab that crashes says nothing: that its machine is silent shows only after 4 s (web/peer/linkTypes.ts). */
for (const [how, toldWithinMs, leave] of [
  ['is closed', 2_000, (tab: Page) => tab.close()],
  ['goes to another page', 2_000, (tab: Page) => tab.goto('about:blank')],
  ['crashes', 6_000, (tab: Page) => tab.goto('chrome://crash').catch(() => undefined)],
] as const) {
  test(`peers: a tab that ${how} in the middle of a transfer is told of`, async ({
    browser,
    site,
  }) => {
    const { tabs } = await connectedTabs(browser, site);
    const [stays, goes] = tabs;
    // Never acknowledged, so that it ends in the middle.
    const sending = goes.evaluate(() => {
      const eight = Array.from({ length: 100 }, () => 8 * 1024 * 1024);
      return window.peers.send(eight);
    });
    sending.catch(() => undefined);
    await stays.waitForFunction(() => window.peers.came().length > 0);
    const leftAtMs = Date.now();
    void leave(goes);
    await stays.waitForFunction(() => window.peers.ended() !== null);
    const ended = await stays.evaluate(() => window.peers.ended());
    expect(['left', 'lost', 'stalled']).toContain(ended!.end.kind);
    expect(ended!.atMs - leftAtMs).toBeLessThan(toldWithinMs);
    await closeAll([stays]);
  });
}
