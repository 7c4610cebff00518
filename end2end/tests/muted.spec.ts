import type { Page } from '@playwright/test';
import {
  chatLink,
  chats,
  chooseMute,
  enter,
  followChatLink,
  message,
  openChat,
  unreadChatLink,
  write,
} from '../support/page';
import { expect, test } from '../support/test';

test.describe('a muted chat', () => {
  const muted = (page: Page, name: string) => chats(page).getByRole('link', { name: `${name} muted`, exact: true });

  test('has no count in the list nor in the title, and all come back when it is unmuted', async ({
    john,
    signInApi,
  }) => {
    await followChatLink(john, 'docs');
    await chooseMute(john, 'Mute');
    await expect(muted(john, 'docs')).toBeVisible();
    await followChatLink(john, 'general');
    const jane = await signInApi('jane');
    await jane.send('docs', 'nobody need know');
    await jane.send('release-train', 'somebody should');
    await expect(unreadChatLink(john, 'release-train', 1)).toBeVisible();
    for (let visit = 0; visit < 2; visit++) {
      await expect(muted(john, 'docs')).toBeVisible();
      await expect(muted(john, 'docs').locator('.badge')).toHaveCount(0);
      await expect(john).toHaveTitle('(1) #general · Rollcall');
      await john.reload();
    }
    await muted(john, 'docs').click();
    await expect(message(john, 'nobody need know')).toHaveCount(1);
    await chooseMute(john, 'Unmute');
    await expect(chatLink(john, 'docs')).toBeVisible();
    await followChatLink(john, 'general');
    await jane.send('docs', 'the news');
    await expect(unreadChatLink(john, 'docs', 1)).toBeVisible();
    await expect(john).toHaveTitle('(2) #general · Rollcall');
  });

  test('is dimmed in the list', async ({ jane }) => {
    const link = chats(jane).getByRole('link', { name: /docs/ });
    const colour = () => link.evaluate((link) => getComputedStyle(link).color);
    const before = await colour();
    await followChatLink(jane, 'docs');
    await chooseMute(jane, 'Mute');
    await expect(muted(jane, 'docs')).toBeVisible();
    await followChatLink(jane, 'general');
    expect(await colour()).not.toBe(before);
  });

  test('is muted in the other tab and the other browser too, and unmuted', async ({ jane, newContext }) => {
    const second = await jane.context().newPage();
    await openChat(second, 'general');
    const elsewhere = await enter(await (await newContext()).newPage(), 'jane');
    await followChatLink(jane, 'docs');
    await chooseMute(jane, 'Mute');
    for (const page of [jane, second, elsewhere]) await expect(muted(page, 'docs')).toBeVisible();
    await muted(second, 'docs').click();
    await expect(second.getByRole('heading', { level: 1, name: 'docs' })).toBeVisible();
    await chooseMute(second, 'Unmute');
    for (const page of [jane, second, elsewhere]) await expect(chatLink(page, 'docs')).toBeVisible();
  });

  test('is muted for oneself only', async ({ jane, john }) => {
    await followChatLink(jane, 'docs');
    await chooseMute(jane, 'Mute');
    await expect(muted(jane, 'docs')).toBeVisible();
    await write(jane, 'can you hear me?');
    await expect(unreadChatLink(john, 'docs', 1)).toBeVisible();
    await expect(muted(john, 'docs')).toHaveCount(0);
  });
});
