import type { Locator, Page } from '@playwright/test';
import { seriousViolations, sidewaysScroll } from '../support/audit';
import {
  composer,
  dialog,
  expectConnection,
  expectOnlineCount,
  expectPresence,
  field,
  member,
  message,
  names,
  openChat,
  userId,
  type Presence,
} from '../support/page';
import {
  accountMenu,
  befriend,
  chooseMode,
  expectOwnDot,
  expectPersonPresence,
  openAccountMenu,
  openPeople,
  openSettings,
  setStatus,
  settingsPath,
} from '../support/people';
import { recordPresence, recordText } from '../support/recorders';
import { colorSchemes, onEachScreen } from '../support/screens';
import { expect, test } from '../support/test';

const dialogTitle = 'Set a status';

/** What one reads of one's own status. */
const ownStatus = (within: Locator): Locator => within.locator('.own-status');

/** What somebody in the member list says of themselves. */
const statusText = (page: Page, name: string): Locator => member(page, name).locator('.status-text');

/** When somebody in the member list was last here. */
const lastSeen = (page: Page, name: string): Locator => member(page, name).locator('.last-seen');

/** Opens the dialog for what one says of oneself. */
async function openStatusDialog(page: Page): Promise<Locator> {
  await openAccountMenu(page);
  await accountMenu(page).getByRole('button', { name: 'Set a status…' }).click();
  await expect(dialog(page, dialogTitle)).toBeVisible();
  return dialog(page, dialogTitle);
}

/** Chooses in the settings who may see when one was last here. */
async function showLastSeenTo(page: Page, audience: 'Everyone in my workspaces' | 'Friends' | 'Nobody'): Promise<void> {
  await openSettings(page);
  await page.getByRole('radio', { name: audience }).click();
  await expect(page.getByRole('radio', { name: audience })).toBeChecked();
}

test.describe('do not disturb', () => {
  test('is shown to others at once, in each of one\'s tabs, and after a reload', async ({ jane, john }) => {
    const secondTab = await jane.context().newPage();
    await openSettings(secondTab);
    await chooseMode(jane, 'Do not disturb');
    await expectPresence(john, names.jane, 'dnd');
    await expectPresence(jane, names.jane, 'dnd');
    for (const tab of [jane, secondTab]) await expectOwnDot(tab, 'dnd');
    const choice = secondTab.getByRole('main').getByRole('button', { name: 'Do not disturb', exact: true });
    await expect(choice).toHaveAttribute('aria-pressed', 'true');
    await expect(ownStatus(secondTab.getByRole('main'))).toHaveText('Do not disturb');
    for (const page of [jane, john]) {
      await page.reload();
      await expectConnection(page, 'connected');
      await expectPresence(page, names.jane, 'dnd');
    }
    await expectOwnDot(jane, 'dnd');
    await expectOnlineCount(john, 2);
  });

  for (const [label, says] of [
    ['30 min', /^Do not disturb until (tomorrow )?\d\d?:\d\d/],
    ['1 h', /^Do not disturb until (tomorrow )?\d\d?:\d\d/],
    ['Until tomorrow 8:00', /^Do not disturb until tomorrow 0?8:00/],
    ['Until I turn it off', /^Do not disturb$/],
  ] as const) {
    test(`"${label}": one's own menu says until when, also after a reload`, async ({ jane }) => {
      await openAccountMenu(jane);
      await accountMenu(jane).getByRole('button', { name: label }).click();
      await expect(ownStatus(accountMenu(jane))).toHaveText(says);
      await jane.reload();
      await openAccountMenu(jane);
      await expect(ownStatus(accountMenu(jane))).toHaveText(says);
    });
  }

  test('ends by itself at its time, for oneself and for others', async ({ jane, john }) => {
    await setStatus(jane, { mode: 'dnd', mode_seconds: 5 });
    await expectPresence(john, names.jane, 'dnd');
    await expectOwnDot(jane, 'dnd');
    await expectPresence(john, names.jane, 'online');
    await expectOwnDot(jane, 'online');
    await openAccountMenu(jane);
    await expect(ownStatus(accountMenu(jane))).toHaveText('Online');
  });

  test('survives a restart of the server', async ({ jane, john, server }) => {
    await chooseMode(jane, 'Do not disturb');
    await expectPresence(john, names.jane, 'dnd');
    for (const page of [jane, john]) await page.goto('about:blank');
    await server.stop();
    await server.start();
    for (const page of [jane, john]) await openChat(page, 'general');
    await expectPresence(john, names.jane, 'dnd');
    await expectOwnDot(jane, 'dnd');
  });

  test('keeps what one says of oneself, and saying it keeps "do not disturb" and its end', async ({ jane, john }) => {
    await setStatus(jane, { text: 'In the train' });
    await openAccountMenu(jane);
    await accountMenu(jane).getByRole('button', { name: '1 h' }).click();
    await expectPresence(john, names.jane, 'dnd');
    await expect(statusText(john, names.jane)).toHaveText('In the train');
    const until = await ownStatus(accountMenu(jane)).locator('span').first().textContent();
    await jane.keyboard.press('Escape');
    const form = await openStatusDialog(jane);
    await field(jane, 'What others see').fill('In the tunnel');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(statusText(john, names.jane)).toHaveText('In the tunnel');
    await expectPresence(john, names.jane, 'dnd');
    await openAccountMenu(jane);
    await expect(ownStatus(accountMenu(jane)).locator('span').first()).toHaveText(until ?? '');
  });

  test('whoever leaves while not to be disturbed is offline', async ({ jane, john }) => {
    await setStatus(jane, { mode: 'dnd' });
    await expectPresence(john, names.jane, 'dnd');
    await jane.context().close();
    await expectPresence(john, names.jane, 'offline');
  });
});

test.describe('invisible', () => {
  test('others see one offline, as if one had just left, and oneself sees that one is', async ({ jane, john }) => {
    await openPeople(john);
    await expectPersonPresence(john, 'Everyone in Flowra', names.jane, 'online');
    await chooseMode(jane, 'Invisible');
    await expectPersonPresence(john, 'Everyone in Flowra', names.jane, 'offline');
    await openChat(john, 'general');
    await expectPresence(john, names.jane, 'offline');
    await expect(lastSeen(john, names.jane)).toHaveText(/last seen/i);
    await expectOnlineCount(john, 1);
    await expectOwnDot(jane, 'offline');
    await expect(member(jane, names.jane)).toContainText('(you, invisible)');
    await expectPresence(jane, names.jane, 'offline');
    await openAccountMenu(jane);
    await expect(ownStatus(accountMenu(jane))).toHaveText('Invisible');
    await jane.reload();
    await expectOwnDot(jane, 'offline');
    await expect(member(jane, names.jane)).toContainText('(you, invisible)');
  });

  test('nobody sees one type, while one writes like anybody', async ({ jane, john, bob }) => {
    await chooseMode(jane, 'Invisible');
    await expectPresence(john, names.jane, 'offline');
    const shown = await recordText(john, '.typing-indicator');
    await composer(jane).pressSequentially('unseen until sent', { delay: 20 });
    await composer(jane).press('Enter');
    await expect(message(john, 'unseen until sent')).toHaveCount(1);
    await composer(bob).pressSequentially('and I');
    await expect(john.locator('.typing-indicator')).toHaveText(/Bob.* is typing/);
    expect((await shown()).filter(({ text }) => text.includes('Jane'))).toEqual([]);
    await expectPresence(john, names.jane, 'offline');
  });

  test('who comes and goes while invisible is never seen to, and was last seen when they became so', async ({
    jane,
    john,
    bob,
  }) => {
    await expectOnlineCount(john, 3);
    await chooseMode(jane, 'Invisible');
    await expectPresence(john, names.jane, 'offline');
    await expect(lastSeen(john, names.jane)).toHaveCount(1);
    const when = await lastSeen(john, names.jane).locator('time').getAttribute('datetime');
    const janesId = await userId(john, names.jane);
    const seen = await recordPresence(john);
    const context = jane.context();
    await jane.close();
    await bob.context().close();
    await expectPresence(john, names.bob, 'offline');
    await openChat(await context.newPage(), 'general');
    expect(await seen.changesOf(janesId)).toEqual([]);
    await expect(lastSeen(john, names.jane).locator('time')).toHaveAttribute('datetime', when ?? '');
    await john.reload();
    await expect(lastSeen(john, names.jane).locator('time')).toHaveAttribute('datetime', when ?? '');
  });

  test('by choosing "Online" one is seen again, without a reload', async ({ jane, john }) => {
    await chooseMode(jane, 'Invisible');
    await expectPresence(john, names.jane, 'offline');
    await chooseMode(jane, 'Online');
    await expectPresence(john, names.jane, 'online');
    await expect(lastSeen(john, names.jane)).toHaveCount(0);
    await expectPresence(jane, names.jane, 'online');
    await expectOwnDot(jane, 'online');
  });
});

test.describe('away', () => {
  test.describe('after 2 s without input', () => {
    test.use({ settings: { ROLLCALL_PRESENCE__AWAY_AFTER: '2s' } });

    test('is shown to others, and input of any kind ends it', async ({ jane, john }) => {
      for (const give of [
        () => jane.mouse.move(300, 300),
        () => jane.keyboard.press('Shift'),
        () => jane.mouse.wheel(0, 10),
      ]) {
        await expectPresence(john, names.jane, 'away');
        await give();
        await expectPresence(john, names.jane, 'online');
      }
    });

    test('while one of two devices is used, nobody sees one away', async ({ jane, john, bob, newContext }) => {
      const storageState = await jane.context().storageState();
      const phone = await (await newContext({ storageState })).newPage();
      await openChat(phone, 'general');
      await expectPresence(john, names.jane, 'online');
      await bob.mouse.move(200, 200);
      await expectPresence(john, names.bob, 'online');
      await jane.mouse.move(200, 200);
      const janesId = await userId(john, names.jane);
      let left = 300;
      await phone.mouse.move(left, 300);
      await expectPresence(john, names.jane, 'online');
      const seen = await recordPresence(john);
      // Bob idles as long as her first device: once he is away, it would be too.
      await expect
        .poll(
          async () => {
            await phone.mouse.move(++left, 300);
            return member(john, names.bob).locator('.presence-dot').getAttribute('class');
          },
          { intervals: [200] },
        )
        .toContain('away');
      expect(await seen.changesOf(janesId)).toEqual([]);
      await expectPresence(john, names.jane, 'away');
    });

    test('the device that is used makes one online, though another idles; closing it makes one away', async ({
      jane,
      john,
      newContext,
    }) => {
      await expectPresence(john, names.jane, 'away');
      const storageState = await jane.context().storageState();
      const phone = await (await newContext({ storageState })).newPage();
      await openChat(phone, 'docs');
      await expectPresence(john, names.jane, 'online');
      await phone.close();
      await expectPresence(john, names.jane, 'away');
    });

    test('a reload of an idle tab is a sign of life, and emits nothing offline', async ({ jane, john }) => {
      await expectPresence(john, names.jane, 'away');
      const janesId = await userId(john, names.jane);
      const seen = await recordPresence(john);
      await jane.reload();
      await expectPresence(john, names.jane, 'online');
      expect((await seen.changesOf(janesId)).map(({ to }) => to)).toEqual(['online']);
    });

    test('who asked not to be disturbed is shown so, however long there was no input', async ({ jane, john, bob }) => {
      await setStatus(jane, { mode: 'dnd' });
      await expectPresence(john, names.jane, 'dnd');
      await bob.mouse.move(200, 200);
      await expectPresence(john, names.bob, 'away');
      await expectPresence(john, names.jane, 'dnd');
      await setStatus(jane, {});
      await expectPresence(john, names.jane, 'away');
    });

    test('whoever is away still counts as online', async ({ jane, john }) => {
      await expectPresence(john, names.jane, 'away');
      await expectOnlineCount(john, 2);
      await openPeople(john);
      await expectPersonPresence(john, 'Everyone in Flowra', names.jane, 'away');
      await expect(jane.locator('.composer')).toBeVisible();
    });
  });

  test('a hidden tab alone is not away', async ({ jane, john, bob }) => {
    await expectOnlineCount(john, 3);
    const janesId = await userId(john, names.jane);
    const seen = await recordPresence(john);
    await jane.evaluate(() => {
      Object.defineProperty(document, 'hidden', { get: () => true });
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    });
    await bob.context().close();
    await expectPresence(john, names.bob, 'offline');
    expect(await seen.changesOf(janesId)).toEqual([]);
    await expectPresence(john, names.jane, 'online');
  });
});

test.describe('what one says of oneself', () => {
  test('is seen by others at once, in the list of members and of people, and after a reload', async ({ jane, john }) => {
    const form = await openStatusDialog(jane);
    await expect(field(jane, 'What others see')).toBeFocused();
    await field(jane, 'What others see').fill('At the dentist 🦷');
    await form.getByLabel('Clear after').selectOption('1 hour');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(dialog(jane, dialogTitle)).toBeHidden();
    for (const page of [jane, john]) {
      await expect(statusText(page, names.jane)).toHaveText('At the dentist 🦷');
      await page.reload();
      await expect(statusText(page, names.jane)).toHaveText('At the dentist 🦷');
    }
    await openAccountMenu(jane);
    await expect(ownStatus(accountMenu(jane))).toHaveText(/Online\s*At the dentist 🦷 until/);
    await openPeople(john);
    await expect(john.getByRole('main').locator('.status-text').first()).toHaveText('At the dentist 🦷');
  });

  test('the dialog shows what one says so far, and "Clear" takes it back', async ({ jane, john }) => {
    await setStatus(jane, { text: 'In a meeting' });
    await expect(statusText(john, names.jane)).toHaveText('In a meeting');
    const form = await openStatusDialog(jane);
    await expect(field(jane, 'What others see')).toHaveValue('In a meeting');
    await form.getByRole('button', { name: 'Clear', exact: true }).click();
    await expect(dialog(jane, dialogTitle)).toBeHidden();
    for (const page of [jane, john]) await expect(statusText(page, names.jane)).toHaveCount(0);
  });

  test('ends by itself at its time', async ({ jane, john }) => {
    await setStatus(jane, { text: 'Back in a moment', text_seconds: 5 });
    await expect(statusText(john, names.jane)).toHaveText('Back in a moment');
    for (const page of [jane, john]) await expect(statusText(page, names.jane)).toHaveCount(0);
  });

  test('is the same in one\'s other tab at once', async ({ jane }) => {
    const secondTab = await jane.context().newPage();
    await openSettings(secondTab);
    await setStatus(jane, { text: 'Two tabs' });
    await expect(ownStatus(secondTab.getByRole('main'))).toContainText('Two tabs');
    await openAccountMenu(jane);
    await expect(ownStatus(accountMenu(jane))).toContainText('Two tabs');
  });

  test('said in one tab stands in the settings that are open in another, so that "Save" there does not take it back', async ({
    jane,
  }) => {
    const secondTab = await jane.context().newPage();
    await openSettings(secondTab);
    await setStatus(jane, { text: 'Two tabs' });
    await expect(ownStatus(secondTab.getByRole('main'))).toContainText('Two tabs');
    await expect(field(secondTab, 'What others see')).toHaveValue('Two tabs');
  });

  test('in the settings it can be said, and cleared', async ({ jane, john }) => {
    await openSettings(jane);
    await field(jane, 'What others see').fill('  From the settings  ');
    await jane.getByRole('main').getByRole('button', { name: 'Save' }).click();
    await expect(statusText(john, names.jane)).toHaveText('From the settings');
    await expect(field(jane, 'What others see')).toHaveValue('From the settings');
    await jane.getByRole('main').getByRole('button', { name: 'Clear', exact: true }).click();
    await expect(statusText(john, names.jane)).toHaveCount(0);
    await expect(field(jane, 'What others see')).toHaveValue('');
  });

  test('is text and nothing else', async ({ jane, john }) => {
    await setStatus(jane, { text: '<b>bold</b> &amp; \u05e9\u05dc\u05d5\u05dd' });
    await expect(statusText(john, names.jane)).toHaveText('<b>bold</b> &amp; \u05e9\u05dc\u05d5\u05dd');
    await expect(statusText(john, names.jane).locator('b')).toHaveCount(0);
  });
});

test.describe('last seen', () => {
  test('shown to everyone: who is in the workspace sees it', async ({ jane, john }) => {
    await showLastSeenTo(jane, 'Nobody');
    await showLastSeenTo(jane, 'Everyone in my workspaces');
    await jane.context().close();
    await expectPresence(john, names.jane, 'offline');
    await expect(lastSeen(john, names.jane)).toHaveText('Last seen just now');
  });

  test('shown to friends: a friend sees it, and nobody else', async ({ jane, john, bob }) => {
    await befriend(jane, bob);
    await showLastSeenTo(jane, 'Friends');
    await jane.context().close();
    for (const page of [john, bob]) await expectPresence(page, names.jane, 'offline');
    await expect(lastSeen(bob, names.jane)).toHaveText('Last seen just now');
    await expect(lastSeen(john, names.jane)).toHaveCount(0);
    for (const page of [john, bob]) await page.reload();
    await expect(lastSeen(bob, names.jane)).toHaveText('Last seen just now');
    await expectPresence(john, names.jane, 'offline');
    await expect(lastSeen(john, names.jane)).toHaveCount(0);
  });

  test('shown to nobody: not to a friend either, and the choice survives a reload', async ({ jane, john }) => {
    await befriend(jane, john);
    await showLastSeenTo(jane, 'Nobody');
    await jane.reload();
    await expect(jane.getByRole('radio', { name: 'Nobody' })).toBeChecked();
    await jane.context().close();
    await expectPresence(john, names.jane, 'offline');
    await expect(lastSeen(john, names.jane)).toHaveCount(0);
    await openPeople(john);
    await expect(john.getByRole('main').locator('.person', { hasText: names.jane }).locator('.last-seen')).toHaveCount(0);
  });

  test('who hides it does not see that of others, at once and without a reload, until it is shown again', async ({
    jane,
    john,
    bob,
  }) => {
    await bob.context().close();
    for (const page of [jane, john]) await expect(lastSeen(page, names.bob)).toHaveCount(1);
    const settings = await jane.context().newPage();
    await showLastSeenTo(settings, 'Nobody');
    await expect(lastSeen(jane, names.bob)).toHaveCount(0);
    await expectPresence(jane, names.bob, 'offline');
    await expect(lastSeen(john, names.bob)).toHaveCount(1);
    await showLastSeenTo(settings, 'Everyone in my workspaces');
    await expect(lastSeen(jane, names.bob)).toHaveCount(1);
  });

  test('is kept across a restart of the server', async ({ jane, john, server }) => {
    await jane.context().close();
    await expect(lastSeen(john, names.jane)).toHaveCount(1);
    const when = await lastSeen(john, names.jane).locator('time').getAttribute('datetime');
    await john.goto('about:blank');
    await server.stop();
    await server.start();
    await openChat(john, 'general');
    await expect(lastSeen(john, names.jane).locator('time')).toHaveAttribute('datetime', when ?? '');
  });
});

test.describe('the dots', () => {
  test.use({ settings: { ROLLCALL_PRESENCE__AWAY_AFTER: '2s' } });

  test.describe('taken as pictures', () => {
    // A picture in other colours is one with a style that is not the page's own.
    test.use({ contextOptions: { bypassCSP: true } });

    for (const colorScheme of colorSchemes) {
      test(`${colorScheme}: each status has a shape of its own, whatever the colour`, async ({ jane, john }) => {
        await john.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const dot = member(john, names.jane).locator('.presence-dot');
        const shapes = new Map<Presence, string>();
        const take = async (presence: Presence) => {
          await expectPresence(john, names.jane, presence);
          // All colours are one, and nobody is dimmed: what still differs is the shape.
          const image = await dot.screenshot({
            style: `:root { --green: #000; --amber: #000; --red: #000; --grey: #000; --on-dot: #fff; }
              .member-item * { opacity: 1 !important; background-color: transparent; }
              .member-item, .members { opacity: 1 !important; background: #fff !important; }
              .presence-dot.online, .presence-dot.dnd { background-color: #000 !important; }
              .member-avatar > :not(.presence-dot) { visibility: hidden !important; }`,
          });
          shapes.set(presence, image.toString('base64'));
        };
        await take('away');
        await jane.mouse.move(200, 200);
        await take('online');
        await setStatus(jane, { mode: 'dnd' });
        await take('dnd');
        await setStatus(jane, { mode: 'invisible' });
        await take('offline');
        // Who only reads along is told nothing.
        await openChat(john, 'design');
        await take('unknown');
        expect(new Set(shapes.values()).size).toBe(5);
      });
    }
  });

  test('each says in words what it shows', async ({ jane, john }) => {
    const dot = member(jane, names.john).getByRole('img');
    await expect(dot.last()).toHaveAccessibleName('away');
    await setStatus(john, { mode: 'dnd' });
    await expect(dot.last()).toHaveAccessibleName('do not disturb');
    await setStatus(john, { mode: 'invisible' });
    await expect(dot.last()).toHaveAccessibleName('offline');
  });
});

test.describe('with JavaScript off', () => {
  test('one reads one\'s settings and what others say of themselves', async ({ jane, john, newContext }) => {
    await setStatus(jane, { mode: 'dnd', text: 'Reading' });
    await expectPresence(john, names.jane, 'dnd');
    const storageState = await jane.context().storageState();
    const page = await (await newContext({ javaScriptEnabled: false, storageState })).newPage();
    await page.goto(settingsPath);
    await expect(ownStatus(page.getByRole('main'))).toHaveText(/Do not disturb\s*Reading/);
    await expect(page.getByText('allow JavaScript')).toBeVisible();
    await expect(page.getByRole('main').getByRole('button')).toHaveCount(0);
    await page.goto('/w/flowra/c/general');
    await expectPresence(page, names.jane, 'dnd');
    await expect(statusText(page, names.jane)).toHaveText('Reading');
  });
});

onEachScreen(() => {
  for (const colorScheme of colorSchemes) {
    test(`settings, menu and dialog, ${colorScheme}: axe finds nothing serious, nothing scrolls sideways`, async ({
      jane,
    }) => {
      await jane.emulateMedia({ colorScheme });
      await setStatus(jane, { mode: 'dnd', text: 'Writing the report of the whole year, and then some more of it' });
      await openSettings(jane);
      await expectOwnDot(jane, 'dnd');
      expect(await seriousViolations(jane)).toEqual([]);
      expect(await sidewaysScroll(jane)).toBe(0);
      await openAccountMenu(jane);
      await expect(accountMenu(jane)).toBeInViewport({ ratio: 1 });
      expect(await seriousViolations(jane)).toEqual([]);
      expect(await sidewaysScroll(jane)).toBe(0);
      await jane.keyboard.press('Escape');
      await openStatusDialog(jane);
      await expect(dialog(jane, dialogTitle)).toBeInViewport({ ratio: 1 });
      expect(await seriousViolations(jane)).toEqual([]);
      expect(await sidewaysScroll(jane)).toBe(0);
    });
  }
});
