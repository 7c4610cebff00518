import type { Locator, Page } from '@playwright/test';
import {
  chatLink,
  chatPath,
  chats,
  chooseFromChatMenu,
  composer,
  dialog,
  expectConnection,
  followChatLink,
  joinableChats,
  message,
  messages,
  openChat,
  write,
} from '../support/page';
import { expect, refusedRequest, test } from '../support/test';

/** Opens the dialog in which a chat is made. */
async function startChat(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Create a chat' }).click();
  await expect(dialog(page, 'Create a chat')).toBeVisible();
  return dialog(page, 'Create a chat');
}

const nameField = (page: Page): Locator => page.getByRole('textbox', { name: 'Name' });
const topicField = (page: Page): Locator => page.getByRole('textbox', { name: 'Topic' });

/** Makes a chat through the dialog, and arrives in it. */
async function createChat(page: Page, name: string, topic = '', isPrivate = false): Promise<void> {
  const form = await startChat(page);
  await nameField(page).fill(name);
  await topicField(page).fill(topic);
  await form.getByRole('checkbox', { name: /^Private/ }).setChecked(isPrivate);
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** Fills in the open dialog's name. The server is to decide, so the browser's own checks step aside. */
async function fillName(page: Page, name: string): Promise<void> {
  await nameField(page).evaluate((input: HTMLInputElement) => {
    input.removeAttribute('maxlength');
    input.form?.setAttribute('novalidate', '');
  });
  await nameField(page).fill(name);
}

test('a chat that is made in the dialog opens, stands in the list, and can be written in', async ({ jane }) => {
  await createChat(jane, 'Launch day', 'Who does what, and when');
  await expect(dialog(jane, 'Create a chat')).toBeHidden();
  await expect(jane).toHaveURL(chatPath('launch-day'));
  await expect(jane.getByText('Who does what, and when')).toBeVisible();
  await expect(jane.getByText('Nobody has written anything yet')).toBeVisible();
  await expect(chatLink(jane, 'Launch day')).toHaveAttribute('aria-current', 'page');
  await write(jane, 'the very first message');
  await expect(message(jane, 'the very first message')).toHaveAttribute('data-state', 'sent');
  await jane.reload();
  await expect(message(jane, 'the very first message')).toHaveCount(1);
  await expect(chatLink(jane, 'Launch day')).toBeVisible();
});

test('a new public chat appears under "Browse" to the others, without a reload', async ({ jane, john }) => {
  await expect(chatLink(john, 'docs')).toBeVisible();
  await createChat(jane, 'Launch day');
  await expect(joinableChats(john)).toBeVisible();
  await expect(chatLink(john, 'Launch day')).toBeVisible();
});

test('a new chat stays in the list while one walks through the chats', async ({ jane }) => {
  await createChat(jane, 'Launch day');
  await followChatLink(jane, 'docs');
  await expect(chatLink(jane, 'Launch day')).toBeVisible();
  await followChatLink(jane, 'Launch day');
});

test('two chats of similar names have addresses of their own', async ({ jane }) => {
  await createChat(jane, 'Launch day');
  await createChat(jane, 'Launch-day!');
  await expect(jane).toHaveURL(chatPath('launch-day-2'));
});

test('a private chat appears at once to who is added to it', async ({ jane, john }) => {
  await createChat(jane, 'Secret plans', '', true);
  await chooseFromChatMenu(jane, 'Manage members…');
  await jane.getByLabel('Add a person').selectOption('john');
  await dialog(jane, 'Members').getByRole('button', { name: 'Add' }).click();
  await expect(chats(john).getByRole('link', { name: 'private Secret plans' })).toBeVisible();
  await followChatLink(john, 'Secret plans');
  await jane.keyboard.press('Escape');
  await write(jane, 'only between us');
  await expect(message(john, 'only between us')).toHaveCount(1);
});

test.describe('to who may not know of it', () => {
  test.use({ expectedProblems: refusedRequest });

  test('a private chat does not appear, and its address leads nowhere', async ({ jane, bob }) => {
    await createChat(jane, 'Secret plans', '', true);
    await createChat(jane, 'Open plans');
    await bob.reload();
    await expect(chatLink(bob, 'Open plans')).toBeVisible();
    await expect(chatLink(bob, 'Secret plans')).toHaveCount(0);
    const response = await bob.goto(chatPath('secret-plans'));
    expect(response?.status()).toBe(404);
    await expect(bob.getByText('Secret plans')).toHaveCount(0);
  });
});

test.describe('with a name that cannot be', () => {
  test.use({ expectedProblems: refusedRequest });

  for (const [what, name] of [
    ['that is taken', 'general'],
    ['that differs from another only in its capitals', 'GeneRal'],
    ['that is empty', ''],
    ['of spaces', '   '],
    ['of nothing but a hash', '#'],
    ['that is too long', 'n'.repeat(81)],
  ] as const) {
    test(`a name ${what} is refused with a sentence, and what was typed stays`, async ({ jane }) => {
      const form = await startChat(jane);
      await fillName(jane, name);
      await topicField(jane).fill('a topic that took some thought');
      await form.getByRole('button', { name: 'Create' }).click();
      await expect(form.getByRole('alert')).toHaveText(/\w+ \w+/);
      await expect(nameField(jane)).toHaveValue(name);
      await expect(topicField(jane)).toHaveValue('a topic that took some thought');
      await fillName(jane, 'A better one');
      await form.getByRole('button', { name: 'Create' }).click();
      await expect(jane).toHaveURL(chatPath('a-better-one'));
    });
  }

  test('a chat is not given a name that is taken: the sentence says so, and nothing has changed', async ({
    jane,
    john,
  }) => {
    await chooseFromChatMenu(jane, 'Name and topic…');
    const form = dialog(jane, 'Name and topic');
    await nameField(jane).fill('docs');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(form.getByRole('alert')).toHaveText(/taken/);
    await expect(nameField(jane)).toHaveValue('docs');
    await jane.keyboard.press('Escape');
    for (const page of [jane, john]) await expect(page.getByRole('heading', { level: 1, name: 'general' })).toBeVisible();
  });
});

test('markup in a name and a topic is shown as it was written', async ({ jane }) => {
  const [name, topic] = ['<b>Bold</b> "plans" & so on', '<img src=x onerror="window.wasRun = true">'];
  await createChat(jane, name, topic);
  for (let visit = 0; visit < 2; visit++) {
    await expect(jane.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(jane.getByText(topic)).toBeVisible();
    await expect(jane).toHaveTitle(new RegExp('<b>Bold</b> "plans" & so on'));
    expect(await jane.evaluate(() => 'wasRun' in window)).toBe(false);
    await jane.reload();
  }
});

test('a new name and topic are seen by the other at once, and the address stays', async ({ jane, john }) => {
  await chooseFromChatMenu(jane, 'Name and topic…');
  await expect(nameField(jane)).toHaveValue('general');
  await nameField(jane).fill('Everybody');
  await topicField(jane).fill('What concerns us all');
  await topicField(jane).press('Enter');
  await expect(dialog(jane, 'Name and topic')).toBeHidden();
  for (const page of [jane, john]) {
    await expect(page.getByRole('heading', { level: 1, name: 'Everybody' })).toBeVisible();
    await expect(page.getByText('What concerns us all')).toBeVisible();
    await expect(chatLink(page, 'Everybody')).toBeVisible();
    await expect(chatLink(page, 'general')).toHaveCount(0);
    await expect(page).toHaveTitle(/#Everybody/);
    await expect(page).toHaveURL(chatPath('general'));
    await expect(composer(page)).toHaveAttribute('placeholder', /Everybody/);
  }
});

test('a new name reaches who has another chat on screen, and stays while they walk through the chats', async ({
  jane,
  john,
}) => {
  await openChat(john, 'docs');
  await chooseFromChatMenu(jane, 'Name and topic…');
  await nameField(jane).fill('Everybody');
  await nameField(jane).press('Enter');
  await expect(chatLink(john, 'Everybody')).toBeVisible();
  await followChatLink(john, 'release-train');
  await expect(chatLink(john, 'Everybody')).toBeVisible();
  await expect(chatLink(john, 'general')).toHaveCount(0);
});

test('who does not manage a chat is not offered to rename it', async ({ john }) => {
  await john.getByRole('button', { name: 'Chat menu' }).click();
  await expect(john.getByRole('button', { name: 'Leave the chat…' })).toBeVisible();
  await expect(john.getByRole('button', { name: 'Name and topic…' })).toHaveCount(0);
});

test('a chat that is opened shows its own messages, and "back" those of the one before', async ({ jane, signInApi }) => {
  const john = await signInApi('john');
  await john.send('docs', 'said in docs');
  await john.send('general', 'said in general');
  await expect(message(jane, 'said in general')).toHaveCount(1);
  await followChatLink(jane, 'docs');
  await expect(message(jane, 'said in docs')).toHaveCount(1);
  await expect(message(jane, 'said in general')).toHaveCount(0);
  await jane.goBack();
  await expect(jane.getByRole('heading', { level: 1, name: 'general' })).toBeVisible();
  await expect(message(jane, 'said in general')).toHaveCount(1);
  await expect(messages(jane).filter({ hasText: 'said in docs' })).toHaveCount(0);
  await expectConnection(jane, 'connected');
});
