import {
  chatPath,
  composer,
  enter,
  expectConnection,
  expectInOrder,
  expectMessageState,
  expectPresence,
  message,
  messages,
  names,
  write,
} from '../support/page';
import { brokenNetwork, expect, test } from '../support/test';

test('a message appears at once, as sent once it is stored, and at the other person', async ({ jane, john }) => {
  await write(jane, 'Good morning');
  await expect(message(jane, 'Good morning')).toBeVisible();
  await expectMessageState(jane, 'Good morning', 'sent');
  await expect(message(john, 'Good morning')).toHaveCount(1);
  await expect(composer(jane)).toHaveValue('');
});

test('a message that is long in being stored says that it is on its way', async ({ jane, john, server }) => {
  server.freeze(true);
  await write(jane, 'Is anybody there?');
  await expect(message(jane, 'Is anybody there?')).toContainText('Sending…');
  await expectMessageState(jane, 'Is anybody there?', 'pending');
  server.freeze(false);
  await expectMessageState(jane, 'Is anybody there?', 'sent');
  await expect(message(jane, 'Is anybody there?')).not.toContainText('Sending…');
  await expect(message(john, 'Is anybody there?')).toHaveCount(1);
});

test('a message that the data cannot take is on its way, and is tried again until it is stored once', async ({
  newContext,
  john,
}) => {
  const context = await newContext();
  let isAway = true;
  let refusals = 0;
  await context.routeWebSocket(/./, (near) => {
    const far = near.connectToServer();
    near.onMessage((sent) => {
      const frame = JSON.parse(String(sent));
      if (!isAway || frame.type !== 'message.send') return far.send(sent);
      refusals += 1;
      const error = { type: 'error', code: 'unavailable', message: 'this could not be stored', client_id: frame.client_id };
      near.send(JSON.stringify(error));
    });
  });
  const jane = await enter(await context.newPage(), 'jane');
  await write(jane, 'Is it stored?');
  await expect.poll(() => refusals).toBeGreaterThan(1);
  await expectMessageState(jane, 'Is it stored?', 'pending');
  await expect(message(jane, 'Is it stored?')).toContainText('Sending…');
  await expectConnection(jane, 'connected');
  await expectPresence(john, names.jane, 'online');
  await expect(message(john, 'Is it stored?')).toHaveCount(0);
  isAway = false;
  await expectMessageState(jane, 'Is it stored?', 'sent');
  await expect(message(john, 'Is it stored?')).toHaveCount(1);
});

test('messages of two people stand in one order on both pages, and after a reload', async ({ jane, john }) => {
  const texts = ['one, by Jane', 'two, by John', 'three, by Jane'];
  for (const [index, text] of texts.entries()) {
    await write(index % 2 === 0 ? jane : john, text);
    for (const page of [jane, john]) await expect(message(page, text)).toHaveCount(1);
  }
  for (const page of [jane, john]) {
    await expectInOrder(page, texts);
    await page.reload();
    await expectInOrder(page, texts);
  }
});

test('Shift+Enter makes a line, Enter sends', async ({ jane, john }) => {
  await composer(jane).fill('first line');
  await composer(jane).press('Shift+Enter');
  await composer(jane).pressSequentially('second line');
  await expect(message(jane, 'first line')).toHaveCount(0);
  await composer(jane).press('Enter');
  await expect(message(john, 'first line')).toContainText('second line');
});

test('the draft survives a reload', async ({ jane }) => {
  await composer(jane).fill('not yet finished');
  await jane.reload();
  await expect(composer(jane)).toHaveValue('not yet finished');
});

test('an empty message and one of spaces only are not sent, and nothing is lost', async ({ jane, john }) => {
  const before = await messages(john).count();
  await composer(jane).press('Enter');
  await write(jane, '   \t ');
  await write(jane, 'then a real one');
  await expect(message(john, 'then a real one')).toHaveCount(1);
  await expect(messages(john)).toHaveCount(before + 1);
});

test('an over-long message is refused with a sentence, and stays in the composer', async ({ jane, john }) => {
  const tooLong = 'x'.repeat(8_001);
  await write(jane, tooLong);
  await expect(jane.getByRole('alert').filter({ hasText: /8[,.  ]?000|too long/i })).toBeVisible();
  await expect(composer(jane)).toHaveValue(tooLong);
  await expect(message(john, tooLong)).toHaveCount(0);
});

test('markup, SQL and odd characters are shown as they were written, and run nowhere', async ({ jane, john }) => {
  const texts = [
    '<img src=x onerror="window.wasRun = true"><script>window.wasRun = true</script>',
    "'); DROP TABLE messages; --",
    '&lt;b&gt; {{ 7 * 7 }} ${7 * 7}',
    'שלום \u202Eright to left\u202C 👩🏽‍🚀 e\u0301',
  ];
  for (const text of texts) {
    await write(jane, text);
    await expect(message(john, text)).toHaveCount(1);
  }
  await john.reload();
  for (const text of texts) await expect(message(john, text)).toHaveCount(1);
  for (const page of [jane, john]) {
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
  }
});

test.describe('when the server is killed', () => {
  test.use({ expectedProblems: brokenNetwork });

  test('what it had acknowledged is still there', async ({ jane, server }) => {
    await write(jane, 'safe on disk');
    await expectMessageState(jane, 'safe on disk', 'sent');
    await server.kill();
    await server.start();
    await jane.goto(chatPath('general'));
    await expect(message(jane, 'safe on disk')).toHaveCount(1);
    await expectConnection(jane, 'connected');
  });
});
