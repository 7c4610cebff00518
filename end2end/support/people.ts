import { expect, type Locator, type Page } from '@playwright/test';
import { chats, expectConnection, names, userId, type Presence, type Username } from './page';

/** The address of the page of people. */
export const peoplePath = '/w/flowra/people';
/** The address of a person's settings. */
export const settingsPath = '/w/flowra/settings';

/** The lists of the page of people. */
export type List = 'Requests' | 'Friends' | 'Everyone in Flowra' | 'Blocked';
/** What a button beside somebody does. */
export type Deed = 'Message' | 'Add friend' | 'Accept' | 'Decline' | 'Take back' | 'Remove' | 'Block' | 'Unblock';

/** Opens the page of people, and waits for its live connection. */
export async function openPeople(page: Page): Promise<void> {
  await page.goto(peoplePath);
  await expectConnection(page, 'connected');
}

/** Opens the settings, and waits for the live connection. */
export async function openSettings(page: Page): Promise<void> {
  await page.goto(settingsPath);
  await expectConnection(page, 'connected');
}

/** One of the lists. */
export const list = (page: Page, name: List): Locator => page.getByRole('region', { name, exact: true });

/** Somebody in one of the lists. */
export const person = (page: Page, where: List, name: string): Locator =>
  list(page, where).getByRole('listitem').filter({ hasText: name });

/** Does something about somebody, by the button beside them. */
export async function act(page: Page, where: List, deed: Deed, name: string): Promise<void> {
  await list(page, where).getByRole('button', { name: `${deed}: ${name}` }).click();
}

/** Does something that the page asks about first, and says yes. */
export async function actAndConfirm(page: Page, where: List, deed: 'Remove' | 'Block', name: string): Promise<void> {
  await act(page, where, deed, name);
  await page.getByRole('dialog').getByRole('button', { name: deed, exact: true }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
}

/** The buttons beside somebody, by what they do. */
export async function expectDeeds(page: Page, where: List, name: string, deeds: readonly Deed[]): Promise<void> {
  await expect(person(page, where, name).getByRole('button')).toHaveText([...deeds]);
}

/** What the dot beside somebody in one of the lists says. */
export async function expectPersonPresence(
  page: Page,
  where: List,
  name: string,
  presence: Presence,
): Promise<void> {
  await expectDot(person(page, where, name), presence);
}

/** What the one dot within something says. */
export async function expectDot(within: Locator, presence: Presence): Promise<void> {
  await expect(within.locator('.presence-dot')).toHaveClass(`presence-dot ${presence}`);
}

/** Asks the server something as the person whose page it is, without that page's doing. */
export async function ask<Body>(
  page: Page,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  data?: object,
): Promise<Body> {
  const { origin } = new URL(page.url());
  const response = await page.request.fetch(`${origin}/api/v1${path}`, {
    method,
    headers: { Origin: origin },
    ...(data === undefined ? {} : { data }),
  });
  await expect(response, `${method} ${path}`).toBeOK();
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as Body;
}

/** The id of the person whose page it is. */
export async function myId(page: Page): Promise<string> {
  return (await ask<{ user_id: string }>(page, 'GET', '/me')).user_id;
}

/** Makes two people friends. */
export async function befriend(one: Page, another: Page): Promise<void> {
  const { username } = await ask<{ username: string }>(another, 'GET', '/me');
  await ask(one, 'POST', '/friends', { username });
  await ask(another, 'PUT', `/friends/${await myId(one)}`);
}

/** One person blocks another. */
export async function block(by: Page, other: Page): Promise<void> {
  await ask(by, 'PUT', `/blocks/${await myId(other)}`);
}

/** The direct chat of a person, whose page shows the chat of everybody, with others; its address. */
export async function openDirect(page: Page, ...others: readonly Username[]): Promise<string> {
  const user_ids = await Promise.all(others.map((other) => userId(page, names[other])));
  const workspaces = await ask<{ workspace_id: string }[]>(page, 'GET', '/workspaces');
  const chat = await ask<{ slug: string }>(page, 'POST', `/workspaces/${workspaces[0]?.workspace_id}/direct`, {
    user_ids,
  });
  return `/w/flowra/c/${chat.slug}`;
}

/** A direct chat in the list of chats, by who else is in it. */
export const directLink = (page: Page, people: string): Locator =>
  chats(page)
    .getByRole('link')
    .filter({ has: page.locator('.chat-name', { hasText: new RegExp(`^${people}$`) }) });

/** The chat's heading with what stands beside it. */
export const header = (page: Page): Locator => page.getByRole('main').locator('.chat-header');

/** What a person can choose of their status. */
export interface StatusChoice {
  mode?: 'automatic' | 'dnd' | 'invisible';
  mode_seconds?: number;
  text?: string;
  text_seconds?: number;
}

/** Chooses a status as the person whose page it is. */
export async function setStatus(page: Page, choice: StatusChoice): Promise<void> {
  await ask(page, 'PUT', '/me/status', choice);
}

/** The menu of one's account. */
export const accountMenu = (page: Page): Locator => page.locator('#avatar-menu');

/** Opens it. */
export async function openAccountMenu(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account/ }).click();
  await expect(accountMenu(page)).toBeVisible();
}

/** What one's own dot says, on the button of that menu. */
export async function expectOwnDot(page: Page, presence: Presence): Promise<void> {
  await expectDot(page.getByRole('button', { name: /^Account/ }), presence);
}

/** Chooses in the menu how others see one. */
export async function chooseMode(page: Page, mode: 'Online' | 'Do not disturb' | 'Invisible'): Promise<void> {
  await openAccountMenu(page);
  const choice = accountMenu(page).getByRole('button', { name: mode, exact: true });
  await choice.click();
  await expect(choice).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('Escape');
  await expect(accountMenu(page)).toBeHidden();
}
