/**
 * Somebody with a keyboard and no pointer. Invariant: nothing is focused by script: everything is reached by Tab, and what
 * has the focus shows it.
 */
import { expect, type Locator, type Page } from '@playwright/test';

/** More stops than any page has. */
const MAX_TABS = 250;

export class KeyboardUser {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Tabs on until `target` has the focus. */
  async reach(target: Locator): Promise<void> {
    await expect(target).toBeVisible();
    for (let tabs = 0; tabs <= MAX_TABS; tabs++) {
      if (await target.evaluate((element) => element === document.activeElement)) {
        expect(await target.evaluate(showsFocus), `the focus of ${target.toString()} is seen`).toBe(
          true,
        );
        return;
      }
      await this.#page.keyboard.press('Tab');
    }
    throw new Error(`Tab never came to ${target.toString()}`);
  }

  async press(target: Locator, key = 'Enter'): Promise<void> {
    await this.reach(target);
    await this.#page.keyboard.press(key);
  }

  /** Replaces what stands there. */
  async write(target: Locator, text: string): Promise<void> {
    await this.reach(target);
    await this.#page.keyboard.press('ControlOrMeta+A');
    await this.#page.keyboard.type(text);
  }

  /** In a select: the option whose words begin with `text`. */
  async choose(target: Locator, text: string): Promise<void> {
    await this.reach(target);
    await this.#page.keyboard.type(text);
  }
}

/** In the page: what stands for a box or a button may be drawn beside it. */
function showsFocus(element: Element): boolean {
  const drawn = [element, element.nextElementSibling, element.closest('label')];
  return drawn.some((it) => {
    if (it === null) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(it);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
  });
}
