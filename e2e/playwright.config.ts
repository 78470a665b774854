/**
 * End-to-end tests: the built page in a real Chromium, a real coordinator process, real jobs.
 *
 * One worker: the tests share the machine's cores with the volunteers that they start. What is mostly pages may go on two
 * (`--project pages --workers 2`).
 */
import { defineConfig } from '@playwright/test';
import { chromiumFlags } from '../sdk/cli/browser.ts';

/** What takes all that the machine has, or measures how much: one at a time. */
const ALONE = ['duty', 'routeView', 'routes', 'sleep', 'swarm', 'widgetBudget'].map(
  (name) => `${name}.spec.ts`,
);

export default defineConfig({
  testDir: '.',
  projects: [
    { name: 'pages', testIgnore: ALONE },
    { name: 'machine', testMatch: ALONE },
  ],
  outputDir: '../test-results',
  globalSetup: './fixtures/globalSetup.ts',
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  retries: 0,
  // A machine with two busy cores and a GPU in software: generous, and never asserted.
  timeout: 300_000,
  expect: { timeout: 120_000 },
  reporter: [
    ['list'],
    ...(process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] === undefined ? [] : [['json'] as const]),
  ],
  use: {
    headless: false, // the flags say which headless mode
    screenshot: 'only-on-failure',
    launchOptions: {
      // Named by the global setup, which finds or installs it.
      ...(process.env['CHROMIUM_PATH'] === undefined
        ? {}
        : { executablePath: process.env['CHROMIUM_PATH'] }),
      // A picture of a whole page is cut by the width of a scroll bar that it does not show.
      args: [...chromiumFlags('software'), '--hide-scrollbars'],
    },
  },
});
