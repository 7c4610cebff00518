import type { Locator, Page } from '@playwright/test';
import { composer, dialog, expectMessageState, message, openChat, write } from '../support/page';
import { expect, test } from '../support/test';

const editButton = (within: Locator): Locator => within.getByRole('button', { name: 'Edit the message' });
const deleteButton = (within: Locator): Locator => within.getByRole('button', { name: 'Delete the message' });
const editor = (page: Page): Locator => page.getByRole('textbox', { name: 'Edit the message' });
const tombstone = (page: Page): Locator => page.getByRole('article').filter({ hasText: 'This message was deleted.' });

/** Writes a message, and waits until it can be edited. */
async function say(page: Page, text: string): Promise<void> {
  await write(page, text);
  await expectMessageState(page, text, 'sent');
  await expect(editButton(message(page, text))).toHaveCount(1);
}

/** Opens one's own message for editing. */
async function startEdit(page: Page, text: string): Promise<void> {
  await message(page, text).hover();
  await editButton(message(page, text)).click();
  await expect(editor(page)).toBeFocused();
}

test('an edit is seen by the other at once, marked as edited, and after a reload', async ({ jane, john }) => {
  await say(jane, 'Good mornign');
  await expect(message(john, 'Good mornign')).toHaveCount(1);
  await startEdit(jane, 'Good mornign');
  await expect(editor(jane)).toHaveValue('Good mornign');
  await editor(jane).fill('Good morning');
  await editor(jane).press('Enter');
  for (const page of [jane, john]) {
    await expect(message(page, 'Good morning')).toContainText('(edited)');
    await expect(message(page, 'Good mornign')).toHaveCount(0);
    await page.reload();
    await expect(message(page, 'Good morning')).toContainText('(edited)');
    await expect(message(page, 'Good morning')).toHaveCount(1);
  }
});

test('a message that was never edited is not marked', async ({ jane, john }) => {
  await say(jane, 'right at once');
  for (const page of [jane, john]) await expect(message(page, 'right at once')).not.toContainText('(edited)');
});

test('Escape leaves a message as it was', async ({ jane, john }) => {
  await say(jane, 'as it was');
  await startEdit(jane, 'as it was');
  await editor(jane).fill('as it will never be');
  await editor(jane).press('Escape');
  await expect(editor(jane)).toHaveCount(0);
  await write(jane, 'afterwards');
  await expect(message(john, 'afterwards')).toHaveCount(1);
  for (const page of [jane, john]) {
    await expect(message(page, 'as it was')).not.toContainText('(edited)');
    await expect(message(page, 'as it will never be')).toHaveCount(0);
  }
});

test('an edit to nothing and an over-long one are refused with a sentence, and what was typed stays', async ({
  jane,
  john,
}) => {
  await say(jane, 'what stays');
  await startEdit(jane, 'what stays');
  for (const text of ['   ', 'x'.repeat(8_001)]) {
    await editor(jane).fill(text);
    await editor(jane).press('Enter');
    await expect(jane.getByRole('alert')).toHaveText(/\w+ \w+/);
    await expect(editor(jane)).toHaveValue(text);
  }
  await expect(message(john, 'what stays')).toHaveCount(1);
});

test('what is typed in an edit survives the arrival of other messages', async ({ jane, john }) => {
  await say(jane, 'about to change');
  await startEdit(jane, 'about to change');
  await editor(jane).fill('half a sentence');
  await write(john, 'in between');
  await expect(message(jane, 'in between')).toHaveCount(1);
  await expect(editor(jane)).toHaveValue('half a sentence');
  await expect(editor(jane)).toBeFocused();
});

test('a deleted message is gone for both at once, and a note stays in its place', async ({ jane, john }) => {
  await say(jane, 'before it');
  await say(jane, 'better not said');
  await say(jane, 'after it');
  await expect(message(john, 'after it')).toHaveCount(1);
  await message(jane, 'better not said').hover();
  await deleteButton(message(jane, 'better not said')).click();
  await dialog(jane, 'Delete the message?').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(dialog(jane, 'Delete the message?')).toBeHidden();
  for (const page of [jane, john]) {
    for (let visit = 0; visit < 2; visit++) {
      await expect(page.getByRole('article').filter({ hasText: /before it|deleted|after it/ })).toContainText([
        'before it',
        'This message was deleted.',
        'after it',
      ]);
      await expect(page.getByText('better not said')).toHaveCount(0);
      await expect(tombstone(page).getByRole('button')).toHaveCount(0);
      await page.reload();
    }
  }
});

test('"Keep it" keeps it', async ({ jane, john }) => {
  await say(jane, 'on second thoughts');
  await message(jane, 'on second thoughts').hover();
  await deleteButton(message(jane, 'on second thoughts')).click();
  await dialog(jane, 'Delete the message?').getByRole('button', { name: 'Keep it' }).click();
  await expect(dialog(jane, 'Delete the message?')).toBeHidden();
  for (const page of [jane, john]) await expect(message(page, 'on second thoughts')).toHaveCount(1);
});

test('nobody is offered to edit or delete another\'s message', async ({ jane, john }) => {
  await say(jane, 'by Jane');
  await say(john, 'by John');
  for (const [page, own, foreign] of [
    [jane, 'by Jane', 'by John'],
    [john, 'by John', 'by Jane'],
  ] as const) {
    await message(page, foreign).hover();
    await expect(message(page, foreign).getByRole('button')).toHaveCount(0);
    await message(page, own).hover();
    await expect(message(page, own).getByRole('button')).toHaveCount(2);
  }
});

test('ArrowUp in the empty composer edits one\'s own last message, not another\'s', async ({ jane, john }) => {
  await say(jane, 'the last by Jane');
  await say(john, 'the last of all');
  await expect(message(jane, 'the last of all')).toHaveCount(1);
  await composer(jane).press('ArrowUp');
  await expect(editor(jane)).toBeFocused();
  await expect(editor(jane)).toHaveValue('the last by Jane');
  await editor(jane).press('End');
  await editor(jane).pressSequentially(', corrected');
  await editor(jane).press('Enter');
  await expect(message(john, 'the last by Jane, corrected')).toContainText('(edited)');
});

test('ArrowUp in a composer with text moves within the text only', async ({ jane }) => {
  await say(jane, 'the last by Jane');
  await composer(jane).fill('a draft');
  await composer(jane).press('ArrowUp');
  await composer(jane).pressSequentially('still ');
  await expect(composer(jane)).toHaveValue(/still/);
  await expect(editor(jane)).toHaveCount(0);
});

for (const [how, key] of [
  ['saved', 'Enter'],
  ['given up', 'Escape'],
] as const) {
  test(`after an edit that was ${how} the focus is not lost`, async ({ jane }) => {
    await say(jane, 'to be changed');
    await composer(jane).press('ArrowUp');
    await editor(jane).fill('changed');
    await editor(jane).press(key);
    await expect(editor(jane)).toHaveCount(0);
    await expect(jane.locator('#main :focus')).toHaveCount(1);
  });
}

test('one can delete by the keyboard alone, and the focus is not lost', async ({ jane, john }) => {
  await say(jane, 'deleted without a mouse');
  await composer(jane).press('Shift+Tab');
  await expect(deleteButton(message(jane, 'deleted without a mouse'))).toBeFocused();
  await jane.keyboard.press('Enter');
  await expect(dialog(jane, 'Delete the message?')).toBeVisible();
  await dialog(jane, 'Delete the message?').getByRole('button', { name: 'Delete', exact: true }).press('Enter');
  await expect(tombstone(john)).toHaveCount(1);
  await expect(jane.locator('#main :focus')).toHaveCount(1);
});

test.describe('on a touch screen', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('a tap on one\'s own message shows what one can do with it', async ({ john, newContext }) => {
    const context = await newContext({
      hasTouch: true,
      isMobile: true,
      storageState: await john.context().storageState(),
    });
    const phone = await context.newPage();
    await openChat(phone, 'general');
    await say(phone, 'typed with a thumb');
    await message(phone, 'typed with a thumb').getByText('typed with a thumb').tap();
    await editButton(message(phone, 'typed with a thumb')).tap();
    await expect(editor(phone)).toHaveValue('typed with a thumb');
  });
});
