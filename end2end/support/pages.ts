import type { Page } from '@playwright/test';
import { chatPath, enter, expectConnection } from './page';

/** A page that people see, and how to get there. */
export interface Place {
  name: string;
  open(page: Page): Promise<void>;
}

/** Goes to an address, and waits until the page has come to life. */
async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path, { waitUntil: 'networkidle' });
}

/** Every page that there is. Each can be opened in a fresh browser. */
export const places: readonly Place[] = [
  { name: 'sign-in', open: (page) => visit(page, '/sign-in') },
  { name: 'sign-up', open: (page) => visit(page, '/sign-up') },
  { name: 'not-found', open: (page) => visit(page, '/no/such/page') },
  {
    name: 'chat',
    open: async (page) => {
      await enter(page, 'jane');
      await expectConnection(page, 'connected');
    },
  },
  {
    name: 'chat-not-found',
    open: async (page) => {
      await enter(page, 'jane');
      await visit(page, chatPath('no-such-chat'));
    },
  },
];
