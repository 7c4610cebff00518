import type { Page } from '@playwright/test';
import { clickShown, expectBell, recordNotifications, setHidden, shown } from '../support/bell';
import { chatPath, chats, chooseMute, expectConnection, field, message, names, openChat, write } from '../support/page';
import { openRecorded } from '../support/recorders';
import { expect, test } from '../support/test';

test.describe('outside the page', () => {
  /** Jane with recorded notifications, in the chat "general". */
  async function janeElsewhere(jane: Page): Promise<void> {
    await recordNotifications(jane);
    await openChat(jane, 'general');
  }

  test('a notification is shown while the page is hidden, and not while it is seen', async ({ jane, signInApi }) => {
    await janeElsewhere(jane);
    const john = await signInApi('john');
    await john.send('docs', 'seen, @jane');
    await expectBell(jane, 1);
    expect(await shown(jane)).toEqual([]);
    await setHidden(jane, true);
    await john.send('docs', 'unseen, @jane');
    await expect
      .poll(() => shown(jane))
      .toMatchObject([{ title: 'John Smith mentioned you in #docs', body: 'unseen, @jane' }]);
    await setHidden(jane, false);
    await john.send('docs', 'seen again, @jane', 'and again, @jane');
    await expectBell(jane, 4);
    expect(await shown(jane)).toHaveLength(1);
  });

  test('every kind is shown, in a sentence', async ({ jane, signInApi }) => {
    await janeElsewhere(jane);
    const [me, john] = [await signInApi('jane'), await signInApi('john')];
    await setHidden(jane, true);
    await john.sendDirect([me], 'psst');
    await john.createPrivateChat('board', 'jane');
    await me.askFriend('bob');
    await (await signInApi('bob')).askFriend('jane');
    await john.askFriend('jane');
    await expect
      .poll(async () => (await shown(jane)).map(({ title }) => title))
      .toEqual([
        'John Smith sent a message',
        expect.stringMatching(/^John Smith added you to #?board$/),
        'Bob Wilson is now your friend',
        'John Smith asks to be friends',
      ]);
  });

  test('nothing is shown to who is not to be disturbed, and it is kept for later', async ({ jane, signInApi }) => {
    await janeElsewhere(jane);
    await jane.goto('/settings');
    const choice = jane.getByRole('button', { name: 'Do not disturb', exact: true });
    await choice.click();
    await expect(choice).toHaveAttribute('aria-pressed', 'true');
    await expectConnection(jane, 'connected');
    await setHidden(jane, true);
    await (await signInApi('john')).send('docs', 'not now, @jane', 'nor now, @jane');
    await expectBell(jane, 2);
    expect(await shown(jane)).toEqual([]);
  });

  test('nothing is shown for a muted chat', async ({ jane, signInApi }) => {
    await janeElsewhere(jane);
    await openChat(jane, 'docs');
    await chooseMute(jane, 'Mute');
    await expect(chats(jane).getByRole('link', { name: 'docs muted' })).toBeVisible();
    await setHidden(jane, true);
    const john = await signInApi('john');
    await john.send('docs', 'in the muted one, @jane');
    await john.send('release-train', 'in another, @jane');
    await expect.poll(async () => (await shown(jane)).map(({ body }) => body)).toEqual(['in another, @jane']);
  });

  test('nothing is shown for a muted chat of another workspace than the one on screen', async ({
    jane,
    john,
    signInApi,
  }) => {
    await john.goto('/new');
    await field(john, 'Name').fill('Elsewhere');
    await field(john, 'Name').press('Enter');
    await john.waitForURL(/\/w\/elsewhere/);
    await expectConnection(john, 'connected');
    await john.getByRole('button', { name: 'Chat menu' }).click();
    await john.getByRole('button', { name: 'Invite to the workspace…' }).click();
    await john.getByRole('button', { name: 'Make a link' }).click();
    const link = await john.getByRole('textbox', { name: 'Link' }).inputValue();
    await john.keyboard.press('Escape');
    await recordNotifications(jane);
    await jane.goto(link);
    await jane.getByRole('button', { name: /join/i }).click();
    await jane.waitForURL(/\/w\/elsewhere\/c\//);
    await expectConnection(jane, 'connected');
    await chooseMute(jane, 'Mute');
    await expect(chats(jane).getByRole('link', { name: /muted/ })).toBeVisible();
    await openChat(jane, 'general');
    await setHidden(jane, true);
    await write(john, 'in the muted one, @jane!');
    await expectBell(jane, 1);
    await (await signInApi('john')).send('docs', 'in another, @jane');
    await expect.poll(async () => (await shown(jane)).map(({ body }) => body)).toEqual(['in another, @jane']);
  });

  test('two tabs give it the same tag, so that it is shown once; another has its own', async ({ jane, signInApi }) => {
    await janeElsewhere(jane);
    const second = await jane.context().newPage();
    await openChat(second, 'general');
    const tabs = [jane, second];
    for (const tab of tabs) await setHidden(tab, true);
    const john = await signInApi('john');
    await john.send('docs', 'the first, @jane', 'the second, @jane');
    for (const tab of tabs) await expect.poll(async () => (await shown(tab)).length).toBe(2);
    const [tags, others] = await Promise.all(tabs.map(async (tab) => (await shown(tab)).map(({ tag }) => tag)));
    expect(others).toEqual(tags);
    expect(new Set(tags).size).toBe(2);
    expect(tags).not.toContain('');
  });

  test('a click leads to the place without loading a page', async ({ jane, signInApi }) => {
    await recordNotifications(jane);
    const sockets = await openRecorded(jane, 'general');
    const [me, john] = [await signInApi('jane'), await signInApi('john')];
    await setHidden(jane, true);
    await john.send('docs', 'come here, @jane');
    await expect.poll(async () => (await shown(jane)).length).toBe(1);
    await clickShown(jane);
    await setHidden(jane, false);
    await expect(jane).toHaveURL(new RegExp(`${chatPath('docs')}$`));
    await expect(message(jane, 'come here, @jane')).toHaveCount(1);
    await expectBell(jane, 0);
    await setHidden(jane, true);
    await john.askFriend('jane');
    await expect.poll(async () => (await shown(jane)).length).toBe(2);
    await clickShown(jane);
    await setHidden(jane, false);
    await expect(jane.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
    expect(await sockets()).toBe(1);
    await setHidden(jane, true);
    await john.sendDirect([me], 'psst');
    await expect.poll(async () => (await shown(jane)).length).toBe(3);
    await clickShown(jane);
    await setHidden(jane, false);
    await expect(jane.getByRole('heading', { level: 1, name: names.john })).toBeVisible();
    expect(await sockets()).toBe(1);
  });

  test('nothing is shown without permission', async ({ jane, signInApi }) => {
    await recordNotifications(jane, 'default');
    await openChat(jane, 'general');
    await setHidden(jane, true);
    await (await signInApi('john')).send('docs', 'quietly, @jane', 'and quietly, @jane');
    await expectBell(jane, 2);
    expect(await shown(jane)).toEqual([]);
  });

  test('the settings ask for permission, and say what was answered', async ({ jane }) => {
    await recordNotifications(jane, 'default');
    await jane.goto('/settings');
    const section = jane.getByRole('region', { name: 'Notifications' });
    await section.getByRole('button', { name: 'Allow notifications' }).click();
    await expect(section).toContainText(/Allowed/);
    await expect(section.getByRole('button')).toHaveCount(0);
    await expect(jane.locator('body :focus')).toHaveCount(1);
  });

  for (const [when, permission] of [
    ['was denied before', 'denied'],
    ['is denied when asked', 'default'],
  ] as const) {
    test(`the settings say what to do when permission ${when}`, async ({ jane }) => {
      await recordNotifications(jane, permission, 'denied');
      await jane.goto('/settings');
      const section = jane.getByRole('region', { name: 'Notifications' });
      if (permission === 'default') await section.getByRole('button', { name: 'Allow notifications' }).click();
      await expect(section).toContainText(/blocks.*settings/);
      await expect(section.getByRole('button')).toHaveCount(0);
    });
  }
});
