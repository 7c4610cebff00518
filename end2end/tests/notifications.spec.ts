import { seriousViolations, sidewaysScroll } from '../support/audit';
import { bell, expectBell, expectUnread, item, items, markRead, openPanel, panel, setHidden } from '../support/bell';
import {
  chatPath,
  dialog,
  enter,
  expectConnection,
  expectPresence,
  followChatLink,
  message,
  names,
  openChat,
  unreadChatLink,
  write,
} from '../support/page';
import { openRecorded } from '../support/recorders';
import { colorSchemes, onEachScreen } from '../support/screens';
import { brokenNetwork, expect, failedRequest, test } from '../support/test';

/** Where the list is fetched, for a network that fails for it alone. */
const loading = '**/fn/load_notifications*';

/** Messages that name Jane, each with its number. */
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `number ${index} for @jane`);

test.describe('the bell', () => {
  test('rings for a mention; the list says who, where, what and when', async ({ jane, signInApi }) => {
    await expectBell(jane, 0);
    await (await signInApi('john')).send('docs', 'Look at this, @jane, please');
    await expectBell(jane, 1);
    await openPanel(jane);
    await expect(items(jane)).toHaveCount(1);
    const notification = item(jane, 'Look at this, @jane, please');
    await expect(notification).toContainText('John Smith mentioned you in #docs');
    await expect(notification.getByRole('time')).toHaveText(/\w+/);
    await expect(notification.getByRole('time')).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT/);
    await expectUnread(notification);
  });

  test('counts the direct messages of one chat in one notification', async ({ jane, signInApi }) => {
    const [me, john] = [await signInApi('jane'), await signInApi('john')];
    await john.sendDirect([me], 'psst');
    await expectBell(jane, 1);
    await john.sendDirect([me], 'are you there?', 'it is urgent');
    await openPanel(jane);
    await expect(items(jane)).toHaveCount(1);
    await expect(item(jane, 'John Smith')).toContainText('sent 3 messages');
    await expect(item(jane, 'John Smith')).toContainText('it is urgent');
    await expectBell(jane, 1);
  });

  test('rings for a request to be friends, its acceptance, and being added to a chat', async ({
    jane,
    john,
    signInApi,
  }) => {
    const [me, other] = [await signInApi('jane'), await signInApi('john')];
    await other.askFriend('jane');
    await expectBell(jane, 1);
    await openPanel(jane);
    await expect(item(jane, 'John Smith asks to be friends')).toHaveCount(1);
    await me.askFriend('john');
    await expectBell(john, 1);
    await openPanel(john);
    await expect(item(john, 'Jane Doe is now your friend')).toHaveCount(1);
    await me.createPrivateChat('board', 'john');
    await expectBell(john, 2);
    await expect(item(john, /Jane Doe added you to.*board/)).toHaveCount(1);
  });

  test('lists the newest first, also while the list is open', async ({ jane, signInApi }) => {
    const [me, john, bob] = [await signInApi('jane'), await signInApi('john'), await signInApi('bob')];
    await john.sendDirect([me], 'from John');
    await bob.send('docs', 'from Bob for @jane');
    await openPanel(jane);
    await expect(items(jane)).toContainText(['from Bob', 'from John']);
    await bob.askFriend('jane');
    await expect(items(jane)).toContainText(['asks to be friends', 'from Bob', 'from John']);
    await john.sendDirect([me], 'from John again');
    await expect(items(jane)).toContainText(['from John again', 'asks to be friends', 'from Bob']);
    await expect(items(jane)).toHaveCount(3);
  });

  test('does not ring for one\'s own messages, nor for messages without one\'s name', async ({ jane, signInApi }) => {
    await (await signInApi('jane')).send('docs', 'I, @jane, say so');
    await (await signInApi('john')).send('docs', 'nothing for anybody', 'for @bob only');
    await expect(unreadChatLink(jane, 'docs', 2)).toBeVisible();
    await expectBell(jane, 0);
    await openPanel(jane);
    await expect(items(jane)).toHaveCount(0);
  });

  test('shows nothing of a message that was deleted', async ({ jane, john }) => {
    await openChat(jane, 'docs');
    await write(john, 'for @jane, but better not said');
    await expectBell(jane, 1);
    await openPanel(jane);
    await expect(item(jane, 'better not said')).toHaveCount(1);
    await message(john, 'better not said').hover();
    await message(john, 'better not said').getByRole('button', { name: 'Delete the message' }).click();
    await dialog(john, 'Delete the message?').getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(message(john, 'better not said')).toHaveCount(0);
    await jane.keyboard.press('Escape');
    await openPanel(jane);
    await expect(panel(jane)).not.toContainText('better not said');
  });

  test('says what comes here when nothing has come yet', async ({ jane }) => {
    await openPanel(jane);
    await expect(panel(jane)).toContainText(/Nothing yet\..*Mentions/);
    await expect(panel(jane).getByRole('button', { name: 'Mark all as read' })).toHaveCount(0);
    await expect(panel(jane).getByRole('button', { name: 'Show more' })).toHaveCount(0);
  });
});

test.describe('what is chosen', () => {
  test('a mention leads to its chat without loading a page, and is read', async ({ jane, signInApi }) => {
    const sockets = await openRecorded(jane, 'general');
    await (await signInApi('john')).send('docs', 'come here, @jane');
    await expectBell(jane, 1);
    await openPanel(jane);
    await item(jane, 'come here').getByRole('link').click();
    await expect(jane).toHaveURL(new RegExp(`${chatPath('docs')}$`));
    await expect(message(jane, 'come here, @jane')).toHaveCount(1);
    await expect(panel(jane)).toBeHidden();
    await expectBell(jane, 0);
    await expectConnection(jane, 'connected');
    expect(await sockets()).toBe(1);
    await openPanel(jane);
    await expectUnread(item(jane, 'come here'), false);
  });

  test('a direct message leads to its chat without loading a page, and is read', async ({ jane, signInApi }) => {
    const sockets = await openRecorded(jane, 'general');
    await (await signInApi('john')).sendDirect([await signInApi('jane')], 'between us');
    await openPanel(jane);
    await item(jane, 'between us').getByRole('link').click();
    await expect(jane.getByRole('heading', { level: 1, name: names.john })).toBeVisible();
    await expect(message(jane, 'between us')).toHaveCount(1);
    await expectBell(jane, 0);
    expect(await sockets()).toBe(1);
  });

  test('a request to be friends leads to the people without loading a page, and is read', async ({
    jane,
    signInApi,
  }) => {
    const sockets = await openRecorded(jane, 'general');
    await (await signInApi('john')).askFriend('jane');
    await openPanel(jane);
    await item(jane, 'asks to be friends').getByRole('link').click();
    await expect(jane.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
    await expectBell(jane, 0);
    expect(await sockets()).toBe(1);
  });

  test('being added leads to the chat without loading a page, and is read', async ({ jane, john, signInApi }) => {
    await expectConnection(jane, 'connected');
    const sockets = await openRecorded(john, 'general');
    await (await signInApi('jane')).createPrivateChat('board', 'john');
    await openPanel(john);
    await item(john, 'added you to').getByRole('link').click();
    await expect(john.getByRole('heading', { level: 1, name: 'board' })).toBeVisible();
    await expectBell(john, 0);
    expect(await sockets()).toBe(1);
  });

  test('the list can be used by the keyboard alone, and Escape gives the focus back to the bell', async ({
    jane,
    signInApi,
  }) => {
    await (await signInApi('john')).send('docs', 'without a mouse, @jane');
    await expectBell(jane, 1);
    await bell(jane).press('Enter');
    await expect(item(jane, 'without a mouse')).toHaveCount(1);
    await jane.keyboard.press('Escape');
    await expect(panel(jane)).toBeHidden();
    await expect(bell(jane)).toBeFocused();
    await jane.keyboard.press('Enter');
    await expect(item(jane, 'without a mouse')).toHaveCount(1);
    for (let presses = 0; presses < 4; presses++) {
      await jane.keyboard.press('Tab');
      if ((await item(jane, 'without a mouse').getByRole('link').and(jane.locator(':focus')).count()) === 1) break;
    }
    await expect(item(jane, 'without a mouse').getByRole('link')).toBeFocused();
    await jane.keyboard.press('Enter');
    await expect(jane).toHaveURL(new RegExp(`${chatPath('docs')}$`));
    await expect(jane.locator('body :focus')).toHaveCount(1);
  });
});

test.describe('reading', () => {
  test('one is marked, the others stay, and the focus is not lost', async ({ jane, signInApi }) => {
    const john = await signInApi('john');
    await john.send('docs', 'the first for @jane', 'the second for @jane');
    await expectBell(jane, 2);
    await openPanel(jane);
    await markRead(item(jane, 'the first'));
    await expectBell(jane, 1);
    await expectUnread(item(jane, 'the first'), false);
    await expectUnread(item(jane, 'the second'));
    await expect(panel(jane)).toBeVisible();
    await expect(panel(jane).locator(':focus')).toHaveCount(1);
    await expect(jane).toHaveURL(new RegExp(`${chatPath('general')}$`));
    await jane.reload();
    await expectBell(jane, 1);
    await openPanel(jane);
    await expectUnread(item(jane, 'the first'), false);
    await expectUnread(item(jane, 'the second'));
  });

  test('all are marked at once, and the focus is not lost', async ({ jane, signInApi }) => {
    const [me, john] = [await signInApi('jane'), await signInApi('john')];
    await john.send('docs', 'the first for @jane', 'the second for @jane');
    await john.sendDirect([me], 'the third');
    await john.askFriend('jane');
    await expectBell(jane, 4);
    await openPanel(jane);
    await panel(jane).getByRole('button', { name: 'Mark all as read' }).click();
    await expectBell(jane, 0);
    await expect(items(jane)).toHaveCount(4);
    await expect(panel(jane).getByText('Unread:')).toHaveCount(0);
    await expect(panel(jane).getByRole('button', { name: 'Mark all as read' })).toHaveCount(0);
    await expect(panel(jane).locator(':focus').or(panel(jane).and(jane.locator(':focus')))).toHaveCount(1);
    await jane.reload();
    await expectBell(jane, 0);
  });

  test('reading a chat reads its notifications, and only those', async ({ jane, signInApi }) => {
    const [me, john] = [await signInApi('jane'), await signInApi('john')];
    await john.send('docs', 'for @jane', 'for @jane again');
    await john.send('release-train', 'elsewhere for @jane');
    await john.sendDirect([me], 'in private');
    await expectBell(jane, 4);
    await followChatLink(jane, 'docs');
    await expectBell(jane, 2);
    await openPanel(jane);
    await expectUnread(item(jane, /for @jane again/), false);
    await expectUnread(item(jane, 'elsewhere'));
    await expectUnread(item(jane, 'in private'));
  });

  test('a chat that is on the screen does not ring, not even for a moment', async ({ jane, john }) => {
    await expectPresence(jane, names.john, 'online');
    await bell(jane).evaluate((bell) => {
      window.textChanges = [];
      new MutationObserver(() => {
        window.textChanges.push({ text: bell.getAttribute('aria-label') ?? '', at: Date.now() });
      }).observe(bell, { subtree: true, childList: true, characterData: true, attributes: true });
    });
    for (const text of ['@jane, before your eyes', '@jane, and again']) {
      await write(john, text);
      await expect(message(jane, text)).toHaveCount(1);
    }
    await openPanel(jane);
    await expectUnread(item(jane, 'before your eyes'), false);
    await expectUnread(item(jane, 'and again'), false);
    await expectBell(jane, 0);
    expect(await jane.evaluate(() => window.textChanges)).toEqual([]);
  });

  test('a chat on the screen of a hidden page rings, until the page is seen', async ({ jane, john }) => {
    await setHidden(jane, true);
    await write(john, '@jane, while you were away');
    await expectBell(jane, 1);
    await setHidden(jane, false);
    await expectBell(jane, 0);
  });
});

test.describe('an answer in the list', () => {
  test('accepting makes friends, reads the request, and tells the other', async ({ jane, john, signInApi }) => {
    await (await signInApi('john')).askFriend('jane');
    await openPanel(jane);
    await item(jane, 'asks to be friends').getByRole('button', { name: 'Accept' }).click();
    await expectBell(jane, 0);
    await expect(item(jane, 'asks to be friends').getByRole('button')).toHaveCount(0);
    await expect(panel(jane).locator(':focus')).toHaveCount(1);
    await expectBell(john, 1);
    await openPanel(john);
    await expect(item(john, 'Jane Doe is now your friend')).toHaveCount(1);
  });

  test('declining reads the request, and the other is told nothing', async ({ jane, john, signInApi }) => {
    const other = await signInApi('john');
    await other.askFriend('jane');
    await openPanel(jane);
    await item(jane, 'asks to be friends').getByRole('button', { name: 'Decline' }).click();
    await expectBell(jane, 0);
    await expect(panel(jane).getByRole('button', { name: 'Accept' })).toHaveCount(0);
    await (await signInApi('jane')).send('docs', 'something that does ring, @john');
    await expectBell(john, 1);
    await openPanel(john);
    await expect(item(john, 'friend')).toHaveCount(0);
  });

  test('an answer in one tab takes the question from the other', async ({ jane, signInApi }) => {
    const second = await jane.context().newPage();
    await openChat(second, 'docs');
    await (await signInApi('john')).askFriend('jane');
    for (const tab of [jane, second]) await openPanel(tab);
    await expect(item(second, 'asks to be friends').getByRole('button', { name: 'Accept' })).toBeVisible();
    await item(jane, 'asks to be friends').getByRole('button', { name: 'Accept' }).click();
    await expect(panel(second).getByRole('button', { name: 'Accept' })).toHaveCount(0);
    await expectBell(second, 0);
  });
});

test.describe('the other tab and the other browser', () => {
  for (const [where, isSameBrowser] of [
    ['second tab', true],
    ['second browser', false],
  ] as const) {
    test(`a ${where} follows what comes and what is read, in both directions`, async ({
      jane,
      newContext,
      signInApi,
    }) => {
      const context = isSameBrowser ? jane.context() : await newContext();
      const second = await context.newPage();
      if (isSameBrowser) await openChat(second, 'general');
      else await enter(second, 'jane');
      const john = await signInApi('john');
      await john.send('docs', 'the first for @jane', 'the second for @jane', 'the third for @jane');
      for (const page of [jane, second]) {
        await expectBell(page, 3);
        await openPanel(page);
        await expect(items(page)).toHaveCount(3);
      }
      await markRead(item(jane, 'the first'));
      await expectBell(second, 2);
      await expectUnread(item(second, 'the first'), false);
      await markRead(item(second, 'the second'));
      await expectBell(jane, 1);
      await expectUnread(item(jane, 'the second'), false);
      await john.send('docs', 'the fourth for @jane');
      for (const page of [jane, second]) await expectUnread(item(page, 'the fourth'));
      await panel(second).getByRole('button', { name: 'Mark all as read' }).click();
      for (const page of [jane, second]) {
        await expectBell(page, 0);
        await expect(panel(page).getByText('Unread:')).toHaveCount(0);
        await expect(items(page)).toHaveCount(4);
      }
    });
  }
});

test.describe('what lasts', () => {
  test.use({ expectedProblems: brokenNetwork });

  test('a reload shows the same count and the same list, each once', async ({ jane, signInApi }) => {
    const [me, john] = [await signInApi('jane'), await signInApi('john')];
    await john.send('docs', 'the first for @jane');
    await john.sendDirect([me], 'the second', 'the second again');
    await expectBell(jane, 2);
    for (let visit = 0; visit < 2; visit++) {
      await jane.reload();
      await expectConnection(jane, 'connected');
      await expectBell(jane, 2);
      await openPanel(jane);
      await expect(items(jane)).toContainText(['sent 2 messages', 'the first for @jane']);
      await expect(items(jane)).toHaveCount(2);
    }
  });

  test('the server counts: the page shows it before any script has run', async ({ jane, newContext, signInApi }) => {
    await (await signInApi('john')).send('docs', 'for @jane');
    await expectBell(jane, 1);
    const context = await newContext({ storageState: await jane.context().storageState() });
    const response = await context.request.get(chatPath('general'));
    expect(await response.text()).toContain('aria-label="Notifications, 1 unread"');
  });

  for (const isOpen of [false, true]) {
    const list = isOpen ? 'open' : 'closed';
    test(`what comes while the connection is broken is there once, with the list ${list}`, async ({
      janeByCable: jane,
      cable,
      signInApi,
    }) => {
      const [me, john] = [await signInApi('jane'), await signInApi('john')];
      await john.send('docs', 'before the break, @jane');
      await john.sendDirect([me], 'private before');
      await expectBell(jane, 2);
      await openPanel(jane);
      await expect(items(jane)).toHaveCount(2);
      if (!isOpen) await jane.keyboard.press('Escape');
      cable.cut();
      await expectConnection(jane, 'connecting');
      await john.send('docs', 'during the break, @jane');
      await john.sendDirect([me], 'private during');
      cable.mend();
      await expectConnection(jane, 'connected');
      await expectBell(jane, 3);
      if (!isOpen) await openPanel(jane);
      await expect(items(jane)).toContainText(['private during', 'during the break', 'before the break']);
      await expect(items(jane)).toHaveCount(3);
      await john.send('docs', 'after the break, @jane');
      await expectBell(jane, 4);
      await expect(items(jane)).toHaveCount(4);
    });
  }

  test('what is read elsewhere while the connection is broken is read on return', async ({
    janeByCable: jane,
    cable,
    newContext,
    signInApi,
  }) => {
    const elsewhere = await enter(await (await newContext()).newPage(), 'jane');
    await (await signInApi('john')).send('docs', 'the first for @jane', 'the second for @jane');
    await expectBell(jane, 2);
    await openPanel(jane);
    await expect(items(jane)).toHaveCount(2);
    cable.cut();
    await expectConnection(jane, 'connecting');
    await openPanel(elsewhere);
    await markRead(item(elsewhere, 'the first'));
    await expectBell(elsewhere, 1);
    cable.mend();
    await expectConnection(jane, 'connected');
    await expectBell(jane, 1);
    await expectUnread(item(jane, 'the first'), false);
    await expectUnread(item(jane, 'the second'));
  });

  test('the death of the server loses nothing', async ({ jane, server, signInApi }) => {
    await (await signInApi('john')).send('docs', 'the first for @jane', 'the second for @jane');
    await expectBell(jane, 2);
    await server.kill();
    await expectConnection(jane, 'connecting');
    await server.start();
    await expectConnection(jane, 'connected');
    await expectBell(jane, 2);
    await openPanel(jane);
    await expect(items(jane)).toContainText(['the second', 'the first']);
    await expect(items(jane)).toHaveCount(2);
  });
});

test.describe('a long list', () => {
  test('shows thirty, and the others on request, each once and in order', async ({ jane, signInApi }) => {
    const texts = numbered(35);
    await (await signInApi('john')).send('docs', ...texts);
    await expectBell(jane, 35);
    await openPanel(jane);
    await expect(items(jane)).toHaveCount(30);
    await panel(jane).getByRole('button', { name: 'Show more' }).click();
    await expect(items(jane)).toHaveCount(35);
    await expect(items(jane)).toContainText([...texts].reverse());
    await expect(panel(jane).getByRole('button', { name: 'Show more' })).toHaveCount(0);
  });

  test('can be marked as read also when only older ones than those shown are unread', async ({ jane, signInApi }) => {
    const john = await signInApi('john');
    await john.send('docs', 'an old one for @jane');
    await john.send('release-train', ...numbered(30));
    await followChatLink(jane, 'release-train');
    await expectBell(jane, 1);
    await openPanel(jane);
    await expect(items(jane)).toHaveCount(30);
    const markAll = panel(jane).getByRole('button', { name: 'Mark all as read' });
    await expect(markAll).toBeVisible();
    await markAll.click();
    await expectBell(jane, 0);
  });

  test('is marked as read all, also what is not loaded', async ({ jane, signInApi }) => {
    await (await signInApi('john')).send('docs', ...numbered(32));
    await expectBell(jane, 32);
    await openPanel(jane);
    await panel(jane).getByRole('button', { name: 'Mark all as read' }).click();
    await expectBell(jane, 0);
    await panel(jane).getByRole('button', { name: 'Show more' }).click();
    await expect(items(jane)).toHaveCount(32);
    await expect(panel(jane).getByText('Unread:')).toHaveCount(0);
  });
});

test.describe('when the list cannot be loaded', () => {
  test.use({ expectedProblems: new RegExp(`${failedRequest.source}|${brokenNetwork.source}`) });

  test('it says so, and Retry brings it', async ({ jane, signInApi }) => {
    await (await signInApi('john')).send('docs', 'for @jane');
    await expectBell(jane, 1);
    await jane.route(loading, (route) => route.abort());
    await openPanel(jane);
    await expect(panel(jane).getByRole('alert')).toHaveText(/\w+ \w+/);
    await expect(panel(jane)).not.toContainText('Nothing yet');
    await jane.unroute(loading);
    await panel(jane).getByRole('button', { name: 'Retry' }).click();
    await expect(item(jane, 'for @jane')).toHaveCount(1);
    await expect(panel(jane).getByRole('alert')).toHaveCount(0);
  });

  test('opened while the connection is broken it says so, and fills by itself on return', async ({
    janeByCable: jane,
    cable,
    signInApi,
  }) => {
    await (await signInApi('john')).send('docs', 'for @jane');
    await expectBell(jane, 1);
    cable.cut();
    await expectConnection(jane, 'connecting');
    await bell(jane).click();
    await expect(panel(jane).getByRole('alert')).toHaveText(/\w+ \w+/);
    cable.mend();
    await expectConnection(jane, 'connected');
    await expect(item(jane, 'for @jane')).toHaveCount(1);
    await expect(panel(jane).getByRole('alert')).toHaveCount(0);
  });

  test('Retry for the older ones brings the older ones', async ({ jane, signInApi }) => {
    await (await signInApi('john')).send('docs', ...numbered(32));
    await expectBell(jane, 32);
    await openPanel(jane);
    await expect(items(jane)).toHaveCount(30);
    await jane.route(loading, (route) => route.abort());
    await panel(jane).getByRole('button', { name: 'Show more' }).click();
    await expect(panel(jane).getByRole('alert')).toHaveText(/\w+ \w+/);
    await expect(items(jane)).toHaveCount(30);
    await jane.unroute(loading);
    await panel(jane).getByRole('button', { name: 'Retry' }).click();
    await expect(items(jane)).toHaveCount(32);
  });

  test('it says so when marking as read fails, and the notification stays unread', async ({ jane, signInApi }) => {
    await (await signInApi('john')).send('docs', 'for @jane');
    await openPanel(jane);
    await jane.route('**/fn/read_notifications*', (route) => route.abort());
    await markRead(item(jane, 'for @jane'));
    await expect(jane.getByRole('region', { name: 'Notes' })).toContainText(/\w+ \w+/);
    await expectUnread(item(jane, 'for @jane'));
    await expectBell(jane, 1);
  });
});

onEachScreen((width, height) => {
  test('the list of every kind fits, and axe finds nothing serious or critical, light or dark', async ({
    jane,
    signInApi,
  }) => {
    const [me, john, bob] = [await signInApi('jane'), await signInApi('john'), await signInApi('bob')];
    await john.send('docs', `@jane ${'a long word '.repeat(20)}${'x'.repeat(120)}`);
    await john.sendDirect([me], 'between us', 'and more');
    await john.createPrivateChat('board', 'jane');
    await me.askFriend('bob');
    await bob.askFriend('jane');
    await john.askFriend('jane');
    await expectBell(jane, 5);
    await openPanel(jane);
    await expect(items(jane)).toHaveCount(5);
    await markRead(item(jane, 'between us').or(item(jane, 'and more')));
    await expectBell(jane, 4);
    const box = await panel(jane).boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(height);
    expect(await sidewaysScroll(jane)).toBe(0);
    expect(await panel(jane).evaluate((panel) => panel.scrollWidth - panel.clientWidth)).toBe(0);
    for (const colorScheme of colorSchemes) {
      await jane.emulateMedia({ colorScheme });
      expect(await seriousViolations(jane), colorScheme).toEqual([]);
    }
  });

  test('with the empty list axe finds nothing serious or critical, light or dark', async ({ jane }) => {
    await openPanel(jane);
    for (const colorScheme of colorSchemes) {
      await jane.emulateMedia({ colorScheme });
      expect(await seriousViolations(jane), colorScheme).toEqual([]);
    }
  });
});
