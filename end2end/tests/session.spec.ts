import {
  expectConnection,
  expectPresence,
  field,
  names,
  openChat,
  signIn,
  signOut,
  signUp,
  statusText,
  userId,
} from '../support/page';
import { recordPresence } from '../support/recorders';
import { expect, refusedRequest, test } from '../support/test';

test('signing in leads to the chat', async ({ page }) => {
  await signIn(page, 'john');
  await page.waitForURL('**/w/flowra/c/**');
  await expectConnection(page, 'connected');
});

test('the demo accounts sign in with one click', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByRole('button', { name: names.bob }).click();
  await page.waitForURL('**/w/flowra/c/**');
  await expectConnection(page, 'connected');
});

test('sign-out is offline at once, without the grace', async ({ jane, john }) => {
  await expectPresence(john, names.jane, 'online');
  const janesId = await userId(john, names.jane);
  const seen = await recordPresence(john);
  const leftAt = Date.now();
  await signOut(jane);
  await expectPresence(john, names.jane, 'offline');
  const [change] = await seen.changesOf(janesId);
  expect((change?.at ?? Infinity) - leftAt).toBeLessThan(1_500);
  await expect(jane).toHaveURL(/\/sign-in/);
});

test.describe('with a session that has ended', () => {
  test.use({ expectedProblems: refusedRequest });

  test('sign-out in one tab ends the session\'s other tabs', async ({ jane }) => {
    const otherTab = await jane.context().newPage();
    await openChat(otherTab, 'general');
    await signOut(jane);
    await expectConnection(otherTab, 'disconnected');
    await expect(await statusText(otherTab)).toHaveText('Signed out - sign in');
    await otherTab.reload();
    await expect(otherTab).toHaveURL(/\/sign-in/);
  });

  test('sign-out in one browser leaves another browser of hers alone', async ({ jane, john, newContext }) => {
    const elsewhere = await (await newContext()).newPage();
    await signIn(elsewhere, 'jane');
    await elsewhere.waitForURL('**/w/**');
    await openChat(elsewhere, 'general');
    const janesId = await userId(john, names.jane);
    const seen = await recordPresence(john);
    await signOut(jane);
    await expect(jane).toHaveURL(/\/sign-in/);
    await openChat(elsewhere, 'general');
    await expectPresence(john, names.jane, 'online');
    expect(await seen.changesOf(janesId)).toEqual([]);
  });
});

test('a visitor who is not signed in is asked to sign in', async ({ page }) => {
  await page.goto('/w/flowra/c/general');
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
});

test.describe('with what cannot be right', () => {
  test.use({ expectedProblems: refusedRequest });

  for (const [what, username, password] of [
    ['a wrong password', 'jane', 'not-her-password'],
    ['an unknown name', 'nobody-of-that-name', 'rollcall-demo'],
    ['SQL for a name', "jane' OR '1'='1", 'rollcall-demo'],
    ['markup for a name', '<script>alert(1)</script>', 'rollcall-demo'],
    ['spaces for a name', '   ', 'rollcall-demo'],
    ['an endless name', 'x'.repeat(5_000), 'rollcall-demo'],
    ['an endless password', 'jane', 'x'.repeat(5_000)],
  ] as const) {
    test(`${what}: the sign-in is refused with a sentence`, async ({ page }) => {
      await signIn(page, username, password);
      await expect(page.getByRole('alert')).toHaveText(/\w+ \w+/);
      await expect(page).not.toHaveURL(/\/w\//);
    });
  }

  for (const [what, username, displayName, password] of [
    ['a name that is taken', 'jane', 'Jane Two', 'long-enough-password'],
    ['a short password', 'newcomer', 'New Comer', 'short'],
    ['a display name of spaces', 'newcomer', '   ', 'long-enough-password'],
    ['a name with odd characters', 'new comer/<b>', 'New Comer', 'long-enough-password'],
    ['an over-long display name', 'newcomer', 'n'.repeat(81), 'long-enough-password'],
  ] as const) {
    test(`${what}: the sign-up is refused with a sentence, and what was typed stays`, async ({ page }) => {
      await signUp(page, username, displayName, password);
      await expect(page.getByRole('alert')).toHaveText(/\w+ \w+/);
      await expect(field(page, 'Username')).toHaveValue(username);
    });
  }

  test('too many wrong passwords in a row are throttled, with a sentence', async ({ page }) => {
    // The wait doubles with each attempt, so that it outgrows any pace of guessing.
    let said = '';
    for (let attempt = 0; attempt < 12 && !/too many/i.test(said); attempt++) {
      await signIn(page, 'jane', `wrong-password-${attempt}`);
      await page.waitForURL(/error=/);
      said = await page.getByRole('alert').innerText();
    }
    expect(said).toMatch(/too many/i);
  });
});

test('a sign-up makes an account that can sign in', async ({ page, newContext }) => {
  await signUp(page, 'newcomer', '<b>New</b> "Comer"', 'long-enough-password');
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-'));
  const elsewhere = await (await newContext()).newPage();
  await signIn(elsewhere, 'newcomer', 'long-enough-password');
  await elsewhere.waitForURL((url) => !url.pathname.startsWith('/sign-'));
});
