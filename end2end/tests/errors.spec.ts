import type { Page } from '@playwright/test';
import { seriousViolations, sidewaysScroll } from '../support/audit';
import { chatLink, chatPath, chats, composer, expectConnection, message, write } from '../support/page';
import { colorSchemes } from '../support/screens';
import type { Server } from '../support/server';
import { brokenNetwork, expect, failedRequest, test } from '../support/test';

/** The error page says what happened and what to do. */
async function expectErrorPage(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/\w+ \w+/);
  await expect(page.getByRole('main')).toContainText(/try again/i);
  await expect(page.getByRole('main').getByRole('link', { name: 'Go to your chats' })).toBeVisible();
}

test.describe('when the stored data are damaged', () => {
  test.use({ expectedProblems: failedRequest });

  /** Damages them, and gives what brings the server back with all of them. */
  async function damage(server: Server): Promise<() => Promise<void>> {
    const putBack = await server.damageData();
    return async () => {
      await putBack();
      await server.start();
    };
  }

  // What the database has read it keeps in memory until something is written: each test writes first.
  test.beforeEach(async ({ jane }) => {
    await write(jane, 'the last that was stored');
    await expect(message(jane, 'the last that was stored')).toHaveAttribute('data-state', 'sent');
  });

  test('a page is answered with 5xx, and says what to do', async ({ jane, server }) => {
    await damage(server);
    const response = await jane.goto(chatPath('general'));
    expect(response?.status()).toBeGreaterThanOrEqual(500);
    expect(response?.headers()['content-type']).toMatch(/^text\/html/);
    await expectErrorPage(jane);
    await expect(jane.getByRole('link', { name: 'Try again' })).toBeVisible();
    await expect(jane).toHaveTitle(/Rollcall/);
  });

  test('the error page offers nothing that cannot work, and tells nothing that concerns nobody', async ({
    jane,
    server,
  }) => {
    await damage(server);
    await jane.goto(chatPath('general'), { waitUntil: 'networkidle' });
    await expectErrorPage(jane);
    await expect(chats(jane)).toHaveCount(0);
    await expect(composer(jane)).toHaveCount(0);
    await expect(jane.getByRole('button', { name: /^Account|^Connection/ })).toHaveCount(0);
    await expect(jane.locator('body')).not.toContainText(/sqlite|sqlx|database disk|panicked|\.rs\b|\/rollcall-/i);
  });

  for (const path of ['/', '/w/flowra', '/w/flowra/c/no-such-chat']) {
    test(`${path}, too, is answered with a page, not with something for programs`, async ({ jane, server }) => {
      await damage(server);
      const response = await jane.goto(path);
      expect(response?.status()).toBeGreaterThanOrEqual(500);
      expect(response?.headers()['content-type']).toMatch(/^text\/html/);
      await expectErrorPage(jane);
    });
  }

  test('with JavaScript off there is a way on, and no button that does nothing', async ({ jane, newContext, server }) => {
    const storageState = await jane.context().storageState();
    const page = await (await newContext({ javaScriptEnabled: false, storageState })).newPage();
    await damage(server);
    await page.goto(chatPath('general'));
    await expectErrorPage(page);
    await expect(page.getByRole('link', { name: 'Try again' })).toBeVisible();
    await expect(page.getByRole('button')).toHaveCount(0);
  });

  for (const colorScheme of colorSchemes) {
    test(`the error page, ${colorScheme}: axe finds nothing serious or critical`, async ({ jane, server }) => {
      await jane.emulateMedia({ colorScheme });
      await damage(server);
      await jane.goto(chatPath('general'));
      await expectErrorPage(jane);
      expect(await seriousViolations(jane)).toEqual([]);
    });
  }

  test('the error page does not scroll sideways at 360 px', async ({ jane, server }) => {
    await jane.setViewportSize({ width: 360, height: 740 });
    await damage(server);
    await jane.goto(chatPath('general'));
    await expectErrorPage(jane);
    expect(await sidewaysScroll(jane)).toBe(0);
  });

  test.describe('and then put back', () => {
    // The server is started again for it.
    test.use({ expectedProblems: new RegExp(`${failedRequest.source}|${brokenNetwork.source}`) });

    for (const path of ['/sign-in', '/sign-up']) {
      test(`${path}: a visitor is told, and "Try again" leads in when the data are back`, async ({
        newContext,
        server,
      }) => {
        const visitor = await (await newContext()).newPage();
        const repair = await damage(server);
        const response = await visitor.goto(path, { waitUntil: 'networkidle' });
        expect(response?.status()).toBeGreaterThanOrEqual(500);
        await expectErrorPage(visitor);
        await repair();
        await visitor.getByRole('link', { name: 'Try again' }).click();
        await expect(visitor.getByRole('textbox', { name: 'Username' })).toBeVisible();
      });
    }

    test('"Try again" brings everything back once the data are', async ({ jane, server }) => {
      const repair = await damage(server);
      await jane.goto(chatPath('general'), { waitUntil: 'networkidle' });
      await expectErrorPage(jane);
      await repair();
      await jane.getByRole('link', { name: 'Try again' }).click();
      await expect(message(jane, 'the last that was stored')).toHaveCount(1);
      await expectConnection(jane, 'connected');
    });

    test('another chat that cannot be opened is told in its place, and can be tried again', async ({ jane, server }) => {
      const repair = await damage(server);
      await chatLink(jane, 'docs').click();
      await expectErrorPage(jane);
      await expect(chats(jane)).toBeVisible();
      await repair();
      await jane.getByRole('link', { name: 'Try again' }).click();
      await expect(jane.getByRole('heading', { level: 1, name: 'docs' })).toBeVisible();
    });
  });
});
