import type { Locator, Page } from '@playwright/test';
import { seriousViolations, sidewaysScroll } from '../support/audit';
import {
  chats,
  dialog,
  expectConnection,
  expectOnlineCount,
  expectPresence,
  field,
  member,
  names,
  openChat,
  userId,
} from '../support/page';
import {
  act,
  actAndConfirm,
  ask,
  befriend,
  block,
  expectDeeds,
  expectPersonPresence,
  list,
  openPeople,
  openSettings,
  peoplePath,
  person,
} from '../support/people';
import { recordPresence } from '../support/recorders';
import { colorSchemes, onEachScreen } from '../support/screens';
import { brokenNetwork, expect, refusedRequest, test } from '../support/test';

const everyone = 'Everyone in Flowra';
/** What nobody has done anything about is offered. */
const strangers = ['Message', 'Add friend', 'Block'] as const;

/** Asks somebody through the form. */
async function askByUsername(page: Page, username: string): Promise<void> {
  await field(page, 'Add a friend by username').fill(username);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
}

/** The way to the page of people. */
const peopleLink = (page: Page): Locator => chats(page).locator('.people-link');

test.describe('asking', () => {
  test('who is asked sees it at once, and by accepting both are friends', async ({ jane, john }) => {
    for (const page of [jane, john]) await openPeople(page);
    await act(jane, everyone, 'Add friend', names.john);
    await expect(person(jane, 'Requests', names.john)).toContainText('Has not answered yet');
    await expect(person(jane, everyone, names.john)).toContainText('Asked');
    await expectDeeds(jane, 'Requests', names.john, ['Take back']);
    await expect(person(john, 'Requests', names.jane)).toContainText('Asks to be friends');
    await expectDeeds(john, 'Requests', names.jane, ['Accept', 'Decline', 'Block']);
    await act(john, 'Requests', 'Accept', names.jane);
    for (const [page, other] of [
      [jane, names.john],
      [john, names.jane],
    ] as const) {
      await expectPersonPresence(page, 'Friends', other, 'online');
      await expect(person(page, everyone, other)).toContainText('Friend');
      await expect(list(page, 'Requests')).toHaveCount(0);
    }
  });

  for (const written of ['bob', '@bob', ' @Bob ']) {
    test(`one asks by username, written "${written}", and is told that it was sent`, async ({ jane, bob }) => {
      for (const page of [jane, bob]) await openPeople(page);
      await askByUsername(jane, written);
      await expect(jane.getByRole('status').filter({ hasText: /request to @bob was sent/i })).toBeVisible();
      await expect(field(jane, 'Add a friend by username')).toHaveValue('');
      await expect(person(jane, 'Requests', names.bob)).toHaveCount(1);
      await expect(person(bob, 'Requests', names.jane)).toHaveCount(1);
    });
  }

  test('a request that is declined is gone on both sides, and can be made again', async ({ jane, john }) => {
    for (const page of [jane, john]) await openPeople(page);
    await act(jane, everyone, 'Add friend', names.john);
    await act(john, 'Requests', 'Decline', names.jane);
    for (const page of [jane, john]) await expect(list(page, 'Requests')).toHaveCount(0);
    await expectDeeds(jane, everyone, names.john, strangers);
    await expectDeeds(john, everyone, names.jane, strangers);
    await act(jane, everyone, 'Add friend', names.john);
    await expect(person(john, 'Requests', names.jane)).toHaveCount(1);
  });

  test('a request that is taken back is gone on both sides', async ({ jane, john }) => {
    for (const page of [jane, john]) await openPeople(page);
    await act(jane, everyone, 'Add friend', names.john);
    await expect(person(john, 'Requests', names.jane)).toHaveCount(1);
    await act(jane, 'Requests', 'Take back', names.john);
    for (const page of [jane, john]) await expect(list(page, 'Requests')).toHaveCount(0);
    await expectDeeds(john, everyone, names.jane, strangers);
  });

  test('asking who has asked oneself accepts', async ({ jane, john }) => {
    for (const page of [jane, john]) await openPeople(page);
    await act(jane, everyone, 'Add friend', names.john);
    await expect(person(john, 'Requests', names.jane)).toHaveCount(1);
    await askByUsername(john, 'jane');
    for (const page of [jane, john]) await expect(list(page, 'Requests')).toHaveCount(0);
    await expect(person(jane, 'Friends', names.john)).toHaveCount(1);
    await expect(person(john, 'Friends', names.jane)).toHaveCount(1);
  });

  test('what is done in one tab is seen in the other, and survives a reload', async ({ jane, john }) => {
    const secondTab = await jane.context().newPage();
    for (const page of [jane, secondTab, john]) await openPeople(page);
    await act(john, everyone, 'Add friend', names.jane);
    await act(jane, 'Requests', 'Accept', names.john);
    for (const tab of [secondTab, jane]) {
      await expectPersonPresence(tab, 'Friends', names.john, 'online');
      await expect(list(tab, 'Requests')).toHaveCount(0);
      await tab.reload();
      await expectPersonPresence(tab, 'Friends', names.john, 'online');
      await expect(list(tab, 'Requests')).toHaveCount(0);
    }
  });

  test('with the keyboard alone one accepts, and the focus is not lost', async ({ jane, john }) => {
    for (const page of [jane, john]) await openPeople(page);
    await act(jane, everyone, 'Add friend', names.john);
    await list(john, 'Requests').getByRole('button', { name: `Accept: ${names.jane}` }).press('Enter');
    await expect(person(john, 'Friends', names.jane)).toHaveCount(1);
    await expect(john.locator('body :focus')).toHaveCount(1);
  });
});

test.describe('what cannot be done is refused with a sentence', () => {
  test.use({ expectedProblems: refusedRequest });

  for (const { what, username, sentence } of [
    { what: 'one\'s own username', username: 'jane', sentence: /your own username/ },
    { what: 'an unknown username', username: 'nobody-here', sentence: /nobody with this username/ },
    { what: 'a friend', username: 'john', sentence: /You and John Smith are friends already/ },
    { what: 'somebody whom one has asked', username: 'bob', sentence: /You have asked Bob Wilson already/ },
  ]) {
    test(`asking ${what}, and what was written stays`, async ({ jane, john }) => {
      await befriend(jane, john);
      await ask(jane, 'POST', '/friends', { username: 'bob' });
      await openPeople(jane);
      await askByUsername(jane, username);
      await expect(jane.getByRole('alert')).toHaveText(sentence);
      await expect(field(jane, 'Add a friend by username')).toHaveValue(username);
    });
  }

  test('asking somebody whom one has blocked', async ({ jane, john }) => {
    await block(jane, john);
    await openPeople(jane);
    await askByUsername(jane, 'john');
    await expect(jane.getByRole('alert')).toHaveText(/You have blocked John Smith/);
  });

  test('writing to somebody who has blocked one', async ({ jane, john }) => {
    await block(john, jane);
    await openPeople(jane);
    await act(jane, everyone, 'Message', names.john);
    await expect(person(jane, everyone, names.john).getByRole('alert')).toHaveText(/cannot write to this person/);
    await expect(jane).toHaveURL(peoplePath);
  });
});

test.describe('friends', () => {
  test('removing one is asked about first, and "Cancel" leaves all as it was', async ({ jane, john }) => {
    await befriend(jane, john);
    await openPeople(jane);
    await act(jane, 'Friends', 'Remove', names.john);
    await expect(dialog(jane, 'Remove this friend?')).toContainText(names.john);
    await dialog(jane, 'Remove this friend?').getByRole('button', { name: 'Cancel' }).click();
    await expect(jane.getByRole('dialog')).toBeHidden();
    await expect(person(jane, 'Friends', names.john)).toHaveCount(1);
  });

  test('one who is removed is gone on both sides, and either can ask again', async ({ jane, john }) => {
    await befriend(jane, john);
    for (const page of [jane, john]) await openPeople(page);
    await expect(person(john, 'Friends', names.jane)).toHaveCount(1);
    await actAndConfirm(jane, 'Friends', 'Remove', names.john);
    for (const page of [jane, john]) await expect(list(page, 'Friends').getByRole('listitem')).toHaveCount(0);
    await expectDeeds(jane, everyone, names.john, strangers);
    await expectDeeds(john, everyone, names.jane, strangers);
    await expectPersonPresence(jane, everyone, names.john, 'online');
    await act(john, everyone, 'Add friend', names.jane);
    await expect(person(jane, 'Requests', names.john)).toHaveCount(1);
  });

  test('their presence follows on the page of people, while no chat is on screen', async ({ jane, john }) => {
    await befriend(jane, john);
    for (const page of [jane, john]) await openPeople(page);
    for (const where of ['Friends', everyone] as const) {
      await expectPersonPresence(jane, where, names.john, 'online');
    }
    const context = john.context();
    await john.close();
    for (const where of ['Friends', everyone] as const) {
      await expectPersonPresence(jane, where, names.john, 'offline');
      await expect(person(jane, where, names.john)).toContainText('last seen just now');
    }
    await openSettings(await context.newPage());
    for (const where of ['Friends', everyone] as const) {
      await expectPersonPresence(jane, where, names.john, 'online');
      await expect(person(jane, where, names.john)).not.toContainText('last seen');
    }
  });

  test('in a workspace that they are not in they are listed, their presence follows, and they are not written to', async ({
    jane,
    john,
  }) => {
    await befriend(jane, john);
    await jane.goto('/new');
    await field(jane, 'Name').fill('Elsewhere');
    await jane.getByRole('button', { name: 'Create the workspace' }).click();
    await jane.waitForURL('**/w/elsewhere**');
    await jane.goto('/w/elsewhere/people');
    await expectConnection(jane, 'connected');
    await expectPersonPresence(jane, 'Friends', names.john, 'online');
    await expectDeeds(jane, 'Friends', names.john, ['Remove', 'Block']);
    await expect(jane.getByRole('region', { name: 'Everyone in Elsewhere' }).getByRole('listitem')).toHaveCount(1);
    const context = john.context();
    await john.close();
    await expectPersonPresence(jane, 'Friends', names.john, 'offline');
    await openSettings(await context.newPage());
    await expectPersonPresence(jane, 'Friends', names.john, 'online');
  });

  test.describe('on a network that breaks', () => {
    test.use({ expectedProblems: brokenNetwork });

    test('while it is away the page is marked as the last that is known, and afterwards it is right again', async ({
      janeByCable: jane,
      cable,
      john,
    }) => {
      await befriend(jane, john);
      await openPeople(jane);
      await expectPersonPresence(jane, 'Friends', names.john, 'online');
      cable.cut();
      await expectConnection(jane, 'connecting');
      await expect(jane.getByRole('main').getByText('last known')).toBeVisible();
      await john.context().close();
      cable.mend();
      await expectConnection(jane, 'connected');
      await expectPersonPresence(jane, 'Friends', names.john, 'offline');
      await expect(jane.getByRole('main').getByText('last known')).toHaveCount(0);
    });

    test('after a restart of the server friends are seen online again', async ({ jane, john, server }) => {
      await befriend(jane, john);
      for (const page of [jane, john]) await openPeople(page);
      await server.stop();
      await server.start();
      for (const [page, other] of [
        [jane, names.john],
        [john, names.jane],
      ] as const) {
        await expectConnection(page, 'connected');
        await expectPersonPresence(page, 'Friends', other, 'online');
      }
    });
  });
});

test.describe('blocking', () => {
  test('it is asked about first, ends friendship on both sides, and only who blocks sees it', async ({ jane, john }) => {
    await befriend(jane, john);
    for (const page of [jane, john]) await openPeople(page);
    await actAndConfirm(jane, 'Friends', 'Block', names.john);
    await expectDeeds(jane, 'Blocked', names.john, ['Unblock']);
    await expect(person(jane, everyone, names.john)).toHaveCount(0);
    for (const page of [jane, john]) await expect(list(page, 'Friends').getByRole('listitem')).toHaveCount(0);
    await expect(list(john, 'Blocked')).toHaveCount(0);
    await expectDeeds(john, everyone, names.jane, strangers);
    await jane.reload();
    await expectDeeds(jane, 'Blocked', names.john, ['Unblock']);
  });

  test('after unblocking both see each other again at once, and either can ask', async ({ jane, john }) => {
    await block(jane, john);
    for (const page of [jane, john]) await openPeople(page);
    await act(jane, 'Blocked', 'Unblock', names.john);
    await expect(list(jane, 'Blocked')).toHaveCount(0);
    await expectPersonPresence(jane, everyone, names.john, 'online');
    await expectPersonPresence(john, everyone, names.jane, 'online');
    await act(john, everyone, 'Add friend', names.jane);
    await expect(person(jane, 'Requests', names.john)).toHaveCount(1);
  });

  test('a request can be answered with it, and is gone', async ({ jane, john }) => {
    for (const page of [jane, john]) await openPeople(page);
    await act(john, everyone, 'Add friend', names.jane);
    await actAndConfirm(jane, 'Requests', 'Block', names.john);
    for (const page of [jane, john]) await expect(list(page, 'Requests')).toHaveCount(0);
    await expect(person(jane, 'Blocked', names.john)).toHaveCount(1);
  });

  test('who was blocked can ask, and the other never hears of it', async ({ jane, john, bob }) => {
    await block(jane, john);
    for (const page of [jane, john]) await openPeople(page);
    await act(john, everyone, 'Add friend', names.jane);
    await expect(person(john, 'Requests', names.jane)).toContainText('Has not answered yet');
    await ask(bob, 'POST', '/friends', { username: 'jane' });
    await expect(list(jane, 'Requests').getByRole('listitem')).toHaveCount(1);
    await expect(person(jane, 'Requests', names.bob)).toHaveCount(1);
  });

  test('in a chat that they share the presence of each is unknown to the other, at once and after a reload', async ({
    jane,
    john,
  }) => {
    await expectPresence(jane, names.john, 'online');
    await expectPresence(john, names.jane, 'online');
    await block(jane, john);
    for (const [page, other] of [
      [jane, names.john],
      [john, names.jane],
    ] as const) {
      await expectPresence(page, other, 'unknown');
      await page.reload();
      await expectConnection(page, 'connected');
      await expectPresence(page, other, 'unknown');
      await expect(member(page, other)).not.toContainText(/last seen/i);
    }
  });

  test('on the page of people the presence of who blocks is unknown to the blocked', async ({ jane, john }) => {
    await block(jane, john);
    await openPeople(john);
    await expectPersonPresence(john, everyone, names.jane, 'unknown');
    await expect(person(john, everyone, names.jane)).not.toContainText('last seen');
  });

  for (const [who, by] of [
    ['the blocked', 'jane'],
    ['who blocks', 'john'],
  ] as const) {
    test(`nothing changes for the other when ${who} comes and goes`, async ({ jane, john, bob }) => {
      const [blocker, blocked] = by === 'jane' ? [jane, john] : [john, jane];
      await expectOnlineCount(jane, 3);
      const johnsId = await userId(jane, names.john);
      await block(blocker, blocked);
      await expectOnlineCount(jane, 2);
      const seen = await recordPresence(jane);
      const context = john.context();
      await john.close();
      await bob.close();
      await expectPresence(jane, names.bob, 'offline');
      await openChat(await context.newPage(), 'general');
      await openChat(await bob.context().newPage(), 'general');
      await expectPresence(jane, names.bob, 'online');
      expect(await seen.changesOf(johnsId)).toEqual([]);
      await expect(member(jane, names.john)).not.toContainText(/last seen/i);
    });
  }

  test('neither sees the other type', async ({ jane, john, bob }) => {
    await block(jane, john);
    await expectOnlineCount(jane, 2);
    await jane.getByRole('textbox', { name: 'Message', exact: true }).pressSequentially('hello');
    await jane.keyboard.press('Enter');
    await expect(bob.getByText('hello', { exact: true })).toBeVisible();
    await jane.getByRole('textbox', { name: 'Message', exact: true }).pressSequentially('again');
    await expect(bob.locator('.typing-indicator')).toHaveText(/Jane.* is typing/);
    await bob.getByRole('textbox', { name: 'Message', exact: true }).pressSequentially('and I');
    await expect(john.locator('.typing-indicator')).toHaveText(/^Bob\S* ?\S* is typing…$/);
  });
});

test.describe('finding the way', () => {
  test('the list of chats leads there, and says how many requests wait, without a reload', async ({ jane, john, bob }) => {
    await expect(peopleLink(jane)).toHaveAccessibleName('People');
    await ask(john, 'POST', '/friends', { username: 'jane' });
    await expect(peopleLink(jane)).toHaveAccessibleName(/^People 1 request/);
    await ask(bob, 'POST', '/friends', { username: 'jane' });
    await expect(peopleLink(jane)).toHaveAccessibleName('People 2 requests');
    await jane.reload();
    await expect(peopleLink(jane)).toHaveAccessibleName('People 2 requests');
    await peopleLink(jane).click();
    await expect(jane).toHaveURL(peoplePath);
    await expect(peopleLink(jane)).toHaveAttribute('aria-current', 'page');
    await act(jane, 'Requests', 'Accept', names.john);
    await expect(peopleLink(jane)).toHaveAccessibleName(/^People 1 request/);
    await act(jane, 'Requests', 'Decline', names.bob);
    await expect(peopleLink(jane)).toHaveAccessibleName('People');
  });

  test('one request is called one request', async ({ jane, john }) => {
    await ask(john, 'POST', '/friends', { username: 'jane' });
    await expect(peopleLink(jane)).toHaveAccessibleName('People 1 request');
  });

  test('a request that one has made oneself is not counted', async ({ jane, john }) => {
    await ask(jane, 'POST', '/friends', { username: 'john' });
    await expect(peopleLink(john)).toHaveAccessibleName(/1 request/);
    await expect(peopleLink(jane)).toHaveAccessibleName('People');
  });

  for (const [short, heading] of [
    ['/people', 'People'],
    ['/settings', 'Settings'],
  ] as const) {
    test(`${short} leads to it`, async ({ jane }) => {
      await jane.goto(short);
      await expect(jane).toHaveURL(`/w/flowra${short}`);
      await expect(jane.getByRole('heading', { level: 1 })).toHaveText(heading);
    });
  }

  test('one goes to a chat and back, and everybody is still there', async ({ jane, john }) => {
    await befriend(jane, john);
    await openPeople(jane);
    await chats(jane).getByRole('link', { name: 'general' }).click();
    await expect(jane.getByRole('heading', { level: 1, name: 'general' })).toBeVisible();
    await jane.goBack();
    await expect(jane.getByRole('heading', { level: 1 })).toHaveText('People');
    await expectPersonPresence(jane, 'Friends', names.john, 'online');
    await expect(list(jane, everyone).getByRole('listitem')).toHaveCount(3);
    await expect(jane).toHaveTitle(/People · Rollcall$/);
  });

  test('nothing can be done about oneself', async ({ jane }) => {
    await openPeople(jane);
    await expect(person(jane, everyone, names.jane)).toContainText('(you)');
    await expect(person(jane, everyone, names.jane).getByRole('button')).toHaveCount(0);
  });
});

test('the search narrows friends and everyone while one writes, and says when it finds nobody', async ({
  jane,
  john,
}) => {
  await befriend(jane, john);
  await openPeople(jane);
  const search = jane.getByRole('searchbox', { name: 'Search people' });
  const shown = (where: 'Friends' | typeof everyone) => list(jane, where).getByRole('listitem').locator('bdi').first();
  await search.pressSequentially('smi');
  await expect(list(jane, everyone).getByRole('listitem')).toHaveCount(1);
  await expect(shown(everyone)).toHaveText(names.john);
  await expect(shown('Friends')).toHaveText(names.john);
  await search.fill('BOB');
  await expect(shown(everyone)).toHaveText(names.bob);
  await expect(list(jane, 'Friends').getByRole('listitem')).toHaveCount(0);
  await expect(list(jane, 'Friends')).toContainText('No friend has a name like that.');
  await search.fill('nobody at all');
  await expect(list(jane, everyone)).toContainText('Nobody here has a name like that.');
  await search.fill('');
  await expect(list(jane, everyone).getByRole('listitem')).toHaveCount(3);
  await expect(list(jane, 'Friends').getByRole('listitem')).toHaveCount(1);
});

test('a list that was open as a drawer does not cover the page once the window is wide', async ({ jane }) => {
  await openPeople(jane);
  await jane.setViewportSize({ width: 360, height: 740 });
  await jane.getByRole('button', { name: 'Chats', exact: true }).click();
  await expect(chats(jane)).toBeVisible();
  await jane.setViewportSize({ width: 1_280, height: 800 });
  const search = jane.getByRole('searchbox', { name: 'Search people' });
  await search.click({ timeout: 10_000 });
  await expect(search).toBeFocused();
});

test('a username is found as it is shown, with its @', async ({ jane }) => {
  await openPeople(jane);
  await expect(person(jane, everyone, names.bob)).toContainText('@bob');
  await jane.getByRole('searchbox', { name: 'Search people' }).fill('@bob');
  await expect(list(jane, everyone).getByRole('listitem')).toHaveCount(1);
  await expect(person(jane, everyone, names.bob)).toHaveCount(1);
});

test.describe('with JavaScript off', () => {
  test('one reads who is a friend, who has asked, and who is here', async ({ newContext, jane, john }) => {
    await befriend(jane, john);
    await ask(jane, 'POST', '/friends', { username: 'bob' });
    const storageState = await jane.context().storageState();
    const page = await (await newContext({ javaScriptEnabled: false, storageState })).newPage();
    await page.goto(peoplePath);
    await expectPersonPresence(page, 'Friends', names.john, 'online');
    await expect(person(page, 'Requests', names.bob)).toContainText('Has not answered yet');
    await expectPersonPresence(page, everyone, names.bob, 'offline');
    await expect(list(page, everyone).getByRole('listitem')).toHaveCount(3);
    await expect(page.getByRole('main').getByRole('button')).toHaveCount(0);
    await expect(page.getByRole('searchbox')).toBeHidden();
  });
});

onEachScreen((width) => {
  for (const colorScheme of colorSchemes) {
    test(`people, ${colorScheme}: axe finds nothing serious or critical, and nothing scrolls sideways`, async ({
      jane,
      john,
      bob,
    }) => {
      await befriend(jane, john);
      await ask(bob, 'POST', '/friends', { username: 'jane' });
      await jane.emulateMedia({ colorScheme });
      await openPeople(jane);
      expect(await seriousViolations(jane)).toEqual([]);
      expect(await sidewaysScroll(jane)).toBe(0);
      await actAndConfirm(jane, 'Requests', 'Block', names.bob);
      await act(jane, 'Friends', 'Remove', names.john);
      await expect(dialog(jane, 'Remove this friend?')).toBeInViewport({ ratio: 1 });
      expect(await seriousViolations(jane)).toEqual([]);
      expect(await sidewaysScroll(jane)).toBe(0);
    });
  }

  test('long names and long statuses stay on the page', async ({ jane, john }) => {
    await befriend(jane, john);
    await ask(john, 'PUT', '/me/status', { text: 'W'.repeat(80) });
    await openPeople(jane);
    await expect(person(jane, 'Friends', names.john)).toContainText('WWW');
    expect(await sidewaysScroll(jane)).toBe(0);
    for (const row of await list(jane, 'Friends').getByRole('listitem').all()) {
      const box = await row.boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThanOrEqual(width);
    }
  });
});

test.describe('when what the page is made of cannot be fetched', () => {
  test.use({ expectedProblems: brokenNetwork });
  const part = '**/split_pages.*';

  test('it says so, and comes when it is asked for again', async ({ jane }) => {
    await jane.route(part, (route) => route.abort());
    await openChat(jane, 'general');
    await jane.getByRole('link', { name: /^People/ }).click();
    await expect(jane.getByText('The page could not be loaded.')).toBeVisible();
    await jane.unroute(part);
    await jane.getByRole('link', { name: 'Try again' }).click();
    await expectConnection(jane, 'connected');
    await expect(person(jane, everyone, names.john)).toBeVisible();
  });

  test('it stays as the server has made it, and comes to life as soon as it can', async ({ jane }) => {
    await jane.route(part, (route) => route.abort());
    const failed = jane.waitForEvent('requestfailed');
    await jane.goto(peoplePath);
    await failed;
    await expect(person(jane, everyone, names.john)).toBeVisible();
    await expectConnection(jane, 'connecting');
    await jane.unroute(part);
    await expectConnection(jane, 'connected');
  });
});

test.describe('at an address with a slash too many', () => {
  test.use({ expectedProblems: refusedRequest });

  test('the page comes to life all the same', async ({ jane }) => {
    await jane.goto(`${peoplePath}/`);
    await expectConnection(jane, 'connected');
  });
});
