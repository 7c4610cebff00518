import { chatLink, followChatLink, message, openChat, unreadChatLink } from '../support/page';
import { expect, test } from '../support/test';

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
