import { seriousViolations, sidewaysScroll } from '../support/audit';
import {
  chatPath,
  composer,
  enter,
  expectConnection,
  expectPresence,
  member,
  message,
  messages,
  names,
  signIn,
} from '../support/page';
import { places } from '../support/pages';
import { colorSchemes } from '../support/screens';
import { brokenNetwork, expect, refusedRequest, test } from '../support/test';

test.describe('every page', () => {
  test.use({ expectedProblems: refusedRequest });

  for (const { name, open } of places) {
    test(`${name}: no console error and no hydration warning`, async ({ page }) => {
      await open(page);
      await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    });

    for (const colorScheme of colorSchemes) {
      test(`${name}, ${colorScheme}: axe finds nothing serious or critical`, async ({ page }) => {
        await page.emulateMedia({ colorScheme });
        await open(page);
        expect(await seriousViolations(page)).toEqual([]);
      });
    }

    test.describe(() => {
      test.use({ viewport: { width: 360, height: 740 } });

      test(`${name}: no horizontal scroll at 360 px`, async ({ page }) => {
        await open(page);
        expect(await sidewaysScroll(page)).toBe(0);
      });
    });
  }

  for (const path of ['/no/such/page', chatPath('no-such-chat'), '/w/no-such-workspace/c/general', chatPath('%FF')]) {
    test(`${path} is a real 404 that says what to do`, async ({ page }) => {
      await enter(page, 'jane');
      const response = await page.goto(path);
      expect(response?.status()).toBe(404);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByRole('main').getByRole('link').first()).toBeVisible();
    });
  }
});

test('what the page is made of comes with Brotli and is kept for ever; the page itself is not kept', async ({ page }) => {
  const kept = new Map<string, Record<string, string>>();
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith('/pkg/')) kept.set(pathname, response.headers());
  });
  await enter(page, 'jane');
  const response = await page.reload();
  expect(response?.headers()).toMatchObject({ 'cache-control': 'no-store', 'content-encoding': 'br' });
  await expectConnection(page, 'connected');
  for (const kind of ['css', 'js', 'wasm']) expect([...kept.keys()].join(' ')).toContain(`.${kind}`);
  for (const [path, headers] of kept) {
    expect(headers, path).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'br',
    });
  }
});

test.describe('at 360 px', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('long words, long lines and long names wrap', async ({ page, signInApi }) => {
    const john = await signInApi('john');
    await john.send('general', 'x'.repeat(500));
    await john.send('general', `https://example.org/${'path/'.repeat(60)}`);
    await enter(page, 'jane');
    await expect(message(page, 'xxx')).toBeVisible();
    expect(await sidewaysScroll(page)).toBe(0);
  });
});

test.describe('while the server is away', () => {
  test.use({ expectedProblems: brokenNetwork });

  for (const colorScheme of colorSchemes) {
    test(`chat, ${colorScheme}: axe finds nothing serious or critical`, async ({ jane, server }) => {
      await jane.emulateMedia({ colorScheme });
      await server.kill();
      await expectConnection(jane, 'connecting');
      expect(await seriousViolations(jane)).toEqual([]);
    });
  }
});

test.describe('with JavaScript off', () => {
  test('one can sign in and read messages, members and their presence', async ({ newContext, john }) => {
    const page = await (await newContext({ javaScriptEnabled: false })).newPage();
    await signIn(page, 'jane');
    await page.waitForURL('**/w/flowra/c/**');
    await page.goto(chatPath('general'));
    await expect(messages(page)).not.toHaveCount(0);
    await expect(member(page, names.john)).toBeVisible();
    await expectPresence(john, names.john, 'online');
    await page.reload();
    await expectPresence(page, names.john, 'online');
    await expectPresence(page, names.bob, 'offline');
  });

  test('one can write, too', async ({ newContext, john }) => {
    const page = await (await newContext({ javaScriptEnabled: false })).newPage();
    await signIn(page, 'jane');
    await page.waitForURL('**/w/flowra/c/**');
    await page.goto(chatPath('general'));
    await composer(page).fill('posted by a plain form');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(message(page, 'posted by a plain form')).toHaveCount(1);
    await expect(message(john, 'posted by a plain form')).toHaveCount(1);
  });

  test('a wrong password is refused with a sentence', async ({ newContext }) => {
    const page = await (await newContext({ javaScriptEnabled: false })).newPage();
    await signIn(page, 'jane', 'not-her-password');
    await expect(page.getByRole('alert')).toHaveText(/\w+ \w+/);
  });
});
