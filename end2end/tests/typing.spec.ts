import type { Page } from '@playwright/test';
import { composer, enter, expectNobodyTyping, leaveForAnotherChat, message, openChat, typing } from '../support/page';
import { recordText } from '../support/recorders';
import { brokenNetwork, expect, test } from '../support/test';

/** How long typing is shown after its last sign, by default, in milliseconds. */
const timeout = 3_000;

/** Types as a person does, one key after the other. */
async function type(page: Page, text: string, betweenKeys = 20): Promise<void> {
  await composer(page).pressSequentially(text, { delay: betweenKeys });
}

async function expectTyping(page: Page, who: RegExp): Promise<void> {
  await expect(typing(page)).toHaveText(who);
}

test('typing appears, and goes by itself within 3 s of the last key', async ({ jane, john }) => {
  const shown = await recordText(john, '.typing-indicator');
  await type(jane, 'Hello');
  const lastKeyAt = Date.now();
  await expectTyping(john, /^Jane.* is typing…$/);
  await expectNobodyTyping(john);
  const goneAt = (await shown()).at(-1)?.at ?? 0;
  expect(goneAt - lastKeyAt).toBeLessThanOrEqual(timeout + 1_000);
});

test('it stays, without a flicker, for as long as she goes on', async ({ jane, john }) => {
  const shown = await recordText(john, '.typing-indicator');
  await type(jane, 'something that takes some time', 250);
  await expectTyping(john, /is typing/);
  expect(await shown()).toHaveLength(1);
});

test('it goes when the message arrives', async ({ jane, john }) => {
  await type(jane, 'here it comes');
  await expectTyping(john, /is typing/);
  const shown = await recordText(john, '.typing-indicator');
  const sentAt = Date.now();
  await composer(jane).press('Enter');
  await expect(message(john, 'here it comes')).toBeVisible();
  await expectNobodyTyping(john);
  expect(((await shown())[0]?.at ?? Infinity) - sentAt).toBeLessThan(1_000);
});

test('it goes when the text is taken back', async ({ jane, john }) => {
  await type(jane, 'no');
  await expectTyping(john, /is typing/);
  await composer(jane).fill('');
  await expectNobodyTyping(john, 1_000);
});

test('it goes when she leaves the chat', async ({ jane, john }) => {
  await type(jane, 'a thought');
  await expectTyping(john, /is typing/);
  await leaveForAnotherChat(jane);
  await expectNobodyTyping(john, 1_000);
});

test('it goes when she closes the tab', async ({ jane, john }) => {
  await type(jane, 'a thought');
  await expectTyping(john, /is typing/);
  await jane.close();
  await expectNobodyTyping(john, 1_000);
});

test.describe('on a network that breaks', () => {
  test.use({ expectedProblems: brokenNetwork });

  test('it goes when she loses her connection', async ({ janeByCable: jane, cable, john }) => {
    await type(jane, 'a thought');
    await expectTyping(john, /is typing/);
    cable.cut();
    await expectNobodyTyping(john, 1_000);
  });

  test('it goes when the reader loses theirs', async ({ janeByCable: jane, cable, john }) => {
    await type(john, 'a thought');
    await expectTyping(jane, /is typing/);
    cable.cut();
    await expectNobodyTyping(jane, 1_000);
  });
});

test('nobody sees herself typing, not in her other tab either', async ({ jane, john }) => {
  const otherTab = await jane.context().newPage();
  await openChat(otherTab, 'general');
  const shownToHer = [await recordText(jane, '.typing-indicator'), await recordText(otherTab, '.typing-indicator')];
  await type(jane, 'only for others');
  await expectTyping(john, /is typing/);
  await expectNobodyTyping(john);
  for (const shown of shownToHer) expect(await shown()).toEqual([]);
});

test('two are both named', async ({ jane, john, newContext }) => {
  const bob = await enter(await (await newContext()).newPage(), 'bob');
  await type(jane, 'I think');
  await type(bob, 'I think');
  await expectTyping(john, /^(Jane.* and Bob.*|Bob.* and Jane.*) are typing…$/);
});
