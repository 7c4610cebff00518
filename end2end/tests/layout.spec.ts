import type { Locator, Page } from '@playwright/test';
import { seriousViolations, sidewaysScroll } from '../support/audit';
import { chatLink, chatPath, chats, dialog, expectConnection, member, names, openChat } from '../support/page';
import { colorSchemes } from '../support/screens';
import { expect, test } from '../support/test';

const members = (page: Page): Locator => page.getByRole('complementary', { name: 'Members' });

/** The two lists that are drawers on a narrow screen. */
const drawers = [
  { name: 'Chats', drawer: chats, close: 'Close the list of chats' },
  { name: 'Members', drawer: members, close: 'Close the list of members' },
] as const;

const opener = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });

/** Where an element stands, in CSS px. */
async function box(element: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await element.boundingBox();
  if (box === null) throw new Error('It is not on the page');
  return box;
}

test.describe('at 360 px', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  for (const { name, drawer, close } of drawers) {
    test(`${name}: a drawer that opens, takes the focus, and gives it back on Escape`, async ({ jane }) => {
      await expect(drawer(jane)).toBeHidden();
      await opener(jane, name).click();
      await expect(drawer(jane)).toBeInViewport({ ratio: 1 });
      await expect(drawer(jane).getByRole('button', { name: close })).toBeFocused();
      await jane.keyboard.press('Escape');
      await expect(drawer(jane)).toBeHidden();
      await expect(opener(jane, name)).toBeFocused();
    });

    test(`${name}: the drawer's cross closes it, and so does a press beside it`, async ({ jane }) => {
      await opener(jane, name).click();
      await drawer(jane).getByRole('button', { name: close }).click();
      await expect(drawer(jane)).toBeHidden();
      await expect(opener(jane, name)).toBeFocused();
      await opener(jane, name).click();
      await expect(drawer(jane)).toBeVisible();
      const { x } = await box(drawer(jane));
      await jane.mouse.click(x > 0 ? 5 : 355, 400);
      await expect(drawer(jane)).toBeHidden();
    });

    test(`${name}: the drawer works by the keyboard alone`, async ({ jane }) => {
      await opener(jane, name).press('Enter');
      await expect(drawer(jane)).toBeVisible();
      await expect(drawer(jane).locator(':focus')).toHaveCount(1);
      await jane.keyboard.press('Enter');
      await expect(drawer(jane)).toBeHidden();
      await expect(opener(jane, name)).toBeFocused();
    });

    test(`${name}: with the drawer open nothing scrolls sideways`, async ({ jane }) => {
      await opener(jane, name).click();
      await expect(drawer(jane)).toBeVisible();
      expect(await sidewaysScroll(jane)).toBe(0);
    });

    test(`${name}: with the drawer open axe finds nothing serious or critical, light or dark`, async ({ jane }) => {
      await opener(jane, name).click();
      for (const colorScheme of colorSchemes) {
        await jane.emulateMedia({ colorScheme });
        await expect(drawer(jane)).toBeVisible();
        expect(await seriousViolations(jane), colorScheme).toEqual([]);
      }
    });
  }

  test('a chat that is chosen in the drawer opens, the drawer closes, and the focus is not lost', async ({ jane }) => {
    await opener(jane, 'Chats').click();
    await chatLink(jane, 'docs').click();
    await expect(jane).toHaveURL(chatPath('docs'));
    await expect(jane.getByRole('heading', { level: 1, name: 'docs' })).toBeVisible();
    await expect(chats(jane)).toBeHidden();
    await expect(jane.locator('body :focus')).toHaveCount(1);
  });

  test('Tab goes from the drawer\'s cross to its chats', async ({ jane }) => {
    await opener(jane, 'Chats').press('Enter');
    await jane.keyboard.press('Tab');
    await expect(chatLink(jane, 'design')).toBeFocused();
    await jane.keyboard.press('Tab');
    await jane.keyboard.press('Enter');
    await expect(jane).toHaveURL(chatPath('docs'));
    await expect(chats(jane)).toBeHidden();
  });

  test('a chat can be made from the drawer, and giving up does not lose the focus', async ({ jane }) => {
    await opener(jane, 'Chats').click();
    await chats(jane).getByRole('button', { name: 'Create a chat' }).click();
    await expect(dialog(jane, 'Create a chat')).toBeInViewport({ ratio: 1 });
    await jane.keyboard.press('Escape');
    await expect(dialog(jane, 'Create a chat')).toBeHidden();
    await expect(jane.locator('body :focus')).toHaveCount(1);
  });

  test('one drawer at a time is open', async ({ jane }) => {
    await opener(jane, 'Chats').click();
    await opener(jane, 'Members').evaluate((button: HTMLButtonElement) => button.click());
    await expect(members(jane)).toBeVisible();
    await expect(chats(jane)).toBeHidden();
  });

  test('the drawer of members tells who is here', async ({ jane }) => {
    await opener(jane, 'Members').click();
    await expect(member(jane, names.jane)).toBeInViewport();
    await expect(members(jane).getByText('1 online')).toBeVisible();
  });

  test('the newest message and the composer are on the screen together', async ({ jane }) => {
    await expect(jane.getByRole('article').last()).toBeInViewport({ ratio: 1 });
    await expect(jane.getByRole('textbox', { name: 'Message', exact: true })).toBeInViewport({ ratio: 1 });
  });
});

for (const width of [768, 1_280, 1_920]) {
  test.describe(`at ${width} px`, () => {
    test.use({ viewport: { width, height: 800 } });

    test('chats, messages and members are columns beside each other, and nothing scrolls sideways', async ({ jane }) => {
      const columns = [await box(chats(jane)), await box(jane.getByRole('main')), await box(members(jane))];
      let right = 0;
      for (const { x, width, height } of columns) {
        expect(x).toBeCloseTo(right, 0);
        expect(width).toBeGreaterThan(150);
        expect(height).toBeGreaterThan(600);
        right = x + width;
      }
      expect(right).toBeCloseTo(width, 0);
      for (const { name } of drawers) await expect(opener(jane, name)).toBeHidden();
      expect(await sidewaysScroll(jane)).toBe(0);
    });
  });
}

test('neither Escape nor choosing a chat takes the columns away', async ({ jane }) => {
  await chatLink(jane, 'docs').press('Escape');
  for (const { drawer } of drawers) await expect(drawer(jane)).toBeVisible();
  await chatLink(jane, 'docs').press('Enter');
  await expect(jane).toHaveURL(chatPath('docs'));
  for (const { drawer } of drawers) await expect(drawer(jane)).toBeVisible();
});

test('a window that is made narrow and wide again has its columns back', async ({ jane }) => {
  await jane.setViewportSize({ width: 360, height: 740 });
  for (const { drawer } of drawers) await expect(drawer(jane)).toBeHidden();
  await opener(jane, 'Chats').click();
  await expect(chats(jane)).toBeVisible();
  await jane.setViewportSize({ width: 1_280, height: 800 });
  for (const { drawer } of drawers) await expect(drawer(jane)).toBeVisible();
});

/** Chooses a theme in the account's menu: the page has heard of it, and the browser keeps it. */
async function chooseTheme(page: Page, theme: 'System' | 'Light' | 'Dark'): Promise<void> {
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('radio', { name: theme }).check();
  const chosen = theme.toLowerCase();
  await expect(page.locator('html')).toHaveAttribute('data-theme', chosen);
  const kept = async () => (await page.context().cookies()).find(({ name }) => name === 'theme')?.value;
  await expect.poll(kept).toBe(chosen);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('radio', { name: theme })).toBeHidden();
}

/** Whether the page is drawn light or dark. */
async function expectDrawn(page: Page, theme: 'light' | 'dark'): Promise<void> {
  const lightness = () =>
    page.evaluate(() => {
      const context = document.createElement('canvas').getContext('2d');
      if (context === null) throw new Error('No canvas');
      context.fillStyle = getComputedStyle(document.body).backgroundColor;
      context.fillRect(0, 0, 1, 1);
      return context.getImageData(0, 0, 1, 1).data[1] ?? 0;
    });
  if (theme === 'light') await expect.poll(lightness).toBeGreaterThan(200);
  else await expect.poll(lightness).toBeLessThan(80);
}

for (const [theme, other] of [
  ['Dark', 'light'],
  ['Light', 'dark'],
] as const) {
  const chosen = theme === 'Dark' ? 'dark' : 'light';

  test(`the theme ${theme} holds against the system's, at once, after a reload and in a new tab`, async ({ jane }) => {
    await jane.emulateMedia({ colorScheme: other });
    await expectDrawn(jane, other);
    await chooseTheme(jane, theme);
    await expectDrawn(jane, chosen);
    const response = await jane.reload();
    expect(await response?.text()).toMatch(new RegExp(`<html[^>]* data-theme="${chosen}"`));
    await expectDrawn(jane, chosen);
    await expectConnection(jane, 'connected');
    await expectDrawn(jane, chosen);
    await jane.getByRole('button', { name: /^Account/ }).click();
    await expect(jane.getByRole('radio', { name: theme })).toBeChecked();
    const newTab = await jane.context().newPage();
    await newTab.emulateMedia({ colorScheme: other });
    await openChat(newTab, 'docs');
    await expectDrawn(newTab, chosen);
  });

  test(`the theme ${theme} is there on the sign-in page, too, and without JavaScript`, async ({ jane, newContext }) => {
    await chooseTheme(jane, theme);
    const { cookies } = await jane.context().storageState();
    const options = { javaScriptEnabled: false, colorScheme: other } as const;
    const plain = await (await newContext({ ...options, storageState: { cookies, origins: [] } })).newPage();
    await plain.goto(chatPath('general'));
    await expectDrawn(plain, chosen);
    const signedOut = cookies.filter(({ name }) => name === 'theme');
    const visitor = await (await newContext({ ...options, storageState: { cookies: signedOut, origins: [] } })).newPage();
    await visitor.goto('/sign-in');
    await expectDrawn(visitor, chosen);
  });
}

test('the theme "System" follows the system again, and its changes', async ({ jane }) => {
  await jane.emulateMedia({ colorScheme: 'light' });
  await chooseTheme(jane, 'Dark');
  await expectDrawn(jane, 'dark');
  await chooseTheme(jane, 'System');
  await expectDrawn(jane, 'light');
  await jane.emulateMedia({ colorScheme: 'dark' });
  await expectDrawn(jane, 'dark');
  const response = await jane.reload();
  expect(await response?.text()).not.toMatch(/<html[^>]* data-theme="(light|dark)"/);
  await expectDrawn(jane, 'dark');
  await jane.getByRole('button', { name: /^Account/ }).click();
  await expect(jane.getByRole('radio', { name: 'System' })).toBeChecked();
});
