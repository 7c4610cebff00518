import type { Locator, Page } from '@playwright/test';
import { expectMessageState, message, messages, openChat, write } from '../support/page';
import { recordPlace } from '../support/recorders';
import { brokenNetwork, expect, test } from '../support/test';

/** More than two pages of 50. */
const texts = Array.from({ length: 130 }, (_, index) => `numbered ${String(index + 1).padStart(3, '0')}`);
const [oldest, newest] = [texts[0] ?? '', texts.at(-1) ?? ''];

/** So little, in CSS px, that no older messages are asked for. */
const aLittle = 150;

const list = (page: Page): Locator => page.getByRole('log', { name: 'Messages' });
const beginning = (page: Page): Locator => page.getByText('This is the beginning of #docs');
const newMessages = (page: Page, text: string): Locator => page.getByRole('button', { name: text, exact: true });

/** The texts of the numbered messages that are loaded, as they stand. */
const numbered = (page: Page): Locator => list(page).getByText(/^numbered \d{3}$/);

/** Turns the wheel upwards until something is on the screen. */
async function scrollUpTo(page: Page, target: Locator): Promise<void> {
  await list(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, -400);
    await expect(target).toBeInViewport({ timeout: 200 });
  }).toPass({ intervals: [50] });
}

/** Turns the wheel upwards once, by so many CSS px. */
async function scrollUp(page: Page, distance: number): Promise<void> {
  await list(page).hover();
  await page.mouse.wheel(0, -distance);
  await expect(message(page, newest)).not.toBeInViewport();
  await expectRest(page);
}

/** Waits until the list has come to rest after scrolling. */
async function expectRest(page: Page): Promise<void> {
  await list(page).evaluate(async (list) => {
    const frame = () => new Promise(requestAnimationFrame);
    for (let still = 0, before = NaN; still < 5; before = list.scrollTop) {
      await frame();
      still = list.scrollTop === before ? still + 1 : 0;
    }
  });
}

/** Holds back older messages until the function that it gives is called. */
async function holdOlder(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/fn/load_history', async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

test.beforeEach(async ({ signInApi }) => {
  await (await signInApi('john')).send('docs', ...texts);
});

test('it opens at the newest message', async ({ jane }) => {
  await openChat(jane, 'docs');
  await expect(message(jane, newest)).toBeInViewport();
  await expect(numbered(jane)).not.toHaveCount(texts.length);
});

test('scrolling up loads the older ones, in order, none twice and none left out', async ({ jane }) => {
  await openChat(jane, 'docs');
  await scrollUpTo(jane, beginning(jane));
  await expect(numbered(jane)).toHaveText(texts);
});

test('the keyboard alone reaches the oldest message, too', async ({ jane }) => {
  await openChat(jane, 'docs');
  await list(jane).focus();
  await expect(async () => {
    await jane.keyboard.press('Home');
    await expect(beginning(jane)).toBeInViewport({ timeout: 250 });
  }).toPass();
  await expect(numbered(jane)).toHaveText(texts);
});

for (const [where, scroll] of [
  ['on the way up', (page: Page) => scrollUp(page, 400)],
  ['at the top', (page: Page) => scrollUpTo(page, page.getByText('Older messages…'))],
] as const) {
  test(`when older ones arrive while one is ${where}, what is read stays where it is`, async ({ jane }) => {
    const release = await holdOlder(jane);
    await openChat(jane, 'docs');
    await scroll(jane);
    await expectRest(jane);
    const places = await recordPlace(message(jane, 'numbered 100'));
    release();
    await expect(message(jane, 'numbered 060')).toHaveCount(1);
    await expectRest(jane);
    expect(await places()).toHaveLength(1);
  });
}

test.describe('on a network that breaks', () => {
  test.use({ expectedProblems: brokenNetwork });

  test('older ones that could not be loaded are told, and can be asked for again', async ({ jane }) => {
    await jane.route('**/fn/load_history', (route) => route.abort());
    await openChat(jane, 'docs');
    await scrollUpTo(jane, jane.getByText('Older messages could not be loaded.'));
    await jane.unroute('**/fn/load_history');
    await jane.getByRole('button', { name: 'Try again' }).click();
    await scrollUpTo(jane, beginning(jane));
    await expect(numbered(jane)).toHaveText(texts);
  });
});

test('while one reads above, a new message moves nothing and is announced; a press leads to it', async ({
  jane,
  signInApi,
}) => {
  await openChat(jane, 'docs');
  await scrollUp(jane, aLittle);
  const places = await recordPlace(message(jane, 'numbered 115'));
  const john = await signInApi('john');
  await john.send('docs', 'the first of the news');
  await expect(newMessages(jane, '1 new message')).toBeVisible();
  await john.send('docs', 'the second of the news', 'the third of the news');
  await expect(newMessages(jane, '3 new messages')).toBeVisible();
  expect(await places()).toHaveLength(1);
  await expect(message(jane, 'the third of the news')).not.toBeInViewport();
  await newMessages(jane, '3 new messages').click();
  await expect(message(jane, 'the third of the news')).toBeInViewport();
  await expect(newMessages(jane, '3 new messages')).toHaveCount(0);
});

test('scrolling down to the news takes the announcement away', async ({ jane, signInApi }) => {
  await openChat(jane, 'docs');
  await scrollUp(jane, aLittle);
  await (await signInApi('john')).send('docs', 'the news');
  await expect(newMessages(jane, '1 new message')).toBeVisible();
  await list(jane).press('End');
  await expect(message(jane, 'the news')).toBeInViewport();
  await expect(newMessages(jane, '1 new message')).toHaveCount(0);
});

test('at the end, a new message is simply there', async ({ jane, signInApi }) => {
  await openChat(jane, 'docs');
  await (await signInApi('john')).send('docs', 'the news');
  await expect(message(jane, 'the news')).toBeInViewport();
  await expect(jane.getByRole('button', { name: /new messages?$/ })).toHaveCount(0);
});

test('one\'s own message leads to the end, wherever one was', async ({ jane }) => {
  await openChat(jane, 'docs');
  await scrollUp(jane, aLittle);
  await write(jane, 'my answer');
  await expect(message(jane, 'my answer')).toBeInViewport();
});

test('each day has one heading, above its first message, in the reader\'s own zone', async ({ john, newContext }) => {
  const context = await newContext({
    timezoneId: 'Pacific/Kiritimati',
    storageState: await john.context().storageState(),
  });
  const page = await context.newPage();
  await openChat(page, 'general');
  await scrollUpTo(page, page.getByText('This is the beginning of #general'));
  /** What the headings and the messages under them say, next to what they are to say. */
  const days = () =>
    list(page).evaluate((list) => {
      const dayOf = (time: Element | null) => new Date(time?.getAttribute('datetime') ?? '').toDateString();
      const today = new Date();
      const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
      const format = new Intl.DateTimeFormat([], { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
      const named = (day: string) => {
        if (day === today.toDateString()) return 'Today';
        return day === yesterday.toDateString() ? 'Yesterday' : format.format(new Date(day));
      };
      const shown: string[] = [];
      const expected: string[] = [];
      let before = '';
      for (const row of list.querySelectorAll('.separator:not(.unread-line), .message')) {
        const time = row.querySelector('time');
        if (row.matches('.separator')) {
          shown.push(time?.textContent.trim() ?? '');
        } else {
          const day = dayOf(time);
          if (day !== before) expected.push(named(day));
          before = day;
          shown.push(...(shown.length === expected.length ? [] : ['a heading is missing or too many']));
        }
      }
      return { shown, expected };
    });
  await expect(async () => {
    const { shown, expected } = await days();
    expect(expected.length).toBeGreaterThanOrEqual(5);
    expect(shown).toEqual(expected);
  }).toPass();
});

for (const [browser, tellsOfRest] of [
  ['a browser', true],
  ['a browser that does not tell when it has nothing to do', false],
] as const) {
  test(`${browser} shows all times in the zone that its reader has come to`, async ({ jane }) => {
    await jane.clock.install();
    if (!tellsOfRest) {
      await jane.addInitScript(() => Object.defineProperty(window, 'requestIdleCallback', { value: undefined }));
    }
    await openChat(jane, 'docs');
    expect(await jane.evaluate(() => window.requestIdleCallback !== undefined)).toBe(tellsOfRest);
    const expectTimeOf = async (text: string, timeZone: string) => {
      const time = message(jane, text).getByRole('time');
      const at = new Date((await time.getAttribute('datetime')) ?? '');
      await expect(time).toHaveText(at.toLocaleTimeString('en-US', { hour: '2-digit', minute: '2-digit', timeZone }));
    };
    const devTools = await jane.context().newCDPSession(jane);
    for (const timezoneId of ['Asia/Tokyo', 'America/New_York']) {
      await devTools.send('Emulation.setTimezoneOverride', { timezoneId });
      await jane.clock.runFor(30_000);
      await write(jane, `written in ${timezoneId}`);
      await expectMessageState(jane, `written in ${timezoneId}`, 'sent');
      await expectTimeOf(newest, timezoneId);
      await expectTimeOf(`written in ${timezoneId}`, timezoneId);
    }
  });
}

for (const [what, isOpen] of [
  ['that arrive', true],
  ['that are there', false],
] as const) {
  test(`messages ${what} one after the other stand under one name, until another speaks`, async ({
    jane,
    signInApi,
  }) => {
    if (isOpen) await openChat(jane, 'docs');
    const [john, bob] = [await signInApi('john'), await signInApi('bob')];
    await john.send('docs', 'the first by John', 'the second by John');
    await bob.send('docs', 'the first by Bob', 'the second by Bob');
    await john.send('docs', 'John once more');
    if (!isOpen) await openChat(jane, 'docs');
    const author = (text: string) => message(jane, text).getByText(/^(John Smith|Bob Wilson)$/);
    await expect(author('the first by Bob')).toHaveText('Bob Wilson');
    await expect(author('John once more')).toHaveText('John Smith');
    for (const text of ['the second by John', 'the second by Bob']) {
      await expect(message(jane, text)).toHaveCount(1);
      await expect(author(text)).toHaveCount(0);
    }
    // Who cannot see the grouping is told the author of each.
    await expect(message(jane, 'the second by Bob')).toHaveAccessibleName('Message of Bob Wilson');
  });
}

test('with JavaScript off the newest messages are there to read, and the older ones behind a link', async ({ newContext, jane }) => {
  const context = await newContext({ javaScriptEnabled: false, storageState: await jane.context().storageState() });
  const page = await context.newPage();
  await page.goto('/w/flowra/c/docs');
  await expect(message(page, newest)).toBeInViewport();
  await expect(message(page, oldest)).toHaveCount(0);
  await expect(messages(page)).toHaveCount(50);
  const newestShown = await messages(page).first().getAttribute('data-message-id');
  await page.getByRole('link', { name: 'Older messages' }).click();
  await expect(messages(page)).toHaveCount(50);
  await expect(page.locator(`[data-message-id="${newestShown}"]`)).toHaveCount(0);
  await page.getByRole('link', { name: 'Older messages' }).click();
  await expect(message(page, oldest)).toHaveCount(1);
});
