/**
 * The contribute page as a visitor has it, and a watch over what a visitor does not see: requests to others,
 * errors, violations of the content security policy.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Settings } from '../../web/volunteer/controls/settings.ts';
import { givesAll } from '../fixtures/givesAll.ts';
import { expect, type Locator, type Page, type TestInfo } from '@playwright/test';

/** `data-state` of the page. */
export type PageState =
  | 'idle'
  | 'connecting'
  | 'backing-off'
  | 'waiting'
  | 'working'
  | 'handing-over'
  | 'paused'
  | 'elsewhere'
  | 'stopped';

const TAKES_PICTURES = process.env['IDLEWAVE_PICTURES'] === '1';

export class ContributePage {
  readonly page: Page;
  readonly main: Locator;
  readonly network: Locator;
  /** Requests that went to another origin than the coordinator's. */
  readonly foreignRequests: string[] = [];
  /** Errors on the console, uncaught ones among them, and policy violations. */
  readonly errors: string[] = [];
  /** Links that the page opened. */
  readonly sockets: string[] = [];

  constructor(page: Page, origin: string) {
    this.page = page;
    this.main = page.locator('main[data-state]');
    this.network = page.getByTestId('network');
    page.on('request', (request) => {
      const url = new URL(request.url());
      const own = url.origin === origin || url.protocol === 'data:' || url.protocol === 'blob:';
      if (!own) this.foreignRequests.push(request.url());
    });
    page.on('websocket', (socket) => this.sockets.push(socket.url()));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      this.errors.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.errors.push(error.message));
  }

  /** Opens the page; resolves when it is alive: it has asked the coordinator how the network is. */
  async open(settings: Partial<Settings> = {}): Promise<void> {
    await givesAll(this.page, settings);
    await this.page.goto('/');
    await expect(this.network).toContainText('computing');
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await expect(this.network).toContainText('computing');
  }

  start = (): Promise<void> => this.page.getByTestId('start').click();
  pause = (): Promise<void> => this.page.getByTestId('pause').click();
  resume = (): Promise<void> => this.page.getByTestId('resume').click();
  stop = (): Promise<void> => this.page.getByTestId('stop').click();

  expectState(...states: PageState[]): Promise<void> {
    return expect(this.main).toHaveAttribute('data-state', new RegExp(`^(${states.join('|')})$`));
  }

  async number(name: 'items' | 'shards' | 'micro-credits'): Promise<number> {
    return Number(await this.main.getAttribute(`data-${name}`));
  }

  /** Waits until the page shows more than `than`. */
  expectMore(name: 'items' | 'shards' | 'micro-credits', than: number): Promise<void> {
    return expect.poll(() => this.number(name), { message: name }).toBeGreaterThan(than);
  }

  /** Leaves like a visitor who closes the tab: the page's own handlers run. */
  async leave(): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.close();
  }

  /** Nothing went to others, nothing failed, and no policy was violated (Chromium logs that as an error). */
  expectNothingForeign(expected?: RegExp): void {
    expect(this.foreignRequests).toEqual([]);
    expect(this.errors.filter((text) => expected?.test(text) !== true)).toEqual([]);
  }

  /** No violation of WCAG's rules or axe's best practices, on light and on dark ground. */
  async expectAccessible(): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { violations } = await new AxeBuilder({ page: this.page }).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join()}`);
      expect(found, colorScheme).toEqual([]);
    }
  }

  /**
   * No sideways scrolling, on a phone and on a desktop. With `IDLEWAVE_PICTURES=1` also pictures for people, in the test's
   * results, light and dark.
   */
  async picture(name: string, testInfo: TestInfo): Promise<void> {
    const sizes = { phone: [390, 844], desktop: [1280, 800] } as const;
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme });
      for (const [size, [width, height]] of Object.entries(sizes)) {
        await this.page.setViewportSize({ width, height });
        if (TAKES_PICTURES) {
          const path = testInfo.outputPath(`${name}-${size}-${colorScheme}.png`);
          await this.page.screenshot({ path, fullPage: true });
        }
        const overflow = await this.page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow, `${name} on a ${size} needs no sideways scrolling`).toBe(0);
      }
    }
  }
}
