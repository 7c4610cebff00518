import type { Locator, Page } from '@playwright/test';
import { seriousViolations, sidewaysScroll } from '../support/audit';
import { chooseFromChatMenu, composer, dialog, message, write } from '../support/page';
import { colorSchemes } from '../support/screens';
import { expect, test } from '../support/test';

/** A dialog, how to open it, and where the focus is to be afterwards. */
interface Opening {
  title: string;
  open(page: Page): Promise<void>;
  opener(page: Page): Locator;
}

const fromChatMenu = (title: string, item: string): Opening => ({
  title,
  open: (page) => chooseFromChatMenu(page, item),
  opener: (page) => page.getByRole('button', { name: 'Chat menu' }),
});

const deleteButton = (page: Page): Locator =>
  message(page, 'about to be deleted').getByRole('button', { name: 'Delete the message' });

/** Every dialog that there is. */
const openings: readonly Opening[] = [
  {
    title: 'Create a chat',
    open: (page) => page.getByRole('button', { name: 'Create a chat' }).click(),
    opener: (page) => page.getByRole('button', { name: 'Create a chat' }),
  },
  fromChatMenu('Name and topic', 'Name and topic…'),
  fromChatMenu('Members', 'Manage members…'),
  fromChatMenu('Invite to the workspace', 'Invite to the workspace…'),
  fromChatMenu('Leave the chat?', 'Leave the chat…'),
  {
    title: 'Delete the message?',
    open: async (page) => {
      await write(page, 'about to be deleted');
      await message(page, 'about to be deleted').hover();
      await deleteButton(page).click();
    },
    opener: deleteButton,
  },
];

for (const { title, open, opener } of openings) {
  test(`"${title}" takes the focus, keeps it, and Escape gives it back`, async ({ jane }) => {
    await open(jane);
    await expect(dialog(jane, title)).toBeVisible();
    await expect(jane.locator('dialog:focus, dialog :focus')).toHaveCount(1);
    for (let presses = 0; presses < 12; presses++) {
      await jane.keyboard.press('Tab');
      // It may be on the browser's own buttons in between.
      await expect(jane.locator(':focus:not(dialog, dialog *)')).toHaveCount(0);
    }
    await jane.keyboard.press('Escape');
    await expect(dialog(jane, title)).toBeHidden();
    await expect(opener(jane)).toBeFocused();
  });

  test(`"${title}" closes by its cross, too, and gives the focus back`, async ({ jane }) => {
    await open(jane);
    await dialog(jane, title).getByRole('button', { name: 'Close' }).click();
    await expect(dialog(jane, title)).toBeHidden();
    await expect(opener(jane)).toBeFocused();
  });

  test(`"${title}": axe finds nothing serious or critical, light or dark`, async ({ jane }) => {
    await open(jane);
    for (const colorScheme of colorSchemes) {
      await jane.emulateMedia({ colorScheme });
      await expect(dialog(jane, title)).toBeVisible();
      expect(await seriousViolations(jane), colorScheme).toEqual([]);
    }
  });
}

test('what was typed in a dialog that was closed is not there when it is opened again', async ({ jane }) => {
  await chooseFromChatMenu(jane, 'Name and topic…');
  const name = dialog(jane, 'Name and topic').getByRole('textbox', { name: 'Name' });
  await name.fill('second thoughts');
  await jane.keyboard.press('Escape');
  await chooseFromChatMenu(jane, 'Name and topic…');
  await expect(name).toHaveValue('general');
});

test('after making a chat one can write in it without reaching for the mouse', async ({ jane }) => {
  await jane.getByRole('button', { name: 'Create a chat' }).click();
  await dialog(jane, 'Create a chat').getByRole('textbox', { name: 'Name' }).fill('Launch day');
  await jane.keyboard.press('Enter');
  await expect(jane.getByRole('heading', { level: 1, name: 'Launch day' })).toBeVisible();
  await expect(composer(jane)).toBeFocused();
});

test.describe('at 360 px', () => {
  test.use({ viewport: { width: 360, height: 640 } });

  for (const { title, open } of openings.filter(({ title }) => title !== 'Create a chat')) {
    test(`"${title}" fits on the screen`, async ({ jane }) => {
      await open(jane);
      await expect(dialog(jane, title)).toBeInViewport({ ratio: 1 });
      expect(await sidewaysScroll(jane)).toBe(0);
    });
  }
});
