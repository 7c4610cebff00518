// Pictures of every page, theme, width and state of the connection, for a person to look at:
// SCREENSHOTS=folder make screenshots
import type { Page } from '@playwright/test';
import { join, resolve } from 'node:path';
import { expectConnection, expectOnlineCount } from './support/page';
import { places } from './support/pages';
import { brokenNetwork, refusedRequest, test } from './support/test';

const folder = resolve(import.meta.dirname, '..', process.env['SCREENSHOTS'] ?? 'target/screenshots');
const widths = { 360: 740, 768: 1024, 1280: 800, 1920: 1080 };

/** Takes the page as it is, in both themes and at all widths. */
async function takeAll(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const [width, height] of Object.entries(widths)) {
      await page.setViewportSize({ width: Number(width), height });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`) });
    }
  }
}

test.use({ expectedProblems: new RegExp(`${brokenNetwork.source}|${refusedRequest.source}`) });

for (const { name, open } of places) {
  test(name, async ({ page }) => {
    await open(page);
    await takeAll(page, name);
  });
}

test('chat in each state of the connection', async ({ jane, john, server }) => {
  await expectOnlineCount(jane, 2);
  await expectOnlineCount(john, 2);
  await takeAll(jane, 'chat-connected');
  await server.kill();
  await expectConnection(jane, 'connecting');
  await takeAll(jane, 'chat-reconnecting');
  await jane.context().setOffline(true);
  await expectConnection(jane, 'disconnected');
  await takeAll(jane, 'chat-offline');
});
