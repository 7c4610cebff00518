import { expect, type Locator, type Page } from '@playwright/test';
import { demoPassword } from './api';

/** The states of the connection's indicator. */
export type Connection = 'connected' | 'connecting' | 'disconnected';
/** What a presence dot says. */
export type Presence = 'online' | 'away' | 'dnd' | 'offline' | 'unknown';

/** The names by which the demo accounts are shown. */
export const names = { jane: 'Jane Doe', john: 'John Smith', bob: 'Bob Wilson' } as const;
/** The demo accounts. */
export type Username = keyof typeof names;

/** A form's field, by how its label begins; a hint may follow. */
export const field = (page: Page, label: string): Locator => page.getByLabel(new RegExp(`^${label}`));

/** Signs in through the form. */
export async function signIn(page: Page, username: string, password = demoPassword): Promise<void> {
  await page.goto('/sign-in');
  await field(page, 'Username').fill(username);
  await field(page, 'Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Fills in the form for a new account and sends it. The server is to decide, so the browser's own checks step aside. */
export async function signUp(page: Page, username: string, displayName: string, password: string): Promise<void> {
  await page.goto('/sign-up');
  for (const input of await page.locator('form input').all()) {
    await input.evaluate((input: HTMLInputElement) => {
      input.removeAttribute('maxlength');
      input.form?.setAttribute('novalidate', '');
    });
  }
  await field(page, 'Username').fill(username);
  await field(page, 'Name').fill(displayName);
  await field(page, 'Password').fill(password);
  await field(page, 'Password').press('Enter');
}

/** Signs out through the account menu. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByText('Sign out', { exact: true }).click();
}

/** Goes to another chat of the workspace by its link. */
export async function leaveForAnotherChat(page: Page): Promise<void> {
  await page.locator('a[href^="/w/flowra/c/"]:not([href$="/general"])').first().click();
  await page.waitForURL((url) => !url.pathname.endsWith('/general'));
}

/** The address of a chat of the demo workspace. */
export const chatPath = (chat: string): string => `/w/flowra/c/${chat}`;

/** Opens a chat, and waits for its live connection. */
export async function openChat(page: Page, chat: string): Promise<void> {
  await page.goto(chatPath(chat));
  await expectConnection(page, 'connected');
}

/** Signs in and opens the chat where everybody is. */
export async function enter(page: Page, username: Username): Promise<Page> {
  await signIn(page, username);
  await page.waitForURL('**/w/**');
  await openChat(page, 'general');
  return page;
}

/** The connection's indicator. */
export const status = (page: Page): Locator => page.locator('#ws-status');

export async function expectConnection(page: Page, state: Connection): Promise<void> {
  await expect(status(page)).toHaveAttribute('data-state', state);
  await expect(status(page).locator('.status-dot')).toHaveClass(new RegExp(`\\b${state}\\b`));
}

/** What the indicator's tooltip says, once one points at it. */
export async function statusText(page: Page): Promise<Locator> {
  await status(page).hover();
  return page.getByRole('tooltip');
}

/** Somebody's row in the member list. */
export const member = (page: Page, name: string): Locator =>
  page.locator('.member-list > .member-item').filter({ hasText: name });

/** The id of somebody in the member list. */
export async function userId(page: Page, name: string): Promise<string> {
  const id = await member(page, name).getAttribute('data-user-id');
  if (id === null) throw new Error(`${name} has no data-user-id`);
  return id;
}

export async function expectPresence(page: Page, name: string, presence: Presence): Promise<void> {
  await expect(member(page, name).locator('.presence-dot')).toHaveClass(new RegExp(`\\b${presence}\\b`));
}

/** Both counts of who is online: in the header and in the member list. */
export async function expectOnlineCount(page: Page, count: number | '–'): Promise<void> {
  const text = typeof count === 'number' ? new RegExp(`(^|\\D)${count}(\\D|$)`) : count;
  await expect(page.locator('.online-count').filter({ hasText: text })).toHaveCount(2);
}

/** The composer's text box. */
export const composer = (page: Page): Locator => page.getByRole('textbox', { name: 'Message', exact: true });

/** Every message on the page, oldest first. */
export const messages = (page: Page): Locator => page.locator('.message[data-message-id]');

/** The messages that contain a text. */
export const message = (page: Page, text: string): Locator => messages(page).filter({ hasText: text });

/** Writes a message and sends it with the Enter key. */
export async function write(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

export async function expectMessageState(
  page: Page,
  text: string,
  state: 'pending' | 'sent' | 'failed',
): Promise<void> {
  await expect(message(page, text)).toHaveAttribute('data-state', state);
}

/** The page has these messages, each once, in this order; others may stand between them. */
export async function expectInOrder(page: Page, texts: readonly string[]): Promise<void> {
  await expect(messages(page).filter({ hasText: new RegExp(texts.join('|')) })).toContainText([...texts]);
}

/** The line that says who is typing. */
export const typing = (page: Page): Locator => page.locator('.typing-indicator');

export async function expectNobodyTyping(page: Page, timeout = 10_000): Promise<void> {
  await expect(typing(page)).not.toContainText('typing', { timeout });
}

/** The list of chats. */
export const chats = (page: Page): Locator => page.getByRole('navigation', { name: 'Chats' });

/** A chat in that list, read or unread. */
export const chatLink = (page: Page, name: string): Locator =>
  chats(page).getByRole('link', { name: new RegExp(`^(private )?${name}( \\d+\\+? unread)?$`) });

/** A chat in that list, by how many messages are unread in it. */
export const unreadChatLink = (page: Page, name: string, unread: number): Locator =>
  chats(page).getByRole('link', { name: `${name} ${unread} unread`, exact: true });

/** What one could join. */
export const joinableChats = (page: Page): Locator => chats(page).getByRole('heading', { name: 'Browse' });

/** Where the composer would be, for who has not joined. */
export const membership = (page: Page): Locator => page.getByRole('region', { name: 'Membership' });

/** Goes to a chat by its link. */
export async function followChatLink(page: Page, name: string): Promise<void> {
  await chatLink(page, name).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** A dialog, by its heading. */
export const dialog = (page: Page, name: string): Locator => page.getByRole('dialog', { name });

/** Opens a dialog from the chat's menu. */
export async function chooseFromChatMenu(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'Chat menu' }).click();
  await page.getByRole('button', { name: item }).click();
}

/** Has attention drawn to the chat on screen, or no longer, by its menu. */
export async function chooseMute(page: Page, choice: 'Mute' | 'Unmute'): Promise<void> {
  await page.getByRole('button', { name: 'Chat menu' }).click();
  await page.getByRole('button', { name: choice, exact: true }).click();
}
