/**
 * A page of another site with the widget in it, as its visitor has it; and what the page itself may see: events, requests.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test';

/** Longer than the gate wants a pointer to be in the box, and the box to be seen. */
const AIM_MS = 800;
const COMPUTE = /\/(compute|browserVolunteer|worker|embeddedVolunteer)-[^/]*\.js|\/ort\//;

export interface HeardEvent {
  readonly type: string;
  readonly detail: Readonly<Record<string, string>> | null;
}

export class WidgetPage {
  readonly page: Page;
  readonly frame: FrameLocator;
  readonly card: Locator;
  /** Every request of page and frame. */
  readonly requests: string[] = [];
  readonly errors: string[] = [];
  readonly #coordinator: string;

  constructor(page: Page, coordinator: string, frame: FrameLocator = frameOf(page)) {
    this.page = page;
    this.#coordinator = coordinator;
    this.frame = frame;
    this.card = frame.getByTestId('widget');
    const context = page.context();
    context.on('request', (request) => this.requests.push(request.url()));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(error.message));
  }

  async open(url: string): Promise<void> {
    await this.page.addInitScript(() => {
      const heard: unknown[] = [];
      Object.assign(globalThis, { heard });
      for (const type of ['started', 'paused', 'stopped', 'credit', 'unavailable']) {
        document.addEventListener(type, (event) => {
          heard.push({ type, detail: (event as CustomEvent<unknown>).detail });
        });
      }
    });
    await this.page.goto(url);
  }

  /** As a person does it: the pointer comes, rests a moment, and clicks. */
  async click(testId = 'widget-start'): Promise<void> {
    await aimAt(this.page, this.frame.getByTestId(testId));
    await this.page.mouse.down();
    await this.page.mouse.up();
  }

  heard(): Promise<HeardEvent[]> {
    return this.page.evaluate(() => (globalThis as unknown as { heard: HeardEvent[] }).heard);
  }

  /** The last event but for credits, which come later than what earned them. */
  async lastStatus(): Promise<HeardEvent | undefined> {
    return (await this.heard()).filter(({ type }) => type !== 'credit').at(-1);
  }

  async expectHeard(type: string): Promise<void> {
    await expect.poll(async () => (await this.heard()).map((it) => it.type)).toContain(type);
  }

  /** What of the coordinator was fetched that only consent may fetch. */
  get computeRequests(): string[] {
    return this.requests.filter(
      (url) => url.startsWith(this.#coordinator) && (COMPUTE.test(url) || url.includes('/v1/')),
    );
  }

  /** Only the loader and the frame: its document, scripts and styles. */
  expectNothingFetched(): void {
    expect(this.computeRequests).toEqual([]);
  }

  expectRefusal(reason: string): Promise<void> {
    return expect(this.frame.getByTestId('widget-refusal')).toHaveAttribute('data-refusal', reason);
  }

  async expectAccessible(): Promise<void> {
    const results = await new AxeBuilder({ page: this.page }).include('idlewave-widget').analyze();
    expect(results.violations).toEqual([]);
  }
}

/** The pointer comes to a button as a person's does, and stays a moment. */
export async function aimAt(page: Page, button: Locator): Promise<void> {
  await button.scrollIntoViewIfNeeded();
  const box = (await button.boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x - 12, y - 4);
  await page.mouse.move(x, y, { steps: 6 });
  await page.waitForTimeout(AIM_MS);
}

/** In the element's shadow tree. */
const frameOf = (page: Page): FrameLocator => page.frameLocator('idlewave-widget iframe');
