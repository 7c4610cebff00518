import { test as base, expect, type BrowserContext, type BrowserContextOptions, type Page } from '@playwright/test';
import { Api } from './api';
import { Cable } from './cable';
import { enter, type Username } from './page';
import { Server, type Settings } from './server';

export { expect };

/**
 * What a browser says of a network or a server that is away. A part of the page that was being fetched then may not
 * have begun to arrive, or have arrived by half.
 */
export const brokenNetwork =
  /WebSocket connection to .* failed|net::ERR_|^TypeError: Failed to fetch\s[^]*__wasm_split|^uncaught: Failed to fetch$|^TypeError: WebAssembly compilation aborted: Network error/;
/** What a browser says of a page or a request that the server refuses. */
export const refusedRequest = /status of 4\d\d/;
/** What a browser says of a page or a request that the server fails at. */
export const failedRequest = /status of 5\d\d/;

interface Options {
  /** The server's settings for these tests. */
  settings: Settings;
  /** Console messages that these tests bring about on purpose. Every other error fails a test. */
  expectedProblems: RegExp | null;
}

interface Fixtures {
  /** The server that this test, and no other, uses. */
  server: Server;
  /** A network to the server that can be broken. */
  cable: Cable;
  /** Opens a browser of its own, whose console is watched. */
  newContext: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** Signs somebody in without a browser. */
  signInApi: (username: Username) => Promise<Api>;
  /** Jane in her own browser, in the chat "general", connected. */
  jane: Page;
  /** Jane, likewise, whose browser reaches the server through the cable only. */
  janeByCable: Page;
  /** John, likewise. */
  john: Page;
  /** Bob, likewise. */
  bob: Page;
}

const somebody =
  (username: Username) =>
  async ({ newContext }: Pick<Fixtures, 'newContext'>, use: (page: Page) => Promise<void>) => {
    const context = await newContext();
    await use(await enter(await context.newPage(), username));
  };

/** Playwright's `test`, with a real server and people who use it. */
export const test = base.extend<Fixtures & Options>({
  settings: [{}, { option: true }],
  expectedProblems: [null, { option: true }],

  server: async ({ settings }, use, testInfo) => {
    const server = await Server.start(settings);
    await use(server);
    await server.dispose();
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('server log', { body: server.log, contentType: 'text/plain' });
    }
  },

  cable: async ({ server }, use) => {
    const cable = await Cable.to(server.port);
    await use(cable);
    await cable.dispose();
  },

  newContext: async ({ browser, contextOptions, server, viewport, expectedProblems }, use) => {
    const contexts: BrowserContext[] = [];
    const problems: string[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ ...contextOptions, viewport, baseURL: server.origin, ...options });
      contexts.push(context);
      context.on('weberror', (error) => problems.push(`uncaught: ${error.error().message}`));
      context.on('console', (message) => {
        const isProblem = message.type() === 'error' || /hydrat|panicked|outside a reactive/i.test(message.text());
        if (isProblem) problems.push(`${message.text()} (${message.page()?.url()})`);
      });
      return context;
    });
    await Promise.all(contexts.map((context) => context.close()));
    const unexpected = problems.filter((problem) => !expectedProblems?.test(problem));
    expect(unexpected, 'problems in the browser console').toEqual([]);
  },

  context: async ({ newContext }, use) => {
    await use(await newContext());
  },

  signInApi: async ({ server }, use) => {
    const apis: Api[] = [];
    await use(async (username) => {
      const api = await Api.signIn(server.origin, username);
      apis.push(api);
      return api;
    });
    await Promise.all(apis.map((api) => api.dispose()));
  },

  jane: somebody('jane'),
  janeByCable: async ({ newContext, cable }, use) => {
    const context = await newContext({ baseURL: cable.origin });
    await use(await enter(await context.newPage(), 'jane'));
  },
  john: somebody('john'),
  bob: somebody('bob'),
});
