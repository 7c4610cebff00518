import type { Locator, Page } from '@playwright/test';
import { seriousViolations, sidewaysScroll } from '../support/audit';
import { expectConnection, expectPresence, names, openChat } from '../support/page';
import { colorSchemes, onEachScreen } from '../support/screens';
import { brokenNetwork, expect, refusedRequest, test } from '../support/test';

/** The rows of the table of connections, without its head. */
const connections = (admin: Page): Locator => admin.getByRole('table', { name: 'Connections' }).locator('tbody tr');

/** Jane, who administers the demo, looks why John is online. */
async function lookAtJohn(jane: Page): Promise<Page> {
  const admin = await jane.context().newPage();
  await admin.goto('/admin');
  await admin.getByRole('searchbox').fill('joh');
  await admin.getByRole('button', { name: 'Search' }).click();
  await admin.getByRole('link', { name: names.john }).click();
  await expect(admin.getByRole('heading', { name: names.john })).toBeVisible();
  return admin;
}

test('an administrator sees live why somebody is online, and closes a connection for good', async ({ jane, john }) => {
  const admin = await lookAtJohn(jane);
  await expect(connections(admin)).toHaveCount(1);
  const secondTab = await john.context().newPage();
  await openChat(secondTab, 'general');
  await expect(connections(admin)).toHaveCount(2);
  await secondTab.close();
  await expect(connections(admin)).toHaveCount(1);

  await admin.getByRole('button', { name: /^Close connection/ }).click();
  await expectConnection(john, 'disconnected');
  await expect(admin.getByText(/^Online: the last connection went .* ago/)).toBeVisible();
  await expect(admin.getByText(/^Offline: no connection was active/)).toBeVisible();
  await expectPresence(jane, names.john, 'offline');
});

test.describe('signed out', () => {
  test.use({ expectedProblems: refusedRequest });

  test('an administrator ends a sign-in, and the person is at the door', async ({ jane, john }) => {
    const admin = await lookAtJohn(jane);
    await admin.getByRole('button', { name: 'End' }).click();
    await expectConnection(john, 'disconnected');
    await expect(admin.getByText(/^Offline: the last session ended/)).toBeVisible();
  });
});

test('what is focused stays so while the page shows itself anew', async ({ jane, john }) => {
  const admin = await lookAtJohn(jane);
  const close = admin.getByRole('button', { name: /^Close connection/ });
  await close.focus();
  const table = await admin.getByRole('table', { name: 'Connections' }).elementHandle();
  await expect.poll(() => table?.evaluate((it) => it.isConnected)).toBe(false);
  await expect(close).toBeFocused();
  await expectConnection(john, 'connected');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('a wide table is scrolled by the keyboard, and stays where it was while the page shows itself anew', async ({
    jane,
    john,
  }) => {
    const admin = await lookAtJohn(jane);
    const region = admin.getByRole('region', { name: 'Connections' });
    await region.focus();
    await admin.keyboard.press('ArrowRight');
    const scrolled = () => region.evaluate((it) => it.scrollLeft);
    await expect.poll(scrolled).toBeGreaterThan(0);
    const shown = await region.elementHandle();
    await expect.poll(() => shown?.evaluate((it) => it.isConnected)).toBe(false);
    await expect(region).toBeFocused();
    expect(await scrolled()).toBeGreaterThan(0);
    await expectConnection(john, 'connected');
  });
});

test.describe('without an answer', () => {
  test.use({ expectedProblems: brokenNetwork });

  test('what is shown says since when it is only the last known', async ({ jane, john }) => {
    const admin = await lookAtJohn(jane);
    const stale = admin.getByText(/^Last known at .*: the server does not answer/);
    await expect(stale).toHaveCount(0);
    await admin.route('**/admin?*', (route) => route.abort());
    await expect(stale).toBeVisible();
    await admin.unroute('**/admin?*');
    await expect(stale).toHaveCount(0);
    await expectConnection(john, 'connected');
  });
});

test.describe('to others', () => {
  test.use({ expectedProblems: refusedRequest });

  test('there is no such page', async ({ john }) => {
    const answer = await john.goto('/admin');
    expect(answer?.status()).toBe(404);
  });
});

onEachScreen(() => {
  test('the page of administrators can be read by everybody', async ({ jane, john }) => {
    const admin = await lookAtJohn(jane);
    await expect(connections(admin)).toHaveCount(1);
    for (const colorScheme of colorSchemes) {
      await admin.emulateMedia({ colorScheme });
      expect(await seriousViolations(admin), colorScheme).toEqual([]);
    }
    expect(await sidewaysScroll(admin)).toBe(0);
    await expectConnection(john, 'connected');
  });
});
