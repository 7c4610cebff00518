import { expect, type Locator, type Page } from '@playwright/test';

/** What opens the list of notifications. Its name tells how many wait. */
export const bell = (page: Page): Locator => page.getByRole('button', { name: /^Notifications/ });

/** The list of notifications, once it is open. */
export const panel = (page: Page): Locator => page.getByRole('dialog', { name: 'Notifications' });

/** Every notification in the list, newest first. */
export const items = (page: Page): Locator => panel(page).getByRole('listitem');

/** The notifications that contain a text. */
export const item = (page: Page, text: string | RegExp): Locator => items(page).filter({ hasText: text });

/** The bell says that this many wait, to the eye and to the ear. */
export async function expectBell(page: Page, unread: number): Promise<void> {
  const name = unread === 0 ? 'Notifications' : `Notifications, ${unread} unread`;
  await expect(bell(page)).toHaveAccessibleName(name);
  const badge = bell(page).locator('.badge');
  if (unread === 0) await expect(badge).toHaveCount(0);
  else await expect(badge).toContainText(String(unread));
}

/** Opens the list, and waits until it is loaded. */
export async function openPanel(page: Page): Promise<void> {
  await bell(page).click();
  await expect(panel(page)).toBeVisible();
  await expect(panel(page).locator('[aria-busy]')).toHaveCount(0);
}

/** Marks this one as read by its own button. */
export async function markRead(notification: Locator): Promise<void> {
  await notification.getByRole('button', { name: /^Mark as read/ }).click();
}

export async function expectUnread(notification: Locator, isUnread = true): Promise<void> {
  await expect(notification).toHaveCount(1);
  await expect(notification.getByText('Unread:')).toHaveCount(isUnread ? 1 : 0);
}

/** One notification that a page has shown outside itself. */
export interface Shown {
  title: string;
  body: string;
  tag: string;
}

declare global {
  interface Window {
    shownNotifications: (Shown & { click: () => void })[];
  }
}

/**
 * Takes the place of the browser's notifications from the next navigation on, in every tab of a
 * browser: nothing pops up, and what would have is recorded.
 */
export async function recordNotifications(
  page: Page,
  permission: NotificationPermission = 'granted',
  answer: NotificationPermission = 'granted',
): Promise<void> {
  await page.context().addInitScript(
    ([permission, answer]) => {
      window.shownNotifications = [];
      class Recorded extends EventTarget {
        static permission = permission;
        static requestPermission(callback?: (permission: NotificationPermission) => void) {
          Recorded.permission = answer;
          callback?.(answer);
          return Promise.resolve(answer);
        }
        onclick: ((event: Event) => void) | null = null;
        constructor(title: string, options: NotificationOptions = {}) {
          super();
          const click = () => {
            const event = new Event('click');
            this.onclick?.(event);
            this.dispatchEvent(event);
          };
          window.shownNotifications.push({ title, body: options.body ?? '', tag: options.tag ?? '', click });
        }
        close() {}
      }
      Object.defineProperty(window, 'Notification', { value: Recorded, configurable: true });
    },
    [permission, answer] as const,
  );
}

/** What was shown outside the page since it was loaded, oldest first. */
export const shown = (page: Page): Promise<Shown[]> =>
  page.evaluate(() =>
    // Names are set apart from the sentence by marks that nobody sees.
    window.shownNotifications.map(({ title, body, tag }) => ({
      title: title.replace(/[\u2066-\u2069]/g, ''),
      body,
      tag,
    })),
  );

/** Clicks on the newest one that was shown. */
export const clickShown = (page: Page): Promise<void> =>
  page.evaluate(() => window.shownNotifications.at(-1)?.click());

/** Puts the page into the background, or brings it back, as far as the page can tell. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
    Object.defineProperty(document, 'visibilityState', {
      value: isHidden ? 'hidden' : 'visible',
      configurable: true,
    });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, isHidden);
}
