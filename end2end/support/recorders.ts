import type { Locator, Page } from '@playwright/test';
import { openChat } from './page';

/** One change that a page has shown. */
export interface Change {
  /** A user's id, or `count 0` and `count 1` for the two counts of who is online. */
  of: string;
  /** What it was, or nothing when it was not there. */
  from: string | undefined;
  to: string | undefined;
  /** When, in milliseconds since 1970. */
  at: number;
}

/** One attempt to open the WebSocket; times in milliseconds since 1970 by the page's clock. */
export interface Attempt {
  openedAt: number;
  closedAt: number | null;
}

declare global {
  interface Window {
    presenceChanges: Change[];
    places: number[];
    textChanges: { text: string; at: number }[];
    socketAttempts: Attempt[];
  }
}

/** What {@link recordPresence} has recorded. */
export class PresenceRecord {
  constructor(private readonly page: Page) {}

  /** Every change of every dot and count, in order. */
  changes(): Promise<Change[]> {
    return this.page.evaluate(() => window.presenceChanges);
  }

  /** The changes of one user's dot, in order. */
  async changesOf(userId: string): Promise<Change[]> {
    return (await this.changes()).filter((change) => change.of === userId);
  }
}

/**
 * Records every change of a member's presence dot, and of the two counts, from now until the page
 * is left. What a person cannot see, because it is undone before the page is painted, is no change.
 */
export async function recordPresence(page: Page): Promise<PresenceRecord> {
  await page.evaluate(() => {
    const states = ['online', 'away', 'dnd', 'offline', 'unknown'];
    const look = () => {
      const seen = new Map<string, string>();
      for (const item of document.querySelectorAll<HTMLElement>('.member-item[data-user-id]')) {
        const classes = item.querySelector('.presence-dot')?.classList;
        seen.set(item.dataset['userId'] ?? '', states.filter((each) => classes?.contains(each)).join(' '));
      }
      document.querySelectorAll('.online-count').forEach((count, index) => {
        seen.set(`count ${index}`, count.textContent.trim());
      });
      return seen;
    };
    let before = look();
    window.presenceChanges = [];
    new MutationObserver(() => {
      const after = look();
      for (const of of new Set([...before.keys(), ...after.keys()])) {
        const [from, to] = [before.get(of), after.get(of)];
        if (from !== to) window.presenceChanges.push({ of, from, to, at: Date.now() });
      }
      before = after;
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  return new PresenceRecord(page);
}

/** Records every text that an element shows, from now until the page is left. */
export async function recordText(page: Page, selector: string): Promise<() => Promise<Window['textChanges']>> {
  await page.evaluate((selector) => {
    const look = () => document.querySelector(selector)?.textContent.trim() ?? '';
    let before = look();
    window.textChanges = [];
    new MutationObserver(() => {
      const text = look();
      if (text !== before) window.textChanges.push({ text, at: Date.now() });
      before = text;
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, selector);
  return () => page.evaluate(() => window.textChanges);
}

/**
 * Records where on the screen an element stands, in CSS px from the top, with every frame that is
 * painted from now until the page is left. Browsers scroll by whole pixels, so less than one is no change.
 */
export async function recordPlace(element: Locator): Promise<() => Promise<number[]>> {
  await element.evaluate((element) => {
    window.places = [];
    const look = () => {
      const { top } = element.getBoundingClientRect();
      if (Math.abs(top - (window.places.at(-1) ?? Infinity)) >= 1) window.places.push(top);
      requestAnimationFrame(look);
    };
    look();
  });
  return () => element.page().evaluate(() => window.places);
}

/** Records every WebSocket that the pages of this tab open from the next navigation on. */
export async function recordSockets(page: Page): Promise<() => Promise<Attempt[]>> {
  await page.addInitScript(() => {
    window.socketAttempts = [];
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        const attempt: Attempt = { openedAt: Date.now(), closedAt: null };
        window.socketAttempts.push(attempt);
        this.addEventListener('close', () => (attempt.closedAt = Date.now()));
      }
    };
  });
  return () => page.evaluate(() => window.socketAttempts);
}

/** Opens a chat in a page of which every WebSocket is recorded; gives how many there were. */
export async function openRecorded(page: Page, chat: string): Promise<() => Promise<number>> {
  const attempts = await recordSockets(page);
  await openChat(page, chat);
  return async () => (await attempts()).length;
}
