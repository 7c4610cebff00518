import { defineConfig } from '@playwright/test';

export default defineConfig({
  // A test that passes only sometimes is a failing test.
  retries: 0,
  forbidOnly: true,
  workers: 2,
  fullyParallel: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  outputDir: 'test-results',
  projects: [
    { name: 'tests', testMatch: 'tests/*.spec.ts' },
    // Playwright hides the caret by a style that is not the page's own.
    { name: 'screenshots', testMatch: 'screenshots.ts', use: { contextOptions: { bypassCSP: true } } },
    { name: 'bench', testMatch: 'bench.ts' },
  ],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
