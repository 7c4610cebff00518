import type { BrowserContext, Locator, Page } from '@playwright/test';
import { seriousViolations, sidewaysScroll } from '../support/audit';
import { bell, expectBell, item, openPanel } from '../support/bell';
import {
  chatPath,
  chooseFromChatMenu,
  composer,
  expectConnection,
  expectMessageState,
  field,
  followChatLink,
  member,
  message,
  names,
  openChat,
  write,
} from '../support/page';
import { colorSchemes, onEachScreen } from '../support/screens';
import { expect, test } from '../support/test';

/** The people that are offered while a mention is being written. */
const menu = (page: Page): Locator => page.getByRole('listbox', { name: 'People to mention' });
const options = (page: Page): Locator => menu(page).getByRole('option');
const option = (page: Page, text: string): Locator => options(page).filter({ hasText: text });

/** The names that are marked in a message. */
const marks = (within: Locator): Locator => within.locator('.mention');
const ownMarks = (within: Locator): Locator => within.locator('.mention.own');

/** Types key by key, as a person does. */
async function type(page: Page, text: string): Promise<void> {
  await composer(page).pressSequentially(text);
}

/** Presses a key in the composer that belongs to the input method. */
async function pressForComposition(page: Page, key: string, isComposing = true): Promise<void> {
  await composer(page).evaluate(
    (area, [key, isComposing]) => {
      const options = { key, isComposing, keyCode: 229, bubbles: true, cancelable: true };
      area.dispatchEvent(new KeyboardEvent('keydown', options));
    },
    [key, isComposing] as const,
  );
}

/** The one that is chosen, also for who hears the page. */
async function expectChosen(page: Page, text: string): Promise<void> {
  await expect(option(page, text)).toHaveAttribute('aria-selected', 'true');
  await expect(menu(page).locator('[aria-selected=true]')).toHaveCount(1);
  const id = await option(page, text).getAttribute('id');
  await expect(composer(page)).toHaveAttribute('aria-activedescendant', id ?? '');
  await expect(composer(page)).toBeFocused();
}

/** Brings somebody new into the demo's workspace, by an invitation of Jane's. */
async function invite(jane: Page, context: BrowserContext, username: string, displayName: string): Promise<Page> {
  await chooseFromChatMenu(jane, 'Invite to the workspace…');
  await jane.getByRole('button', { name: 'Make a link' }).click();
  const link = await jane.getByRole('textbox', { name: 'Link' }).inputValue();
  await jane.keyboard.press('Escape');
  const newcomer = await context.newPage();
  await newcomer.goto(link);
  await field(newcomer, 'Username').fill(username);
  await field(newcomer, 'Name').fill(displayName);
  await field(newcomer, 'Password').fill('long-enough-password');
  await newcomer.getByRole('button', { name: 'Create the account' }).click();
  await expectConnection(newcomer, 'connected');
  return newcomer;
}

test.describe('while one writes', () => {
  test('everybody else of the chat is offered after the @, by name', async ({ jane }) => {
    await type(jane, 'Ask @');
    await expect(options(jane)).toHaveText([/Bob Wilson.*@bob/, /John Smith.*@john/]);
    await expectChosen(jane, 'Bob Wilson');
    await expect(composer(jane)).toHaveAttribute('aria-controls', (await menu(jane).getAttribute('id')) ?? '');
  });

  for (const [how, typed] of [
    ['the username', '@joh'],
    ['the name', '@Smi'],
    ['a name in capitals', '@SMITH'],
  ] as const) {
    test(`somebody is found by ${how}`, async ({ jane }) => {
      await type(jane, `Ask ${typed}`);
      await expect(options(jane)).toHaveText([/John Smith/]);
      await composer(jane).press('Enter');
      await expect(composer(jane)).toHaveValue('Ask @john ');
      await expect(menu(jane)).toHaveCount(0);
    });
  }

  for (const key of ['Enter', 'Tab'] as const) {
    test(`the arrows move and ${key} takes the one that is chosen, and sends nothing`, async ({ jane }) => {
      await type(jane, 'Ask @');
      await composer(jane).press('ArrowDown');
      await expectChosen(jane, 'John Smith');
      await composer(jane).press('ArrowDown');
      await expectChosen(jane, 'Bob Wilson');
      await composer(jane).press('ArrowUp');
      await expectChosen(jane, 'John Smith');
      await composer(jane).press(key);
      await expect(composer(jane)).toHaveValue('Ask @john ');
      await expect(composer(jane)).toBeFocused();
      await expect(message(jane, 'Ask')).toHaveCount(0);
      await type(jane, 'please');
      await composer(jane).press('Enter');
      await expectMessageState(jane, 'Ask @john please', 'sent');
    });
  }

  test('Escape closes the list, keeps the text, and Enter then sends it', async ({ jane }) => {
    await type(jane, 'Ask @jo');
    await expect(menu(jane)).toBeVisible();
    await composer(jane).press('Escape');
    await expect(menu(jane)).toHaveCount(0);
    await type(jane, 'hn');
    await expect(menu(jane)).toHaveCount(0);
    await expect(composer(jane)).toHaveValue('Ask @john');
    await composer(jane).press('Enter');
    await expectMessageState(jane, 'Ask @john', 'sent');
  });

  test('after Escape the next mention is offered again', async ({ jane }) => {
    await type(jane, '@jo');
    await composer(jane).press('Escape');
    await expect(menu(jane)).toHaveCount(0);
    await type(jane, 'hn and @b');
    await expect(option(jane, 'Bob Wilson')).toBeVisible();
  });

  test('a click takes the one that is clicked, and the focus stays in the text', async ({ jane }) => {
    await type(jane, '@');
    await option(jane, 'John Smith').click();
    await expect(composer(jane)).toHaveValue('@john ');
    await expect(composer(jane)).toBeFocused();
    await expect(menu(jane)).toHaveCount(0);
  });

  test('a mention in the middle of a text is finished where it stands', async ({ jane }) => {
    await composer(jane).fill('before after');
    for (let presses = 0; presses < 5; presses++) await composer(jane).press('ArrowLeft');
    await type(jane, '@bo');
    await composer(jane).press('Enter');
    await expect(composer(jane)).toHaveValue('before @bob after');
    await type(jane, 'and ');
    await expect(composer(jane)).toHaveValue('before @bob and after');
  });

  test('nobody is offered within a word, in an address, or for a name that nobody has', async ({ jane }) => {
    for (const text of ['mail@bob', 'jane@example.com', '@nobody', '@ bob']) {
      await composer(jane).fill('');
      await type(jane, text);
      await expect(composer(jane)).toHaveValue(text);
      await expect(menu(jane)).toHaveCount(0);
    }
  });

  test('who is not in the chat is not offered', async ({ jane }) => {
    await followChatLink(jane, 'release-train');
    await type(jane, '@');
    await expect(options(jane)).toHaveText([/John Smith/]);
  });

  test('who has just joined the chat is offered', async ({ jane, signInApi }) => {
    await followChatLink(jane, 'release-train');
    await (await signInApi('jane')).addMember('release-train', 'bob');
    await expect(member(jane, names.bob)).toHaveCount(1);
    await type(jane, '@');
    await expect(options(jane)).toHaveText([/Bob Wilson/, /John Smith/]);
  });

  test('who joins the chat while a mention is being written is offered, too', async ({ jane, signInApi }) => {
    await followChatLink(jane, 'release-train');
    await type(jane, '@');
    await expect(options(jane)).toHaveText([/John Smith/]);
    await (await signInApi('jane')).addMember('release-train', 'bob');
    await expect(options(jane)).toHaveText([/Bob Wilson/, /John Smith/]);
  });

  test('Enter without the list sends', async ({ jane, john }) => {
    await type(jane, 'Thank you, @john ');
    await expect(menu(jane)).toHaveCount(0);
    await composer(jane).press('Enter');
    await expect(message(john, 'Thank you, @john')).toHaveCount(1);
  });

  test('a whole name and Enter, and one Enter more: the message is sent as it stands', async ({ jane, john }) => {
    await type(jane, 'Thank you, @john');
    await expect(option(jane, 'John Smith')).toBeVisible();
    await composer(jane).press('Enter');
    await expect(composer(jane)).toHaveValue('Thank you, @john ');
    await composer(jane).press('Enter');
    await expect(message(john, 'Thank you, @john')).toHaveCount(1);
  });

  test('Shift+Enter makes a line also while people are offered', async ({ jane }) => {
    await type(jane, 'Ask @jo');
    await expect(menu(jane)).toBeVisible();
    await composer(jane).press('Shift+Enter');
    await expect(composer(jane)).toHaveValue('Ask @jo\n');
  });

  test('the list goes when the focus does', async ({ jane }) => {
    await type(jane, '@');
    await expect(menu(jane)).toBeVisible();
    await bell(jane).focus();
    await expect(menu(jane)).toHaveCount(0);
  });

  test('what was taken from the list survives a reload as a draft', async ({ jane }) => {
    await type(jane, 'Ask @jo');
    await composer(jane).press('Tab');
    await expect(composer(jane)).toHaveValue('Ask @john ');
    await jane.reload();
    await expect(composer(jane)).toHaveValue('Ask @john ');
  });

  test('the composition of Japanese is left alone: its Enter neither sends nor takes anybody', async ({ jane }) => {
    await type(jane, '@jo');
    await expect(menu(jane)).toBeVisible();
    const input = await jane.context().newCDPSession(jane);
    await composer(jane).press('Escape');
    await type(jane, ' ');
    await input.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
    await expect(composer(jane)).toHaveValue('@jo にほん');
    for (const key of ['Enter', 'ArrowDown', 'Tab']) await pressForComposition(jane, key);
    await expect(composer(jane)).toHaveValue('@jo にほん');
    await expect(message(jane, 'にほん')).toHaveCount(0);
    await input.send('Input.insertText', { text: '日本' });
    await expect(composer(jane)).toHaveValue('@jo 日本');
    await composer(jane).press('Enter');
    await expectMessageState(jane, '日本', 'sent');
  });

  // Safari ends the composition before it tells of the key (https://bugs.webkit.org/show_bug.cgi?id=165004).
  test('the Enter that has just ended a composition is left alone, too', async ({ jane }) => {
    await type(jane, '日本');
    await pressForComposition(jane, 'Enter', false);
    await expect(composer(jane)).toHaveValue('日本');
    await expect(message(jane, '日本')).toHaveCount(0);
  });

  test('keys of a composition do not take anybody from an open list', async ({ jane }) => {
    await type(jane, '@jo');
    await expect(menu(jane)).toBeVisible();
    await pressForComposition(jane, 'Enter');
    await expect(composer(jane)).toHaveValue('@jo');
    await expect(menu(jane)).toBeVisible();
  });
});

test.describe('on a touch screen', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('a tap takes somebody from the list', async ({ jane, newContext }) => {
    const context = await newContext({
      hasTouch: true,
      isMobile: true,
      storageState: await jane.context().storageState(),
    });
    const phone = await context.newPage();
    await openChat(phone, 'general');
    await composer(phone).tap();
    await type(phone, 'Ask @');
    await option(phone, 'John Smith').tap();
    await expect(composer(phone)).toHaveValue('Ask @john ');
    await expect(menu(phone)).toHaveCount(0);
  });
});

test.describe('in a message', () => {
  test('names are marked, one\'s own more strongly, for all who read it and after a reload', async ({ jane, john }) => {
    await write(jane, 'for @john, and @bob.');
    for (let visit = 0; visit < 2; visit++) {
      for (const page of [jane, john]) await expect(marks(message(page, 'for @john'))).toHaveText(['@john', '@bob']);
      await expect(ownMarks(message(jane, 'for @john'))).toHaveCount(0);
      await expect(ownMarks(message(john, 'for @john'))).toHaveText(['@john']);
      for (const page of [jane, john]) {
        await page.reload();
        await expectConnection(page, 'connected');
      }
    }
    const looks = await marks(message(john, 'for @john')).evaluateAll((marks) =>
      marks.map((mark) => getComputedStyle(mark).backgroundColor),
    );
    expect(new Set(looks).size).toBe(2);
  });

  test('an unknown name is plain text, and so is what only looks like a name', async ({ jane, john }) => {
    const text = 'ask @nobody-here or mail jane@john.example, @@bob';
    await write(jane, text);
    await expectMessageState(jane, text, 'sent');
    await expect(message(john, text)).toHaveCount(1);
    for (const page of [jane, john]) await expect(marks(message(page, text))).toHaveCount(0);
    await expectBell(john, 0);
  });

  test('a name in capitals is the same name', async ({ jane, john }) => {
    await followChatLink(john, 'docs');
    await write(jane, 'for @JOHN!');
    await expectBell(john, 1);
    await followChatLink(john, 'general');
    await expect(ownMarks(message(john, 'for @JOHN!'))).toHaveText(['@JOHN']);
  });

  test('a name twice in one message notifies once', async ({ jane, john }) => {
    await followChatLink(john, 'docs');
    await write(jane, '@john @john and @john!');
    await expectBell(john, 1);
    await openPanel(john);
    await expect(item(john, '@john @john and @john!')).toHaveCount(1);
  });

  test('somebody who is not in the chat: refused with a sentence, and Edit brings the text back', async ({
    jane,
    bob,
  }) => {
    await openChat(jane, 'release-train');
    const text = 'what does @bob say?';
    await write(jane, text);
    await expectMessageState(jane, text, 'failed');
    await expect(message(jane, text).getByRole('alert')).toContainText(/Bob Wilson.*is not in this chat/);
    await message(jane, text).getByRole('button', { name: 'Edit' }).click();
    await expect(composer(jane)).toHaveValue(text);
    await expect(composer(jane)).toBeFocused();
    await expect(message(jane, text)).toHaveCount(0);
    await write(jane, 'what does Bob say?');
    await expectMessageState(jane, 'what does Bob say?', 'sent');
    await expectBell(bob, 0);
    await jane.reload();
    await expect(message(jane, 'what does Bob say?')).toHaveCount(1);
    await expect(message(jane, text)).toHaveCount(0);
  });

  test('somebody who is not in the chat: without script, too, the page says why', async ({ jane, newContext }) => {
    const context = await newContext({ javaScriptEnabled: false, storageState: await jane.context().storageState() });
    const page = await context.newPage();
    await page.goto(chatPath('release-train'));
    await composer(page).fill('what does @bob say?');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(page.getByRole('alert')).toContainText(/not in this chat/);
    await expect(message(page, 'what does @bob say?')).toHaveCount(0);
  });

  test('after the person was added, Retry sends it once, and rings', async ({ jane, bob, signInApi }) => {
    await openChat(jane, 'release-train');
    const text = 'what does @bob say?';
    await write(jane, text);
    await expectMessageState(jane, text, 'failed');
    await (await signInApi('jane')).addMember('release-train', 'bob');
    await expectBell(bob, 1);
    await message(jane, text).getByRole('button', { name: 'Retry' }).click();
    await expectMessageState(jane, text, 'sent');
    await expect(message(jane, text)).toHaveCount(1);
    await expectBell(bob, 2);
    await openPanel(bob);
    await item(bob, text).getByRole('link').click();
    await expect(message(bob, text)).toHaveCount(1);
  });

  test('a refused message holds back no other, and Discard takes it away', async ({ jane, john }) => {
    for (const page of [jane, john]) await openChat(page, 'release-train');
    await write(jane, 'refused for @bob');
    await write(jane, 'right behind it');
    await expect(message(john, 'right behind it')).toHaveCount(1);
    await expectMessageState(jane, 'refused for @bob', 'failed');
    await message(jane, 'refused for @bob').getByRole('button', { name: 'Discard' }).click();
    await expect(message(jane, 'refused for @bob')).toHaveCount(0);
    await expect(message(john, 'refused for @bob')).toHaveCount(0);
  });

  test('sixty names in one message: refused with a sentence, and Edit brings the text back', async ({ jane, john }) => {
    const text = Array.from({ length: 60 }, (_, index) => `@person${index}`).join(' ');
    await write(jane, text);
    await expectMessageState(jane, text, 'failed');
    await expect(message(jane, text).getByRole('alert')).toContainText(/at most 50/);
    await message(jane, text).getByRole('button', { name: 'Edit' }).click();
    await expect(composer(jane)).toHaveValue(text);
    await expect(message(john, '@person0')).toHaveCount(0);
  });

  test('who is already in a draft loses nothing when a refused text comes back', async ({ jane }) => {
    await openChat(jane, 'release-train');
    await write(jane, 'refused for @bob');
    await expectMessageState(jane, 'refused for @bob', 'failed');
    await composer(jane).fill('already on to the next');
    await message(jane, 'refused for @bob').getByRole('button', { name: 'Edit' }).click();
    await expect(composer(jane)).toHaveValue(/refused for @bob\s+already on to the next/);
  });

  test('an edit that names somebody who is not in the chat does not lose what was typed', async ({ jane }) => {
    await openChat(jane, 'release-train');
    await write(jane, 'to be changed');
    await expectMessageState(jane, 'to be changed', 'sent');
    await composer(jane).press('ArrowUp');
    const editor = jane.getByRole('textbox', { name: 'Edit the message' });
    await expect(editor).toBeFocused();
    await editor.fill('to be changed by @bob');
    await editor.press('Enter');
    await expect(jane.getByText('to be changed by @bob').or(editor)).toHaveCount(1);
  });
});

test('hostile names stay text: in the list, in the message, in the notification', async ({ jane, newContext }) => {
  const name = '<img src=x onerror="window.wasRun = true"> \u202Enikcah';
  const mallory = await invite(jane, await newContext(), 'mallory', name);
  await expect(member(jane, '<img src=x')).toHaveCount(1);
  await type(jane, 'Ask @mal');
  await expect(options(jane)).toHaveText([/<img src=x onerror="window.wasRun = true">.*@mallory/]);
  await composer(jane).press('Enter');
  await composer(jane).press('Enter');
  await expect(ownMarks(message(mallory, 'Ask @mallory'))).toHaveText(['@mallory']);
  await followChatLink(jane, 'release-train');
  await write(mallory, '<script>window.wasRun = true</script> @jane!');
  await expectBell(jane, 1);
  await openPanel(jane);
  await expect(item(jane, '<img src=x onerror')).toContainText('<script>window.wasRun = true</script> @jane!');
  await expect(item(jane, '<img src=x onerror').locator('img, script')).toHaveCount(0);
  await jane.reload();
  await openPanel(jane);
  await expect(item(jane, '<img src=x onerror')).toHaveCount(1);
  for (const page of [jane, mallory]) expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
});

onEachScreen(() => {
  test('the list of people fits, and axe finds nothing serious or critical, light or dark', async ({ jane }) => {
    await type(jane, '@');
    await expect(menu(jane)).toBeInViewport({ ratio: 1 });
    expect(await sidewaysScroll(jane)).toBe(0);
    for (const colorScheme of colorSchemes) {
      await jane.emulateMedia({ colorScheme });
      await expect(menu(jane)).toBeVisible();
      expect(await seriousViolations(jane), colorScheme).toEqual([]);
    }
  });

  test('with marked names and a refused message axe finds nothing serious or critical, light or dark', async ({
    jane,
    signInApi,
  }) => {
    await openChat(jane, 'release-train');
    await (await signInApi('john')).send('release-train', 'for @jane and @john');
    await expect(ownMarks(message(jane, 'for @jane'))).toHaveCount(1);
    await write(jane, 'refused for @bob');
    await expectMessageState(jane, 'refused for @bob', 'failed');
    for (const colorScheme of colorSchemes) {
      await jane.emulateMedia({ colorScheme });
      expect(await seriousViolations(jane), colorScheme).toEqual([]);
    }
  });
});
