/** The credits as a visitor follows them, on the contribute page at `#credits`. */
import { expect, type Locator, type Page } from '@playwright/test';

export class CreditsPage {
  readonly page: Page;
  readonly view: Locator;
  readonly rows: Locator;
  readonly status: Locator;
  readonly alarm: Locator;

  constructor(page: Page) {
    this.page = page;
    this.view = page.getByTestId('receipts');
    this.rows = page.getByTestId('receipt');
    this.status = page.getByTestId('log-status');
    this.alarm = page.getByTestId('log-alarm');
  }

  /** By the link in the head of the page. */
  async open(): Promise<void> {
    await this.page.getByTestId('my-credits').click();
    await expect(this.view).toBeVisible();
  }

  /** Back to the first page. */
  async close(): Promise<void> {
    await this.page.getByTestId('page-contribute').click();
    await expect(this.view).toBeHidden();
  }

  row(kind: 'credited' | 'refused'): Locator {
    return this.page.locator(`[data-testid=receipt][data-kind=${kind}]`);
  }

  /** Opens a line; the result is what is behind it. */
  async follow(row: Locator): Promise<Locator> {
    await row.getByTestId('receipt-open').click();
    const detail = row.getByTestId('receipt-detail');
    await expect(detail).toBeVisible();
    return detail;
  }

  expectLog(kind: string): Promise<void> {
    return expect(this.status).toHaveAttribute('data-kind', kind);
  }

  expectAlarm(kind: string): Promise<void> {
    return expect(this.alarm).toHaveAttribute('data-kind', kind);
  }
}
