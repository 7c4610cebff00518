import {
  chatPath,
  chooseFromChatMenu,
  composer,
  dialog,
  expectConnection,
  expectPresence,
  followChatLink,
  member,
  membership,
  message,
  names,
  openChat,
  signIn,
  signOut,
  write,
} from '../support/page';
import { brokenNetwork, expect, test } from '../support/test';

test('a draft is not shown to the next person at the same browser', async ({ jane }) => {
  await composer(jane).fill('between me and me');
  await signOut(jane);
  await signIn(jane, 'bob');
  await openChat(jane, 'general');
  await expect(composer(jane)).toHaveValue('');
});

test('of a chat that one only reads along nothing is claimed about its members', async ({ jane, john }) => {
  await openChat(jane, 'design');
  await followChatLink(john, 'design');
  await expect(membership(john)).toBeVisible();
  await expectPresence(john, names.jane, 'unknown');
});

test('who leaves a chat no longer claims to know who is there, nor to be there', async ({ jane, john }) => {
  await openChat(jane, 'docs');
  await openChat(john, 'docs');
  await expectPresence(john, names.jane, 'online');
  await chooseFromChatMenu(john, 'Leave the chat…');
  await dialog(john, 'Leave the chat?').getByRole('button', { name: 'Leave' }).click();
  await expectPresence(john, names.jane, 'unknown');
  await expect(member(john, names.john)).toHaveCount(0);
});

test('a reader without script is not said to be offline to themselves', async ({ newContext, john }) => {
  const context = await newContext({ javaScriptEnabled: false, storageState: await john.context().storageState() });
  await john.close();
  const page = await context.newPage();
  await page.goto(chatPath('general'));
  await expect(member(page, names.john).locator('.presence-dot')).not.toHaveClass(/offline/);
});

test.describe('with presence switched off', () => {
  test.use({ settings: { ROLLCALL_CHAT__PRESENCE_ENABLED: 'false' }, expectedProblems: brokenNetwork });

  test('after an outage nothing is dimmed, and nothing waits for a connection that is there', async ({
    janeByCable: jane,
    cable,
  }) => {
    cable.cut();
    await expectConnection(jane, 'connecting');
    cable.mend();
    await expectConnection(jane, 'connected');
    await expect(jane.locator('.members')).not.toHaveClass(/stale/);
    await write(jane, 'as if nothing had happened');
    await expect(message(jane, 'as if nothing had happened')).toHaveAttribute('data-state', 'sent');
    await expect(jane.getByText('Waiting for the connection')).toHaveCount(0);
  });
});

test.describe('without a connection', () => {
  test.use({ expectedProblems: brokenNetwork });

  test('a chat that could not be opened is there once the connection is', async ({ janeByCable: jane, cable }) => {
    cable.cut();
    await expectConnection(jane, 'connecting');
    await jane.getByRole('link', { name: 'release-train' }).click();
    await expect(jane.getByRole('heading', { level: 1 })).toContainText('cannot do this');
    cable.mend();
    await expectConnection(jane, 'connected');
    await expect(jane.getByRole('heading', { level: 1, name: 'release-train' })).toBeVisible();
    await expect(composer(jane)).toBeVisible();
  });

  test('leaving the page asks first while a message has not been sent', async ({ janeByCable: jane, cable }) => {
    cable.cut();
    await expectConnection(jane, 'connecting');
    await write(jane, 'do not lose me');
    const asked = jane.waitForEvent('dialog');
    const leaving = jane.close({ runBeforeUnload: true });
    const question = await asked;
    expect(question.type()).toBe('beforeunload');
    await question.dismiss();
    await leaving;
    await expect(message(jane, 'do not lose me')).toBeVisible();
  });
});
