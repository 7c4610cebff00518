import type { Page } from '@playwright/test';
import {
  enter,
  expectConnection,
  expectOnlineCount,
  expectPresence,
  leaveForAnotherChat,
  member,
  names,
  openChat,
  userId,
} from '../support/page';
import { recordPresence, type PresenceRecord } from '../support/recorders';
import { brokenNetwork, expect, test } from '../support/test';

/** The server's grace, its default, in milliseconds. */
const grace = 3_000;

/**
 * Bob leaves. Once John's page says so, whatever happened before has had its whole grace; and if
 * Bob is the only one who changed, nobody else was ever seen to flicker.
 */
async function expectNoChangeButBobsLeaving(john: Page, bob: Page, seen: PresenceRecord): Promise<void> {
  await bob.context().close();
  await expectPresence(john, names.bob, 'offline');
  await expectOnlineCount(john, 2);
  const bobsId = await userId(john, names.bob);
  const changes = (await seen.changes()).map(({ of, from, to }) => ({ of, from, to }));
  expect(changes.filter(({ of }) => !of.startsWith('count'))).toEqual([{ of: bobsId, from: 'online', to: 'offline' }]);
  expect(changes.filter(({ of }) => of === 'count 0')).toHaveLength(1);
  expect(changes.filter(({ of }) => of === 'count 1')).toHaveLength(1);
}

test('both see each other online', async ({ jane, john }) => {
  for (const page of [jane, john]) {
    await expectPresence(page, names.jane, 'online');
    await expectPresence(page, names.john, 'online');
    await expectPresence(page, names.bob, 'offline');
    await expectOnlineCount(page, 2);
  }
});

test('one closes: offline after the grace, and within grace + 1 s', async ({ jane, john }) => {
  await expectPresence(john, names.jane, 'online');
  const janesId = await userId(john, names.jane);
  const seen = await recordPresence(john);
  const leftAt = Date.now();
  await jane.context().close();
  await expectPresence(john, names.jane, 'offline');
  const [change, ...more] = await seen.changesOf(janesId);
  expect(more).toEqual([]);
  expect((change?.at ?? 0) - leftAt).toBeGreaterThanOrEqual(grace);
  expect((change?.at ?? 0) - leftAt).toBeLessThanOrEqual(grace + 1_000);
  await expectOnlineCount(john, 1);
});

test('two tabs, one closed: still online; the second closed: offline', async ({ jane, john, bob }) => {
  const secondTab = await jane.context().newPage();
  await openChat(secondTab, 'general');
  await expectOnlineCount(john, 3);
  const seen = await recordPresence(john);
  await jane.close();
  await expectNoChangeButBobsLeaving(john, bob, seen);
  await secondTab.close();
  await expectPresence(john, names.jane, 'offline');
});

test('a refresh, ten times: the other person\'s page records no presence change at all', async ({
  jane,
  john,
  bob,
}) => {
  await expectOnlineCount(john, 3);
  const seen = await recordPresence(john);
  for (let refresh = 0; refresh < 10; refresh++) {
    await jane.reload();
    await expectConnection(jane, 'connected');
  }
  await expectNoChangeButBobsLeaving(john, bob, seen);
});

test('a walk through the chats and back: no change seen by others', async ({ jane, john, bob }) => {
  await expectOnlineCount(john, 3);
  const seen = await recordPresence(john);
  await leaveForAnotherChat(jane);
  await jane.goBack();
  await expectConnection(jane, 'connected');
  await expectNoChangeButBobsLeaving(john, bob, seen);
});

test.describe('on a network that breaks', () => {
  test.use({ expectedProblems: brokenNetwork });

  test('network off and on in one tab: no change seen by others', async ({ janeByCable: jane, cable, john, bob }) => {
    await expectOnlineCount(john, 3);
    const seen = await recordPresence(john);
    cable.cut();
    await jane.context().setOffline(true);
    await expectConnection(jane, 'disconnected');
    cable.mend();
    await jane.context().setOffline(false);
    await expectConnection(jane, 'connected');
    await expectNoChangeButBobsLeaving(john, bob, seen);
  });

  test('network off for longer than the grace: offline, and online again on return', async ({
    janeByCable: jane,
    cable,
    john,
  }) => {
    await expectPresence(john, names.jane, 'online');
    const janesId = await userId(john, names.jane);
    const seen = await recordPresence(john);
    cable.cut();
    await expectPresence(john, names.jane, 'offline');
    cable.mend();
    await expectConnection(jane, 'connected');
    await expectPresence(john, names.jane, 'online');
    expect((await seen.changesOf(janesId)).map(({ to }) => to)).toEqual(['offline', 'online']);
  });

  test('a restart of the server: those who come back are seen online again', async ({ jane, john, server }) => {
    await server.stop();
    await server.start();
    for (const page of [jane, john]) {
      await expectConnection(page, 'connected');
      await expectOnlineCount(page, 2);
    }
  });
});

test('a late arrival finds the presence of all, and all find theirs', async ({ jane, john, newContext }) => {
  await expectPresence(jane, names.john, 'online');
  const bob = await enter(await (await newContext()).newPage(), 'bob');
  for (const page of [jane, john, bob]) {
    await expectPresence(page, names.bob, 'online');
    await expectOnlineCount(page, 3);
  }
});

test('the list says who is meant by "you", and when the others were last seen', async ({ jane, john }) => {
  await expect(member(john, names.john)).toContainText('(you)');
  await expect(member(john, names.jane)).not.toContainText('(you)');
  await jane.context().close();
  await expect(member(john, names.jane)).toContainText(/last seen/i);
});
