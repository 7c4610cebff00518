import { TimelessPage } from '../support/clock';
import {
  expectConnection,
  expectInOrder,
  expectMessageState,
  expectOnlineCount,
  message,
  names,
  expectPresence,
  status,
  statusText,
  write,
} from '../support/page';
import { brokenNetwork, expect, test } from '../support/test';

test.use({ expectedProblems: brokenNetwork });

test('connected is green on load', async ({ jane }) => {
  await expectConnection(jane, 'connected');
  await expect(await statusText(jane)).toHaveText('Real-time updates active');
});

test('the tooltip opens on focus too, stays while it is pointed at, and closes with Escape', async ({ jane }) => {
  const tooltip = jane.getByRole('tooltip');
  await status(jane).focus();
  await expect(tooltip).toBeVisible();
  await jane.keyboard.press('Escape');
  await expect(tooltip).toBeHidden();
  await status(jane).hover();
  await expect(tooltip).toBeVisible();
  await tooltip.hover();
  await expect(tooltip).toBeVisible();
});

test('the server is gone: yellow with "attempt 1/10", growing, then red, after 1, 2, 4, 8, 16, 30 … 30 s', async ({
  page,
  server,
}) => {
  const jane = await TimelessPage.enter(page, 'jane');
  await server.kill();
  const seconds = [1, 2, 4, 8, 16, 30, 30, 30, 30, 30];
  for (const [index, delay] of seconds.entries()) {
    await jane.closedAt();
    await expect(page.getByRole('tooltip')).toContainText(`(attempt ${index + 1}/10)`);
    await expectConnection(page, 'connecting');
    const waited = await jane.untilNextAttempt();
    expect(waited, `attempt ${index + 1}`).toBeGreaterThanOrEqual(delay * 1_000);
    expect(waited, `attempt ${index + 1}`).toBeLessThanOrEqual((delay + 1) * 1_000);
  }
  await expectConnection(page, 'disconnected');
  await expect(page.getByRole('tooltip')).toHaveText('Offline - click to reconnect');
  const toast = page.getByRole('region', { name: 'Notes' });
  await expect(toast.getByText('Connection lost. Click the status indicator to retry.')).toBeVisible();
});

test('a wait of 5 s or more is told in the tooltip', async ({ page, server }) => {
  const jane = await TimelessPage.enter(page, 'jane');
  await server.kill();
  for (let attempt = 1; attempt <= 3; attempt++) await jane.untilNextAttempt();
  await jane.closedAt();
  await expect(page.getByRole('tooltip')).toHaveText(/attempt 4\/10\).*next try in [89] s/);
});

test('yellow, click: it tries at once', async ({ page, server }) => {
  const jane = await TimelessPage.enter(page, 'jane');
  await server.kill();
  await jane.closedAt();
  const before = (await jane.attempts()).length;
  await status(page).click();
  await expect.poll(async () => (await jane.attempts()).length).toBe(before + 1);
});

test('red, click: it reconnects', async ({ page, server }) => {
  const jane = await TimelessPage.enter(page, 'jane');
  await server.kill();
  await jane.untilExhausted();
  const before = (await jane.attempts()).length;
  await server.start();
  await jane.resume();
  expect(await jane.attempts()).toHaveLength(before);
  await status(page).click();
  await expectConnection(page, 'connected');
});

test('the server returns: green by itself, and what was missed is there, once and in order', async ({
  page,
  server,
  signInApi,
}) => {
  const jane = await TimelessPage.enter(page, 'jane');
  await write(page, 'before the break');
  await expectMessageState(page, 'before the break', 'sent');
  await server.kill();
  await expectConnection(page, 'connecting');
  await server.start();
  const john = await signInApi('john');
  const missed = ['missed the first', 'missed the second', 'missed the third'];
  for (const text of missed) await john.send('general', text);
  await jane.resume();
  await expectConnection(page, 'connected');
  await john.send('general', 'after the break');
  await expectInOrder(page, ['before the break', ...missed, 'after the break']);
});

test('a server that is asked to stop and comes back is followed without a click', async ({ jane, server }) => {
  await server.stop();
  await expectConnection(jane, 'connecting');
  await server.start();
  await expectConnection(jane, 'connected');
});

test('a message written while offline is sent on return exactly once', async ({ page, john, server }) => {
  const jane = await TimelessPage.enter(page, 'jane');
  await server.kill();
  await expectConnection(page, 'connecting');
  await write(page, 'written in the dark');
  await expectMessageState(page, 'written in the dark', 'pending');
  await server.start();
  await jane.resume();
  await expectMessageState(page, 'written in the dark', 'sent');
  await expect(message(john, 'written in the dark')).toHaveCount(1);
  await page.reload();
  await expect(message(page, 'written in the dark')).toHaveCount(1);
});

test('several messages written while offline arrive in their order', async ({ page, john, server }) => {
  const jane = await TimelessPage.enter(page, 'jane');
  await server.kill();
  await expectConnection(page, 'connecting');
  const texts = ['waiting as the first', 'waiting as the second', 'waiting as the third'];
  for (const text of texts) await write(page, text);
  await server.start();
  await jane.resume();
  await expectInOrder(page, texts);
  await expectInOrder(john, texts);
});

test('while not connected nothing is claimed: the counts are dashes and the list is "last known"', async ({
  janeByCable: jane,
  john,
  cable,
}) => {
  await expectPresence(jane, names.john, 'online');
  cable.cut();
  await expectOnlineCount(jane, '–');
  await expect(jane.getByText('last known', { exact: false }).first()).toBeVisible();
  cable.mend();
  await expectOnlineCount(jane, 2);
  await expectPresence(john, names.jane, 'online');
});

test('a network that swallows everything is not green for longer than ping and pong together', async ({
  newContext,
  cable,
}) => {
  const context = await newContext({ baseURL: cable.origin });
  const jane = await TimelessPage.enter(await context.newPage(), 'jane');
  cable.swallow();
  await jane.page.clock.runFor(36_000);
  await expectConnection(jane.page, 'connecting');
  cable.cut();
  cable.mend();
  await jane.resume();
  await expectConnection(jane.page, 'connected');
});

test('the browser says it is offline: red at once, and green at once when it is back', async ({
  janeByCable: jane,
  cable,
}) => {
  cable.cut();
  await jane.context().setOffline(true);
  await expectConnection(jane, 'disconnected');
  await expect(await statusText(jane)).toHaveText('You are offline');
  cable.mend();
  await jane.context().setOffline(false);
  await expectConnection(jane, 'connected');
});

test('the loss of the connection is announced once, and its return', async ({ page, server }) => {
  const jane = await TimelessPage.enter(page, 'jane');
  const announcements = page.locator('[role=status][aria-atomic=true]').first();
  await expect(announcements).toBeEmpty();
  await server.kill();
  await jane.untilNextAttempt();
  await jane.untilNextAttempt();
  await expect(announcements).not.toBeEmpty();
  await server.start();
  await jane.resume();
  await expectConnection(page, 'connected');
  await expect(announcements).toContainText(/restored|back|connected/i);
});
