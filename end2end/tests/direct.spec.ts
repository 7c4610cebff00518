import type { Locator, Page } from '@playwright/test';
import { seriousViolations, sidewaysScroll } from '../support/audit';
import {
  chats,
  composer,
  dialog,
  expectConnection,
  expectMessageState,
  expectOnlineCount,
  expectPresence,
  member,
  message,
  messages,
  names,
  openChat,
  typing,
  unreadChatLink,
  write,
} from '../support/page';
import {
  act,
  block,
  directLink,
  expectDot,
  header,
  openDirect,
  openPeople,
  openSettings,
  setStatus,
} from '../support/people';
import { colorSchemes, onEachScreen } from '../support/screens';
import { brokenNetwork, expect, refusedRequest, test } from '../support/test';

const everyone = 'Everyone in Flowra';
const newChat = 'New direct chat';

/** Opens the dialog in which one chooses whom to write to. */
async function openNewDirect(page: Page): Promise<Locator> {
  await chats(page).getByRole('button', { name: 'Write to somebody' }).click();
  await expect(dialog(page, newChat)).toBeVisible();
  return dialog(page, newChat);
}

/** A person to choose in it. */
const choice = (page: Page, name: string): Locator =>
  dialog(page, newChat).getByRole('checkbox', { name: new RegExp(name) });

/** Goes to the direct chat with somebody by its link. */
async function followDirectLink(page: Page, people: string): Promise<void> {
  await directLink(page, people).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(people);
  await expect(composer(page)).toBeVisible();
}

test.describe('opening one', () => {
  test('from the page of people: it shows whom it is with, and how they are', async ({ jane, john }) => {
    await openPeople(jane);
    await act(jane, everyone, 'Message', names.john);
    await expect(jane).toHaveURL(/\/w\/flowra\/c\/[0-9a-f-]{36}$/);
    await expect(jane.getByRole('heading', { level: 1 })).toContainText(names.john);
    await expect(jane).toHaveTitle(/John Smith · Rollcall$/);
    await expectDot(header(jane), 'online');
    await expect(header(jane).locator('.topic')).toHaveText('online');
    await write(jane, 'just the two of us');
    await followDirectLink(john, names.jane);
    await expect(message(john, 'just the two of us')).toHaveCount(1);
  });

  test('from the list of chats, by the pointer', async ({ jane, john }) => {
    const people = await openNewDirect(jane);
    await expect(people.getByRole('checkbox')).toHaveCount(2);
    await expect(people.getByRole('button', { name: 'Open chat' })).toBeDisabled();
    await choice(jane, names.john).check();
    await people.getByRole('button', { name: 'Open chat' }).click();
    await expect(dialog(jane, newChat)).toBeHidden();
    await expect(jane.getByRole('heading', { level: 1 })).toContainText(names.john);
    await expect(composer(jane)).toBeVisible();
    await expectDot(directLink(jane, names.john), 'online');
    await expectDot(directLink(john, names.jane), 'online');
  });

  test('from the list of chats, by the keyboard alone', async ({ jane }) => {
    await chats(jane).getByRole('button', { name: 'Write to somebody' }).press('Enter');
    await expect(jane.getByRole('searchbox', { name: 'People', exact: true })).toBeFocused();
    await jane.keyboard.type('smi');
    await expect(dialog(jane, newChat).getByRole('checkbox')).toHaveCount(1);
    await jane.keyboard.press('Enter');
    await expect(dialog(jane, newChat).getByRole('list', { name: 'Chosen' }).getByRole('listitem')).toHaveText([names.john]);
    await expect(jane.getByRole('searchbox', { name: 'People', exact: true })).toHaveValue('');
    await jane.keyboard.press('Enter');
    await expect(jane.getByRole('heading', { level: 1 })).toContainText(names.john);
    await expect(jane.locator('body :focus')).toHaveCount(1);
  });

  test('whoever was chosen can be taken back, and a search that finds nobody says so', async ({ jane }) => {
    const people = await openNewDirect(jane);
    await choice(jane, names.john).check();
    await choice(jane, names.bob).check();
    await people.getByRole('button', { name: `Remove ${names.john}` }).click();
    await expect(choice(jane, names.john)).not.toBeChecked();
    await choice(jane, names.bob).uncheck();
    await expect(people.getByRole('list', { name: 'Chosen' }).getByRole('listitem')).toHaveCount(0);
    await expect(people.getByRole('button', { name: 'Open chat' })).toBeDisabled();
    await people.getByRole('searchbox').fill('nobody at all');
    await expect(people).toContainText('Nobody here has a name like that.');
    // A browser's search field is emptied by the first one.
    await jane.keyboard.press('Escape');
    await expect(people.getByRole('searchbox')).toHaveValue('');
    await expect(people.getByRole('checkbox')).toHaveCount(2);
    await jane.keyboard.press('Escape');
    await expect(dialog(jane, newChat)).toBeHidden();
  });

  test('the same people have the same chat, whoever opens it, and from wherever', async ({ jane, john }) => {
    await openPeople(jane);
    await act(jane, everyone, 'Message', names.john);
    await expect(jane.getByRole('heading', { level: 1 })).toContainText(names.john);
    const { pathname } = new URL(jane.url());
    await openPeople(john);
    await act(john, everyone, 'Message', names.jane);
    await expect(john).toHaveURL(pathname);
    await openChat(jane, 'general');
    await openNewDirect(jane);
    await choice(jane, names.john).check();
    await dialog(jane, newChat).getByRole('button', { name: 'Open chat' }).click();
    await expect(jane).toHaveURL(pathname);
    for (const page of [jane, john]) await expect(chats(page).locator('a[href*="-"].chat-link .presence-dot')).toHaveCount(1);
  });

  test('a group of three is one chat for all of them, and not that of any two', async ({ jane, john, bob }) => {
    await openDirect(jane, 'john');
    await openNewDirect(jane);
    await choice(jane, names.john).check();
    await choice(jane, names.bob).check();
    await dialog(jane, newChat).getByRole('button', { name: 'Open chat' }).click();
    await expect(jane.getByRole('heading', { level: 1 })).toContainText(`${names.bob}, ${names.john}`);
    await write(jane, 'the three of us');
    await followDirectLink(john, `${names.bob}, ${names.jane}`);
    await followDirectLink(bob, `${names.jane}, ${names.john}`);
    for (const page of [jane, john, bob]) {
      await expect(message(page, 'the three of us')).toHaveCount(1);
      await expectOnlineCount(page, 3);
    }
    await expect(directLink(bob, names.jane)).toHaveCount(0);
    await followDirectLink(john, names.jane);
    await expect(message(john, 'the three of us')).toHaveCount(0);
  });
});

test.describe('presence', () => {
  test('a new one is in the other\'s list at once, without a reload, and their presence follows there', async ({
    jane,
    john,
  }) => {
    await openChat(john, 'release-train');
    await openDirect(jane, 'john');
    await expectDot(directLink(john, names.jane), 'online');
    const context = jane.context();
    await jane.close();
    await expectDot(directLink(john, names.jane), 'offline');
    const back = await context.newPage();
    await openChat(back, 'docs');
    await expectDot(directLink(john, names.jane), 'online');
    await setStatus(back, { mode: 'dnd' });
    await expectDot(directLink(john, names.jane), 'dnd');
    await setStatus(back, { mode: 'invisible' });
    await expectDot(directLink(john, names.jane), 'offline');
    await setStatus(back, {});
    await expectDot(directLink(john, names.jane), 'online');
  });

  test('the other\'s presence and status stand in the header, and follow', async ({ jane, john }) => {
    await jane.goto(await openDirect(jane, 'john'));
    await expect(header(jane).locator('.topic')).toHaveText('online');
    await setStatus(john, { mode: 'dnd', text: 'Writing the report' });
    await expect(header(jane).locator('.topic')).toHaveText('do not disturb · Writing the report');
    await expectDot(header(jane), 'dnd');
    await john.context().close();
    await expectDot(header(jane), 'offline');
    await expect(header(jane).locator('.topic')).toHaveText(/^offline/);
    await jane.reload();
    await expectDot(header(jane), 'offline');
  });

  test('who is here sees oneself and the other in the list of members', async ({ jane, john }) => {
    await jane.goto(await openDirect(jane, 'john'));
    await expectPresence(jane, names.jane, 'online');
    await expectPresence(jane, names.john, 'online');
    await expect(member(jane, names.bob)).toHaveCount(0);
    await followDirectLink(john, names.jane);
    await expectPresence(john, names.jane, 'online');
  });

  test('it is right from the first page on, without JavaScript', async ({ jane, john, newContext }) => {
    const path = await openDirect(jane, 'john');
    await openDirect(jane, 'bob');
    const storageState = await jane.context().storageState();
    const page = await (await newContext({ javaScriptEnabled: false, storageState })).newPage();
    await write(john, 'for everybody');
    await page.goto(path);
    await expectDot(directLink(page, names.john), 'online');
    await expectDot(directLink(page, names.bob), 'offline');
    await expect(header(page).locator('.topic')).toHaveText('online');
    await composer(page).fill('by a plain form');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(message(page, 'by a plain form')).toHaveCount(1);
  });

  test.describe('of who is idle', () => {
    test.use({ settings: { ROLLCALL_PRESENCE__AWAY_AFTER: '2s' } });

    test('is away, in the list and in the header, and online again with the next input', async ({ jane, john }) => {
      await openDirect(jane, 'john');
      await followDirectLink(jane, names.john);
      await expectDot(directLink(jane, names.john), 'away');
      await expectDot(header(jane), 'away');
      await expect(header(jane).locator('.topic')).toHaveText('away');
      await john.mouse.move(200, 200);
      await expectDot(directLink(jane, names.john), 'online');
      await expectDot(header(jane), 'online');
    });
  });

  test.describe('on a network that breaks', () => {
    test.use({ expectedProblems: brokenNetwork });

    test('is marked as the last that is known while it is away, and right again afterwards', async ({
      janeByCable: jane,
      cable,
      john,
    }) => {
      await openDirect(jane, 'john');
      await followDirectLink(jane, names.john);
      cable.cut();
      await expectConnection(jane, 'connecting');
      await expect(header(jane).locator('.topic')).toHaveText('last known: online');
      await expect(directLink(jane, names.john)).toHaveAccessibleName(`last known: online ${names.john}`);
      await john.context().close();
      cable.mend();
      await expectConnection(jane, 'connected');
      await expectDot(directLink(jane, names.john), 'offline');
      await expect(header(jane).locator('.topic')).toHaveText(/^offline/);
    });

    test('is online again after a restart of the server, and the chat is still there', async ({ jane, john, server }) => {
      await openDirect(jane, 'john');
      await expectDot(directLink(jane, names.john), 'online');
      await server.stop();
      await server.start();
      for (const page of [jane, john]) await expectConnection(page, 'connected');
      await expectDot(directLink(jane, names.john), 'online');
      await expectDot(directLink(john, names.jane), 'online');
    });
  });
});

test.describe('messages', () => {
  test('are counted where they are not read, and reading them in one tab reads them in the other', async ({
    jane,
    john,
  }) => {
    const secondTab = await john.context().newPage();
    await openSettings(secondTab);
    await jane.goto(await openDirect(jane, 'john'));
    await write(jane, 'the first');
    await write(jane, 'the second');
    for (const tab of [john, secondTab]) {
      await expect(directLink(tab, names.jane)).toHaveAccessibleName(`online ${names.jane} 2 unread`);
    }
    await expect(john).toHaveTitle('(2) #general · Rollcall');
    await followDirectLink(john, names.jane);
    for (const tab of [john, secondTab]) {
      await expect(directLink(tab, names.jane)).toHaveAccessibleName(`online ${names.jane}`);
    }
    await expect(john.locator('.unread-line ~ .message')).toHaveText([/the first/, /the second/]);
  });

  test('typing is shown to the other, and in no other chat', async ({ jane, john, bob }) => {
    await openDirect(jane, 'john');
    for (const [page, other] of [
      [jane, names.john],
      [john, names.jane],
    ] as const) {
      await followDirectLink(page, other);
    }
    await composer(jane).pressSequentially('hello');
    await expect(typing(john)).toHaveText(/Jane.* is typing/);
    await jane.keyboard.press('Enter');
    await expect(message(john, 'hello')).toHaveCount(1);
    await expect(typing(bob)).toHaveText('');
    await expect(unreadChatLink(bob, 'general', 1)).toHaveCount(0);
  });

  test('survive a reload, with the chat', async ({ jane, john }) => {
    await jane.goto(await openDirect(jane, 'john'));
    await write(jane, 'to be kept');
    await expectMessageState(jane, 'to be kept', 'sent');
    for (const page of [jane, john]) await page.reload();
    await expect(message(jane, 'to be kept')).toHaveCount(1);
    await expect(directLink(john, names.jane)).toHaveAccessibleName(/1 unread$/);
  });

  test.describe('across a block', () => {
    test.use({ expectedProblems: refusedRequest });

    for (const [who, by] of [
      ['has blocked', 'john'],
      ['is blocked by', 'jane'],
    ] as const) {
      test(`fail with a sentence when the other ${who} the writer, and can be edited back`, async ({ jane, john }) => {
        await jane.goto(await openDirect(jane, 'john'));
        await expectConnection(jane, 'connected');
        await (by === 'john' ? block(john, jane) : block(jane, john));
        await write(jane, 'will not arrive');
        await expectMessageState(jane, 'will not arrive', 'failed');
        await expect(message(jane, 'will not arrive').getByRole('alert')).toContainText(
          'This message cannot be delivered: one of you has blocked the other.',
        );
        await message(jane, 'will not arrive').getByRole('button', { name: 'Edit', exact: true }).click();
        await expect(composer(jane)).toHaveValue('will not arrive');
        await expect(message(jane, 'will not arrive')).toHaveCount(0);
        await expect(composer(jane)).toBeFocused();
      });
    }

    test('the presence of each is unknown to the other, in the list and in the header', async ({ jane, john }) => {
      await jane.goto(await openDirect(jane, 'john'));
      await expectDot(directLink(john, names.jane), 'online');
      await block(john, jane);
      await expectDot(directLink(john, names.jane), 'unknown');
      await expectDot(directLink(jane, names.john), 'unknown');
      await expectDot(header(jane), 'unknown');
      await jane.reload();
      await expectDot(directLink(jane, names.john), 'unknown');
      await expectDot(header(jane), 'unknown');
    });

    test('nothing changes in the list when the other goes', async ({ jane, john, bob }) => {
      await openDirect(jane, 'john');
      await openDirect(jane, 'bob');
      await expectDot(directLink(jane, names.john), 'online');
      await block(john, jane);
      await expect(directLink(jane, names.john).locator('.presence-dot.online')).toHaveCount(0);
      const before = (await directLink(jane, names.john).locator('.presence-dot').getAttribute('class')) ?? '';
      await john.context().close();
      await bob.context().close();
      await expectDot(directLink(jane, names.bob), 'offline');
      await expect(directLink(jane, names.john).locator('.presence-dot')).toHaveClass(before);
    });

    test('are heard again after it is taken back', async ({ jane, john }) => {
      await jane.goto(await openDirect(jane, 'john'));
      await block(john, jane);
      await write(jane, 'wait for it');
      await expectMessageState(jane, 'wait for it', 'failed');
      await openPeople(john);
      await act(john, 'Blocked', 'Unblock', names.jane);
      await expectDot(directLink(jane, names.john), 'online');
      await message(jane, 'wait for it').getByRole('button', { name: 'Retry' }).click();
      await expectMessageState(jane, 'wait for it', 'sent');
      await expect(directLink(john, names.jane)).toHaveAccessibleName(/1 unread$/);
    });
  });
});

test.describe('leaving the composer behind while one writes', () => {
  test('by the browser\'s "Back", and the page goes on', async ({ jane }) => {
    await openDirect(jane, 'john');
    await followDirectLink(jane, names.john);
    await composer(jane).click();
    await composer(jane).pressSequentially('half a');
    await jane.goBack();
    await expect(jane.getByRole('heading', { level: 1, name: 'general' })).toBeVisible();
    await followDirectLink(jane, names.john);
    await expect(composer(jane)).toHaveValue('half a');
    await write(jane, 'a whole one');
    await expectMessageState(jane, 'a whole one', 'sent');
  });

  test('to the page of people and back', async ({ jane }) => {
    await openPeople(jane);
    await act(jane, everyone, 'Message', names.john);
    await expect(jane.getByRole('heading', { level: 1 })).toContainText(names.john);
    await composer(jane).click();
    await jane.goBack();
    await expect(jane.getByRole('heading', { level: 1 })).toHaveText('People');
    await act(jane, everyone, 'Message', names.bob);
    await expect(jane.getByRole('heading', { level: 1 })).toContainText(names.bob);
  });

  test('by opening another chat from the dialog, with the focus in the composer behind it', async ({ jane }) => {
    await composer(jane).click();
    const people = await openNewDirect(jane);
    await choice(jane, names.john).check();
    await people.getByRole('button', { name: 'Open chat' }).click();
    await expect(jane.getByRole('heading', { level: 1 })).toContainText(names.john);
    await write(jane, 'it works');
    await expectMessageState(jane, 'it works', 'sent');
  });
});

test('its people never change, so there is no way to leave it, to name it or to add anybody', async ({ jane }) => {
  await openDirect(jane, 'john');
  await followDirectLink(jane, names.john);
  await jane.getByRole('button', { name: 'Chat menu' }).click();
  await expect(jane.locator('#chat-menu').getByRole('button')).toHaveText(['Mute']);
});

test.describe('to who is not in it', () => {
  test.use({ expectedProblems: refusedRequest });

  test('its address leads nowhere', async ({ jane, bob }) => {
    const path = await openDirect(jane, 'john');
    const response = await bob.goto(path);
    expect(response?.status()).toBe(404);
    await expect(messages(bob)).toHaveCount(0);
    await expect(directLink(bob, names.jane)).toHaveCount(0);
  });
});

onEachScreen((width) => {
  for (const colorScheme of colorSchemes) {
    test(`a direct chat and the dialog for a new one, ${colorScheme}: axe finds nothing serious, nothing scrolls sideways`, async ({
      jane,
    }) => {
      await jane.emulateMedia({ colorScheme });
      await jane.goto(await openDirect(jane, 'john'));
      await expectConnection(jane, 'connected');
      expect(await seriousViolations(jane)).toEqual([]);
      expect(await sidewaysScroll(jane)).toBe(0);
      if (width === 360) await jane.getByRole('button', { name: 'Chats', exact: true }).click();
      await openNewDirect(jane);
      await choice(jane, names.john).check();
      await choice(jane, names.bob).check();
      await expect(dialog(jane, newChat)).toBeInViewport({ ratio: 1 });
      expect(await seriousViolations(jane)).toEqual([]);
      expect(await sidewaysScroll(jane)).toBe(0);
      await dialog(jane, newChat).getByRole('button', { name: 'Open chat' }).click();
      await expect(jane.getByRole('heading', { level: 1 })).toContainText(`${names.bob}, ${names.john}`);
      expect(await sidewaysScroll(jane)).toBe(0);
    });
  }
});
