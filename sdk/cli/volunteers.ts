/**
 * Volunteers without a person: real Chromium, the real page, the real button.
 *
 * Each volunteer has a browser context of its own, and so an identity of its own. A page that crashes is
 * opened again. Stopping leaves the page first, so that it gives its leases back like a closed tab.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { GIVE_ALL, SETTINGS_KEY } from '../../web/volunteer/controls/settings.ts';
import { messageOf } from '../../shared/result.ts';
import { sleep } from '../sleep.ts';
import { chromiumFlags } from './browser.ts';
import { CliError, EXIT } from './exitCode.ts';

export interface BrowserVolunteersOptions {
  /** The coordinator's public address: the page is its root. */
  readonly url: string;
  readonly count: number;
  readonly executablePath: string;
  /** `software` where absent: it works on every machine. */
  readonly gpu?: 'software' | 'real' | undefined;
  /** Where identities and caches are kept between runs; forgotten at the end where absent. */
  readonly profileDir?: string | undefined;
  readonly onEvent?: ((event: VolunteerEvent) => void) | undefined;
}

/** `volunteer` counts from 0. */
export type VolunteerEvent =
  | {
      readonly kind: 'state';
      readonly volunteer: number;
      /** `data-state` of the page: connecting, working, waiting, … */
      readonly state: string;
      readonly items: number;
      /** As the page shows it. */
      readonly credits: string;
    }
  | { readonly kind: 'problem'; readonly volunteer: number; readonly text: string };

export interface BrowserVolunteers {
  /** The pages now; one that crashed is replaced. */
  readonly pages: readonly Page[];
  /** Leaves the pages and closes the browser. Safe to call twice. */
  stop(): Promise<void>;
}

/** The page must have shown its button by then, even on a slow machine. */
const START_DEADLINE_MS = 60_000;
/** A page that says goodbye sends one beacon. */
const GOODBYE_DEADLINE_MS = 5_000;
/** Before a page that crashed is opened again: doubled each time, up to a minute. */
const REOPEN_DELAY_MS = 1_000;
const MAX_REOPEN_DELAY_MS = 60_000;

/** Resolves when every volunteer has been started. Throws `CliError` or what Playwright throws; then nothing is left running. */
export async function startBrowserVolunteers(
  options: BrowserVolunteersOptions,
): Promise<BrowserVolunteers> {
  const stopping = new AbortController();
  const pages: Page[] = [];
  const contexts = await openContexts(options);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping.abort();
    stopped ??= closeAll(pages, contexts);
    return stopped;
  };
  const open = async (volunteer: number): Promise<void> => {
    pages[volunteer] = await openVolunteer(contexts.each[volunteer]!, volunteer, options, () => {
      void reopen(volunteer);
    });
  };
  const reopen = async (volunteer: number): Promise<void> => {
    for (let tries = 0; !stopping.signal.aborted; tries++) {
      try {
        await sleep(Math.min(MAX_REOPEN_DELAY_MS, REOPEN_DELAY_MS * 2 ** tries), stopping.signal);
        await pages[volunteer]!.close().catch(() => undefined);
        await open(volunteer);
        return;
      } catch (thrown) {
        if (stopping.signal.aborted) return;
        options.onEvent?.({ kind: 'problem', volunteer, text: messageOf(thrown, 200) });
      }
    }
  };
  try {
    await Promise.all(contexts.each.map((_, volunteer) => open(volunteer)));
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    get pages() {
      return pages;
    },
    stop,
  };
}

interface Contexts {
  readonly each: readonly BrowserContext[];
  /** One browser for all; absent where each profile has a browser of its own. */
  readonly browser?: Browser;
}

async function openContexts(options: BrowserVolunteersOptions): Promise<Contexts> {
  const { executablePath, profileDir, gpu = 'software' } = options;
  // `headless: false` keeps Playwright from adding its own headless mode: the flags say which.
  // Signals are the caller's to handle: Playwright would kill the browser before the pages say goodbye.
  const launch = {
    executablePath,
    headless: false,
    args: chromiumFlags(gpu),
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  };
  const numbers = Array.from({ length: options.count }, (_, i) => i);
  if (profileDir === undefined) {
    const browser = await chromium.launch(launch);
    return { browser, each: await Promise.all(numbers.map(() => browser.newContext())) };
  }
  const each: BrowserContext[] = [];
  for (const i of numbers) {
    const folder = join(profileDir, `volunteer-${i}`);
    await mkdir(folder, { recursive: true });
    each.push(await chromium.launchPersistentContext(folder, launch));
  }
  return { each };
}

/** What a page tells us; `VolunteerEvent` without what we know ourselves. */
interface Told {
  readonly state: string;
  readonly items: string;
  readonly credits: string;
}

const BINDING = 'idlewaveTell';

/** Runs in the page, so it is text: this folder is compiled without the DOM's types. */
const TELL_SCRIPT = `(() => {
  let last = '';
  const tell = () => {
    const { state = '', items = '0', credits = '0' } =
      document.querySelector('[data-state]')?.dataset ?? {};
    const told = { state, items, credits };
    const text = JSON.stringify(told);
    if (state === '' || text === last) return;
    last = text;
    window.${BINDING}(told);
  };
  const attributeFilter = ['data-state', 'data-items', 'data-credits'];
  new MutationObserver(tell).observe(document, { subtree: true, childList: true, attributeFilter });
})()`;

/** Who starts volunteers from a command line gives all that they have, unless a kept profile says otherwise. */
const GIVE_ALL_SCRIPT = `(() => {
  // An empty page, as a tab shows while it closes, has no storage.
  if (origin === 'null') return;
  const [key, text] = ${JSON.stringify([SETTINGS_KEY, JSON.stringify(GIVE_ALL)])};
  if (localStorage.getItem(key) === null) localStorage.setItem(key, text);
})()`;

async function openVolunteer(
  context: BrowserContext,
  volunteer: number,
  { url, onEvent }: BrowserVolunteersOptions,
  onCrash: () => void,
): Promise<Page> {
  const page = await context.newPage();
  page.once('crash', () => {
    onEvent?.({ kind: 'problem', volunteer, text: 'the page crashed and is opened again' });
    onCrash();
  });
  page.on('pageerror', (error) => {
    onEvent?.({ kind: 'problem', volunteer, text: messageOf(error, 300) });
  });
  await page.exposeBinding(BINDING, (_source, { state, items, credits }: Told) => {
    onEvent?.({ kind: 'state', volunteer, state, items: Number(items), credits });
  });
  await page.addInitScript({ content: TELL_SCRIPT });
  await page.addInitScript({ content: GIVE_ALL_SCRIPT });
  try {
    await page.goto(url, { timeout: START_DEADLINE_MS });
    // A profile that was computing when it was last closed may go on by itself: then there is no button.
    const running = page.locator('[data-state]:not([data-state="idle"])');
    const start = page.getByTestId('start');
    await start.or(running).first().waitFor({ timeout: START_DEADLINE_MS });
    if (await start.isVisible()) await start.click({ timeout: START_DEADLINE_MS });
  } catch (thrown) {
    await page.close().catch(() => undefined);
    throw new CliError(EXIT.failed, startFailure(url, thrown));
  }
  return page;
}

/** Playwright's own message, without its call log. */
const startFailure = (url: string, thrown: unknown): string =>
  [
    `${url}: expected the volunteers' page with its start button`,
    `  came: ${messageOf(thrown).split('\n', 1)[0]}`,
    '  to do: open the address in a browser; where it shows no page, build the site (npm run build)',
    '  and start the coordinator again, or use --engine node',
  ].join('\n');

async function closeAll(pages: readonly Page[], { each, browser }: Contexts): Promise<void> {
  // Closing a page over DevTools skips its pagehide handler; leaving it for another does not.
  const leave = (page: Page): Promise<unknown> =>
    page.goto('about:blank', { timeout: GOODBYE_DEADLINE_MS }).catch(() => undefined);
  await Promise.all(pages.map(leave));
  await Promise.all(each.map((context) => context.close().catch(() => undefined)));
  await browser?.close().catch(() => undefined);
}
