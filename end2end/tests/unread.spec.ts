import type { Page } from '@playwright/test';
import { expectBell, setHidden } from '../support/bell';
import {
  chatLink,
  chats,
  enter,
  expectConnection,
  followChatLink,
  message,
  openChat,
  unreadChatLink,
  write,
} from '../support/page';
import { brokenNetwork, expect, test } from '../support/test';

/** The messages below the line of what is new. */
const news = (page: Page) => page.getByRole('log').locator('.unread-line ~ .message');

test('a message in another chat marks it in the list and in the title; opening it clears both', async ({
  john,
  signInApi,
}) => {
  await expect(john).toHaveTitle('#general · Rollcall');
  const jane = await signInApi('jane');
  await jane.send('docs', 'the first of the news');
  await expect(unreadChatLink(john, 'docs', 1)).toBeVisible();
  await jane.send('docs', 'the second of the news');
  await expect(unreadChatLink(john, 'docs', 2)).toBeVisible();
  await expect(john).toHaveTitle('(2) #general · Rollcall');
  await john.reload();
  await expect(unreadChatLink(john, 'docs', 2)).toBeVisible();
  await followChatLink(john, 'docs');
  await expect(chatLink(john, 'docs')).toHaveAccessibleName('docs');
  await expect(john).toHaveTitle('#docs · Rollcall');
});

test('opening it clears the mark in her second tab, too', async ({ jane, signInApi }) => {
  const secondTab = await jane.context().newPage();
  await openChat(secondTab, 'release-train');
  await (await signInApi('john')).send('docs', 'the news');
  for (const tab of [jane, secondTab]) await expect(unreadChatLink(tab, 'docs', 1)).toBeVisible();
  await followChatLink(jane, 'docs');
  for (const tab of [jane, secondTab]) await expect(chatLink(tab, 'docs')).toHaveAccessibleName('docs');
});

test('one\'s own message marks nothing, not in one\'s other tab either', async ({ jane, signInApi }) => {
  await (await signInApi('jane')).send('docs', 'by herself');
  await (await signInApi('john')).send('release-train', 'by another');
  await expect(unreadChatLink(jane, 'release-train', 1)).toBeVisible();
  await expect(chatLink(jane, 'docs')).toHaveAccessibleName('docs');
});

test('a message in the chat on screen marks nothing', async ({ jane, signInApi }) => {
  const john = await signInApi('john');
  await john.send('general', 'right before her eyes');
  await john.send('docs', 'elsewhere');
  await expect(unreadChatLink(jane, 'docs', 1)).toBeVisible();
  await expect(chatLink(jane, 'general')).toHaveAccessibleName('general');
});

test('the marks of other chats stay while one walks through the chats', async ({ jane, signInApi }) => {
  await (await signInApi('john')).send('docs', 'the news');
  await expect(unreadChatLink(jane, 'docs', 1)).toBeVisible();
  await followChatLink(jane, 'release-train');
  await expect(unreadChatLink(jane, 'docs', 1)).toBeVisible();
});

test('the marks of chats that were read do not come back while one walks through the chats', async ({
  jane,
  signInApi,
}) => {
  await (await signInApi('john')).send('docs', 'the news');
  await expect(unreadChatLink(jane, 'docs', 1)).toBeVisible();
  await jane.reload();
  await followChatLink(jane, 'docs');
  await expect(chatLink(jane, 'docs')).toHaveAccessibleName('docs');
  await followChatLink(jane, 'release-train');
  await expect(chatLink(jane, 'docs')).toHaveAccessibleName('docs');
});

test('a line stands above the first message that is new to the reader, and is gone on the next visit', async ({
  jane,
  signInApi,
}) => {
  const secondTab = await jane.context().newPage();
  await openChat(secondTab, 'release-train');
  await (await signInApi('john')).send('docs', 'the first of the news', 'the second of the news');
  for (const tab of [jane, secondTab]) await expect(unreadChatLink(tab, 'docs', 2)).toBeVisible();
  await followChatLink(jane, 'docs');
  const line = jane.getByRole('log').getByText('New', { exact: true });
  await expect(line).toHaveCount(1);
  await expect(jane.getByRole('log').locator('.unread-line ~ .message')).toHaveText([
    /the first of the news/,
    /the second of the news/,
  ]);
  // The other tab learns of it once it is stored.
  await expect(chatLink(secondTab, 'docs')).toHaveAccessibleName('docs');
  await jane.reload();
  await expect(message(jane, 'the second of the news')).toHaveCount(1);
  await expect(line).toHaveCount(0);
});

test('the counts are the same in every tab and browser, after a reload, and in a browser that comes later', async ({
  jane,
  newContext,
  signInApi,
}) => {
  const secondTab = await jane.context().newPage();
  await openChat(secondTab, 'release-train');
  const elsewhere = await enter(await (await newContext()).newPage(), 'jane');
  const john = await signInApi('john');
  await john.send('docs', 'one', 'two', 'three');
  const pages = [jane, secondTab, elsewhere];
  for (const page of pages) await expect(unreadChatLink(page, 'docs', 3)).toBeVisible();
  for (const page of pages) {
    await page.reload();
    await expect(unreadChatLink(page, 'docs', 3)).toBeVisible();
  }
  const later = await enter(await (await newContext()).newPage(), 'jane');
  await expect(unreadChatLink(later, 'docs', 3)).toBeVisible();
  await followChatLink(elsewhere, 'docs');
  for (const page of [...pages, later]) await expect(chatLink(page, 'docs')).toHaveAccessibleName('docs');
  await followChatLink(elsewhere, 'general');
  await john.send('docs', 'four');
  for (const page of [...pages, later]) await expect(unreadChatLink(page, 'docs', 1)).toBeVisible();
});

test('the line of what is new stands at the same message in every browser until it is seen', async ({
  jane,
  newContext,
  signInApi,
}) => {
  const contexts = [await newContext(), await newContext()];
  const pages: Page[] = [];
  for (const context of contexts) {
    const page = await enter(await context.newPage(), 'jane');
    // Nobody sees these, so opening a chat reads nothing.
    await context.addInitScript(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    });
    pages.push(page);
  }
  await (await signInApi('john')).send('docs', 'the first of the news', 'the second of the news');
  for (const page of pages) {
    for (let visit = 0; visit < 2; visit++) {
      await openChat(page, 'docs');
      await expect(news(page)).toHaveText([/the first of the news/, /the second of the news/]);
    }
  }
  await expect(unreadChatLink(jane, 'docs', 2)).toBeVisible();
  const [first, second] = pages as [Page, Page];
  await setHidden(first, false);
  for (const page of [jane, first, second]) await expect(chatLink(page, 'docs')).toHaveAccessibleName('docs');
  await openChat(second, 'docs');
  await expect(message(second, 'the second of the news')).toHaveCount(1);
  await expect(news(second)).toHaveCount(0);
});

test('a chat that is opened in a tab in the background is unread until that tab is seen', async ({
  jane,
  signInApi,
}) => {
  await (await signInApi('john')).send('docs', 'the news');
  await expect(unreadChatLink(jane, 'docs', 1)).toBeVisible();
  const background = await jane.context().newPage();
  await background.addInitScript(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
  });
  await openChat(background, 'docs');
  await expect(message(background, 'the news')).toHaveCount(1);
  // What this tab reads is told after it has read.
  await followChatLink(jane, 'release-train');
  await jane.reload();
  await expect(unreadChatLink(jane, 'docs', 1)).toBeVisible();
  await setHidden(background, false);
  await expect(chatLink(jane, 'docs')).toHaveAccessibleName('docs');
});

test('what comes into the chat on screen of a hidden page is unread in the other tab, until it is seen', async ({
  jane,
  john,
}) => {
  const secondTab = await jane.context().newPage();
  await openChat(secondTab, 'docs');
  await setHidden(jane, true);
  await write(john, 'while you looked elsewhere');
  await expect(unreadChatLink(secondTab, 'general', 1)).toBeVisible();
  await expect(news(jane)).toHaveText([/while you looked elsewhere/]);
  await setHidden(jane, false);
  await expect(chatLink(secondTab, 'general')).toHaveAccessibleName('general');
});

test.describe('over a broken connection', () => {
  test.use({ expectedProblems: brokenNetwork });

  test('what comes meanwhile is counted once on return, and what is read meanwhile is read everywhere', async ({
    janeByCable: jane,
    cable,
    newContext,
    signInApi,
  }) => {
    const elsewhere = await enter(await (await newContext()).newPage(), 'jane');
    const john = await signInApi('john');
    await john.send('docs', 'before the break');
    await expect(unreadChatLink(jane, 'docs', 1)).toBeVisible();
    cable.cut();
    await expectConnection(jane, 'connecting');
    await john.send('docs', 'during the break');
    await john.send('release-train', 'during the break');
    await followChatLink(elsewhere, 'release-train');
    await expect(chatLink(elsewhere, 'release-train')).toHaveAccessibleName('release-train');
    cable.mend();
    await expectConnection(jane, 'connected');
    await expect(unreadChatLink(jane, 'docs', 2)).toBeVisible();
    await expect(chatLink(jane, 'release-train')).toHaveAccessibleName('release-train');
  });

  test('a direct chat that began meanwhile, and a chat one was added to, are in the list on return', async ({
    janeByCable: jane,
    cable,
    signInApi,
  }) => {
    const [me, john] = [await signInApi('jane'), await signInApi('john')];
    cable.cut();
    await expectConnection(jane, 'connecting');
    await john.sendDirect([me], 'hello there');
    await john.createPrivateChat('board', 'jane');
    await john.send('board', 'the first item');
    cable.mend();
    await expectConnection(jane, 'connected');
    await expectBell(jane, 2);
    await expect(chats(jane).getByRole('link', { name: /John Smith.* 1 unread/ })).toBeVisible();
    await expect(unreadChatLink(jane, 'private board', 1)).toBeVisible();
  });

  test('a chat that was muted elsewhere meanwhile is muted on return', async ({
    janeByCable: jane,
    cable,
    newContext,
  }) => {
    const elsewhere = await enter(await (await newContext()).newPage(), 'jane');
    cable.cut();
    await expectConnection(jane, 'connecting');
    await followChatLink(elsewhere, 'docs');
    await elsewhere.getByRole('button', { name: 'Chat menu' }).click();
    await elsewhere.getByRole('button', { name: 'Mute', exact: true }).click();
    await expect(chats(elsewhere).getByRole('link', { name: 'docs muted', exact: true })).toBeVisible();
    cable.mend();
    await expectConnection(jane, 'connected');
    await expect(chats(jane).getByRole('link', { name: 'docs muted', exact: true })).toBeVisible();
  });

  test('what one reads while the connection is broken is read elsewhere once it is back', async ({
    janeByCable: jane,
    cable,
    newContext,
    signInApi,
  }) => {
    await openChat(jane, 'docs');
    const elsewhere = await enter(await (await newContext()).newPage(), 'jane');
    await setHidden(jane, true);
    await (await signInApi('john')).send('docs', 'arrived before the break');
    await expect(unreadChatLink(elsewhere, 'docs', 1)).toBeVisible();
    await expect(message(jane, 'arrived before the break')).toHaveCount(1);
    cable.cut();
    await expectConnection(jane, 'connecting');
    await setHidden(jane, false);
    cable.mend();
    await expectConnection(jane, 'connected');
    await expect(chatLink(elsewhere, 'docs')).toHaveAccessibleName('docs');
  });
});
