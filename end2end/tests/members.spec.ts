import type { Locator, Page } from '@playwright/test';
import {
  chatLink,
  chatPath,
  chooseFromChatMenu,
  composer,
  dialog,
  enter,
  expectConnection,
  expectOnlineCount,
  expectPresence,
  field,
  followChatLink,
  joinableChats,
  member,
  membership,
  message,
  names,
  openChat,
  unreadChatLink,
  write,
} from '../support/page';
import { expect, refusedRequest, test } from '../support/test';

/** Opens the dialog in which members come and go. */
async function manageMembers(page: Page): Promise<Locator> {
  await chooseFromChatMenu(page, 'Manage members…');
  await expect(dialog(page, 'Members')).toBeVisible();
  return dialog(page, 'Members');
}

/** Leaves the chat on screen. */
async function leaveChat(page: Page): Promise<void> {
  await chooseFromChatMenu(page, 'Leave the chat…');
  await dialog(page, 'Leave the chat?').getByRole('button', { name: 'Leave' }).click();
  await expect(dialog(page, 'Leave the chat?')).toBeHidden();
}

test('one reads along before joining, and after joining one is a member to all', async ({ jane, john }) => {
  await openChat(jane, 'design');
  await expect(member(jane, names.john)).toHaveCount(0);
  await expect(joinableChats(john)).toBeVisible();
  await followChatLink(john, 'design');
  await expect(john.getByRole('article').first()).toBeVisible();
  await expect(composer(john)).toHaveCount(0);
  await membership(john).getByRole('button', { name: 'Join the chat' }).click();
  await write(john, 'thanks for having me');
  await expect(message(jane, 'thanks for having me')).toHaveCount(1);
  await expect(joinableChats(john)).toHaveCount(0);
  await expectPresence(jane, names.john, 'online');
  for (const page of [jane, john]) await expectOnlineCount(page, 2);
});

test.describe('with JavaScript off', () => {
  test('one can join by a plain form', async ({ newContext, john }) => {
    const context = await newContext({ javaScriptEnabled: false, storageState: await john.context().storageState() });
    const page = await context.newPage();
    await page.goto(chatPath('design'));
    await page.getByRole('button', { name: 'Join the chat' }).click();
    await page.goto(chatPath('design'));
    await expect(composer(page)).toBeVisible();
  });
});

test('who leaves a public chat reads along, is gone for the others, and can come back', async ({ jane, john }) => {
  for (const page of [jane, john]) await openChat(page, 'docs');
  await expectOnlineCount(jane, 2);
  await leaveChat(john);
  await expect(membership(john)).toBeVisible();
  await expect(composer(john)).toHaveCount(0);
  await expect(joinableChats(john)).toBeVisible();
  await expect(chatLink(john, 'docs')).toBeVisible();
  await expect(member(jane, names.john)).toHaveCount(0);
  await expectOnlineCount(jane, 1);
  await membership(john).getByRole('button', { name: 'Join the chat' }).click();
  await expect(composer(john)).toBeVisible();
  await expectPresence(jane, names.john, 'online');
});

test('who has left a chat is not shown what is written there afterwards as news', async ({ john, signInApi }) => {
  await openChat(john, 'docs');
  await leaveChat(john);
  const jane = await signInApi('jane');
  await jane.send('docs', 'after he left');
  await jane.send('general', 'for everybody');
  await expect(unreadChatLink(john, 'general', 1)).toBeVisible();
  await expect(chatLink(john, 'docs')).toHaveAccessibleName('docs');
});

test('leaving a private chat says that one cannot come back alone, and leads to another chat', async ({
  john,
  signInApi,
}) => {
  await (await signInApi('jane')).createPrivateChat('Secret plans', 'john');
  await followChatLink(john, 'Secret plans');
  await chooseFromChatMenu(john, 'Leave the chat…');
  await expect(dialog(john, 'Leave the chat?')).toContainText('only when a member adds you');
  await dialog(john, 'Leave the chat?').getByRole('button', { name: 'Leave' }).click();
  await expect(john).toHaveURL(chatPath('general'));
  await expect(chatLink(john, 'Secret plans')).toHaveCount(0);
});

test('"Stay" leaves everything as it was', async ({ john }) => {
  await chooseFromChatMenu(john, 'Leave the chat…');
  await dialog(john, 'Leave the chat?').getByRole('button', { name: 'Stay' }).click();
  await expect(dialog(john, 'Leave the chat?')).toBeHidden();
  await expect(composer(john)).toBeVisible();
});

test('who is added has the chat in the list at once, and is a member to the others', async ({ jane, john }) => {
  await openChat(jane, 'design');
  await manageMembers(jane);
  await jane.getByLabel('Add a person').selectOption({ label: 'John Smith (@john)' });
  await dialog(jane, 'Members').getByRole('button', { name: 'Add' }).click();
  await expectPresence(jane, names.john, 'online');
  await expect(joinableChats(john)).toHaveCount(0);
  await followChatLink(john, 'design');
  await expect(composer(john)).toBeVisible();
});

test('the dialog lists who was added, and offers them no longer', async ({ jane }) => {
  await openChat(jane, 'design');
  const people = await manageMembers(jane);
  await expect(people.getByRole('listitem')).toHaveText([/@bob/, /@jane/]);
  await jane.getByLabel('Add a person').selectOption('john');
  await people.getByRole('button', { name: 'Add' }).click();
  await expect(people.getByRole('listitem')).toHaveText([/@bob/, /@jane/, /@john/]);
  await expect(people.getByRole('option', { name: 'John Smith' })).toHaveCount(0);
});

test('the dialog no longer lists who was removed, and offers to add them again', async ({ jane }) => {
  const people = await manageMembers(jane);
  await people.getByRole('button', { name: 'Remove John Smith' }).click();
  await expect(people.getByRole('listitem')).toHaveText([/@bob/, /@jane/]);
  await expect(people.getByRole('option', { name: 'John Smith' })).toHaveCount(1);
});

test('who is removed from a public chat reads along, is gone for the others, and may join again', async ({
  jane,
  john,
}) => {
  await composer(john).fill('in the middle of a sentence');
  const people = await manageMembers(jane);
  await people.getByRole('button', { name: 'Remove John Smith' }).click();
  await expect(membership(john)).toBeVisible();
  await expect(composer(john)).toHaveCount(0);
  await expect(joinableChats(john)).toBeVisible();
  await expect(member(jane, names.john)).toHaveCount(0);
  await expectOnlineCount(jane, 1);
  await membership(john).getByRole('button', { name: 'Join the chat' }).click();
  await expect(composer(john)).toHaveValue('in the middle of a sentence');
  await expectPresence(jane, names.john, 'online');
});

test('who has left is told nothing more of presence, and nothing that may be wrong by now stays', async ({
  jane,
  john,
}) => {
  await expectPresence(john, names.jane, 'online');
  await leaveChat(john);
  await expect(membership(john)).toBeVisible();
  await jane.context().close();
  await expect(john.locator('.online-count')).toHaveCount(0);
  await expect(member(john, names.jane).locator('.presence-dot.online')).toHaveCount(0);
});

test('who only reads along is told nothing of presence', async ({ jane, john }) => {
  await openChat(jane, 'design');
  await expectPresence(jane, names.jane, 'online');
  await openChat(john, 'design');
  await expect(member(john, names.jane)).toHaveCount(1);
  await expect(john.locator('.online-count')).toHaveCount(0);
  await expect(member(john, names.jane).locator('.presence-dot.online')).toHaveCount(0);
});

test('who is not a member is not shown as one in the list of members', async ({ jane, john }) => {
  const people = await manageMembers(jane);
  await people.getByRole('button', { name: 'Remove John Smith' }).click();
  await expect(membership(john)).toBeVisible();
  await expect(member(john, names.john)).toHaveCount(0);
});

test.describe('after being removed from a private chat', () => {
  test.use({ expectedProblems: refusedRequest });

  test('it is off the list, nothing more is heard of it, and its address leads nowhere', async ({ jane, john, signInApi }) => {
    const api = await signInApi('jane');
    await api.createPrivateChat('Secret plans', 'john');
    await followChatLink(john, 'Secret plans');
    await followChatLink(jane, 'Secret plans');
    await write(jane, 'while he is here');
    await expect(message(john, 'while he is here')).toHaveCount(1);
    const people = await manageMembers(jane);
    await people.getByRole('button', { name: 'Remove John Smith' }).click();
    await expect(membership(john)).toContainText('You are not a member of this private chat');
    await expect(chatLink(john, 'Secret plans')).toHaveCount(0);
    await api.send('secret-plans', 'now that he is gone');
    await api.send('general', 'for everybody');
    await expect(unreadChatLink(john, 'general', 1)).toBeVisible();
    await expect(message(john, 'now that he is gone')).toHaveCount(0);
    const response = await john.reload();
    expect(response?.status()).toBe(404);
    await expect(john.getByText('while he is here')).toHaveCount(0);
  });

  test('the messages that are not theirs to read any more leave the screen', async ({ jane, john, signInApi }) => {
    const api = await signInApi('jane');
    await api.createPrivateChat('Secret plans', 'john');
    await api.send('secret-plans', 'while he is here');
    await followChatLink(john, 'Secret plans');
    await expect(message(john, 'while he is here')).toHaveCount(1);
    await followChatLink(jane, 'Secret plans');
    const people = await manageMembers(jane);
    await people.getByRole('button', { name: 'Remove John Smith' }).click();
    await expect(membership(john)).toBeVisible();
    await expect(message(john, 'while he is here')).toHaveCount(0);
  });
});

test('who does not manage a chat is not offered to remove others, but to add them', async ({ john }) => {
  await openChat(john, 'release-train');
  const people = await manageMembers(john);
  await expect(people.getByRole('listitem')).toHaveCount(2);
  await expect(people.getByRole('button', { name: /^Remove/ })).toHaveCount(0);
  await john.getByLabel('Add a person').selectOption('bob');
  await people.getByRole('button', { name: 'Add' }).click();
  await expect(member(john, names.bob)).toHaveCount(1);
});

test('an invitation link brings a new person into the workspace, whom the others see at once', async ({
  jane,
  newContext,
}) => {
  await chooseFromChatMenu(jane, 'Invite to the workspace…');
  await jane.getByRole('button', { name: 'Make a link' }).click();
  const link = await jane.getByRole('textbox', { name: 'Link' }).inputValue();
  const newcomer = await (await newContext()).newPage();
  await newcomer.goto(link);
  await expect(newcomer.getByText('Flowra')).toBeVisible();
  await field(newcomer, 'Username').fill('nina');
  await field(newcomer, 'Name').fill('Nina New');
  await field(newcomer, 'Password').fill('long-enough-password');
  await newcomer.getByRole('button', { name: 'Create the account' }).click();
  await expect(newcomer).toHaveURL(chatPath('general'));
  await expectConnection(newcomer, 'connected');
  await expectPresence(jane, 'Nina New', 'online');
  await write(newcomer, 'hello, I am new here');
  await expect(message(jane, 'hello, I am new here')).toHaveCount(1);
});

test.describe('where an account needs an invitation', () => {
  test.use({ settings: { ROLLCALL_SIGN_UP__MODE: 'invitation' } });

  test('the link opens the door, and without it the page says what to do', async ({ jane, newContext }) => {
    await chooseFromChatMenu(jane, 'Invite to the workspace…');
    await jane.getByRole('button', { name: 'Make a link' }).click();
    const link = await jane.getByRole('textbox', { name: 'Link' }).inputValue();
    const newcomer = await (await newContext()).newPage();
    await newcomer.goto('/sign-up');
    await expect(newcomer.getByText(/invitation/i)).toBeVisible();
    await expect(field(newcomer, 'Username')).toHaveCount(0);
    await newcomer.goto(link);
    await field(newcomer, 'Username').fill('nina');
    await field(newcomer, 'Name').fill('Nina New');
    await field(newcomer, 'Password').fill('long-enough-password');
    await newcomer.getByRole('button', { name: 'Create the account' }).click();
    await expect(newcomer).toHaveURL(chatPath('general'));
    await expect(member(jane, 'Nina New')).toHaveCount(1);
  });
});

test('who does not administer the workspace is not offered to invite', async ({ john }) => {
  await john.getByRole('button', { name: 'Chat menu' }).click();
  await expect(john.getByRole('button', { name: 'Leave the chat…' })).toBeVisible();
  await expect(john.getByRole('button', { name: 'Invite to the workspace…' })).toHaveCount(0);
});

test('of a large chat as many members are shown as anybody reads, and more when one asks', async ({ newContext }) => {
  const context = await newContext();
  const uuid = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  await context.routeWebSocket(/./, (near) => {
    const far = near.connectToServer();
    far.onMessage((received) => {
      const frame = JSON.parse(String(received));
      if (frame.type !== 'connected_users') return near.send(received);
      const [someone] = frame.users;
      const crowd = Array.from({ length: 447 }, (_, n) => ({
        ...someone,
        user_id: uuid(n),
        display_name: `Member ${String(n).padStart(3, '0')}`,
        is_online: true,
      }));
      near.send(JSON.stringify({ ...frame, users: [...frame.users, ...crowd] }));
    });
  });
  const jane = await enter(await context.newPage(), 'jane');
  const list = jane.getByRole('complementary', { name: 'Members' });
  const more = list.getByRole('button', { name: 'Show more' });
  await expectOnlineCount(jane, 448);
  await expect(list.getByRole('listitem')).toHaveCount(200);
  await expect(list).toContainText('250 more');
  await expect(member(jane, names.john)).toHaveCount(0);
  await more.focus();
  await jane.keyboard.press('Enter');
  await expect(list.getByRole('listitem')).toHaveCount(400);
  await expect(more).toBeFocused();
  await jane.keyboard.press('Enter');
  await expect(list.getByRole('listitem')).toHaveCount(450);
  await expect(more).toHaveCount(0);
  await expectPresence(jane, names.john, 'offline');
  // Whoever uses the keyboard stays where they were, and has a way back.
  await expect(list.getByRole('button', { name: 'Show fewer' })).toBeFocused();
  await jane.keyboard.press('Enter');
  await expect(list.getByRole('listitem')).toHaveCount(200);
  await expect(more).toBeFocused();
});
